import type { Command } from 'commander'
import { ExitCode } from '../exit-codes.ts'
import type { Lifetime } from '../lifetime.ts'
import { addPasswordOptions } from '../options.ts'
import { givenPassword, type PasswordOptions } from '../password.ts'
import { type Run, runCommand } from '../run-command.ts'

type SpecDiffOptions = PasswordOptions & { json?: boolean }

const EXAMPLES = `
Example:
  $ netgroup spec diff kitchen "G:An8…" --password "correct horse"

Each side is a groupspec, a link, or a plain name (the password belongs to
plain names). Exit codes: 0 the same group, 1 different ones.`

/** `netgroup spec diff A B`. */
export function addSpecDiffCommand(spec: Command, lifetime: Lifetime): void {
  const command = spec
    .command('diff')
    .description('say why two groupspecs are not the same group')
    .argument('<a>', 'a groupspec, a link, or a plain name')
    .argument('<b>', 'another one')
    .option('--json', 'one JSON object')
  addPasswordOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((a: string, b: string, options: SpecDiffOptions) =>
      runCommand(lifetime, { json: options.json ?? false }, run => diff(run, [a, b], options))
    )
}

async function diff(run: Run, texts: [string, string], options: SpecDiffOptions): Promise<ExitCode> {
  const { applyPassword, kindOfGroup, parseGroup } = await import('../group-argument.ts')
  const { differences } = await import('../groupspec-words.ts')
  const password = await givenPassword(options, run.signal)
  const describe = async (text: string): Promise<ReturnType<ReturnType<typeof parseGroup>['describe']>> => {
    const spec = parseGroup(text)
    if (password !== undefined && kindOfGroup(text) === 'name') await applyPassword(spec, 'name', password)
    return spec.describe()
  }
  const [a, b] = [await describe(texts[0]), await describe(texts[1])]
  const reasons = differences(a, b)
  const same = reasons.length === 0
  const row = { code: 'Cli.Diff', level: 'status', same, reasons, groupIDs: [a.groupID, b.groupID] } as const
  run.output.result(row, same ? `the same group ${a.groupID}` : reasons.join('\n'))
  return same ? ExitCode.DONE : ExitCode.FAILED
}
