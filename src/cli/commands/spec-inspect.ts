import type { Command } from 'commander'
import type { Lifetime } from '../lifetime.ts'
import { type Run, runCommand } from '../run-command.ts'

const EXAMPLES = `
Example:
  $ netgroup spec inspect "G:An8…"

Relays, bootstrap peers and multicast addresses are hints of whoever passed on
the text; they are no part of the group's identity.`

/** `netgroup spec inspect SPEC`. */
export function addSpecInspectCommand(spec: Command, lifetime: Lifetime): void {
  spec
    .command('inspect')
    .description('say in words what a groupspec says')
    .argument('<spec>', 'a groupspec, a link, or a plain name')
    .option('--json', 'one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((text: string, options: { json?: boolean }) =>
      runCommand(lifetime, { json: options.json ?? false }, run => inspect(run, text))
    )
}

async function inspect({ output }: Run, text: string): Promise<undefined> {
  const { parseGroup } = await import('../group-argument.ts')
  const { describeInWords } = await import('../groupspec-words.ts')
  const spec = parseGroup(text)
  const about = spec.describe()
  const row = { code: 'Cli.Groupspec', level: 'status', groupspec: spec.toString(), ...about } as const
  output.result(row, describeInWords(about))
  if (about.rights.some(right => right.kind === 'authorization')) {
    const warning = 'This text carries rights: whoever gets it can use them and pass them on.'
    output.warn({ code: 'Cli.CarriesRights', level: 'warning' }, warning)
  }
  return undefined
}
