import type { Command } from 'commander'
import type { Lifetime } from '../lifetime.ts'
import { addSpecDiffCommand } from './spec-diff.ts'
import { addSpecGrantCommand } from './spec-grant.ts'
import { addSpecInspectCommand } from './spec-inspect.ts'
import { addSpecNewCommand } from './spec-new.ts'

const EXAMPLES = `
Examples:
  $ netgroup spec new news --posting --posting-password -
  $ netgroup spec inspect "$SPEC"
  $ netgroup spec diff "$SPEC" "$OTHER"
  $ netgroup spec grant "$SPEC" 12D3KooW… --expires 30`

/** `netgroup spec …`: make, read and compare groupspecs, give rights. Nothing of it touches the network. */
export function addSpecCommand(program: Command, lifetime: Lifetime): void {
  const spec = program
    .command('spec')
    .description('make, read and compare groupspecs; give rights')
    .addHelpText('after', EXAMPLES)
  addSpecNewCommand(spec, lifetime)
  addSpecInspectCommand(spec, lifetime)
  addSpecDiffCommand(spec, lifetime)
  addSpecGrantCommand(spec, lifetime)
}
