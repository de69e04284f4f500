import type { Command } from 'commander'
import { byteRate } from '../byte-size.ts'
import type { FetchCommandOptions } from '../fetch.ts'
import type { Lifetime } from '../lifetime.ts'
import { addGroupOptions, seconds } from '../options.ts'
import { runCommand } from '../run-command.ts'

const EXAMPLES = `
Examples:
  $ netgroup fetch "$LINK"
  $ netgroup fetch "$LINK" --output films --limit-down 2M
  $ netgroup fetch "$LINK" --seed             give it to others until Ctrl-C
  $ netgroup fetch "$LINK" --json --timeout 600

The path of what was fetched goes to stdout. What was interrupted, by Ctrl-C, a
full disk or anything else, goes on where it was when the same command is run
again. Exit codes: 3 nobody there and 124 not finished within --timeout, 5 cannot
connect, 6 not what the link stands for, 130 interrupted.`

/** `netgroup fetch LINK`. */
export function addFetchCommand(program: Command, lifetime: Lifetime): void {
  const command = program
    .command('fetch')
    .description('fetch what was shared under a link')
    .argument('<link>', 'what netgroup share printed')
    .option('--output <dir>', 'put it into this folder', '.')
    .option('--overwrite', 'replace other files that stand in its place')
    .option('--seed', 'afterwards give it to others, until Ctrl-C')
    .option('--limit-up <rate>', 'give at most so many bytes per second: 500k, 2M', byteRate)
    .option('--limit-down <rate>', 'fetch at most so many bytes per second', byteRate)
    .option('--timeout <seconds>', 'give up after this long', seconds)
  addGroupOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((link: string, options: FetchCommandOptions) =>
      runCommand(lifetime, { json: options.json ?? false }, async run => {
        const { fetchLink } = await import('../fetch.ts')
        return fetchLink(run, link, options)
      })
    )
}
