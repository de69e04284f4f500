import type { Command } from 'commander'
import { byteRate } from '../byte-size.ts'
import { usageError } from '../exit-codes.ts'
import type { Lifetime } from '../lifetime.ts'
import { addGroupOptions } from '../options.ts'
import { runCommand } from '../run-command.ts'
import type { ShareCommandOptions } from '../share.ts'

const EXAMPLES = `
Examples:
  $ netgroup share film.mp4
  $ netgroup share photos/ notes.txt --relay /dns4/relay.example/tcp/4001/p2p/12D3KooW…
  $ netgroup share film.mp4 --limit-up 2M
  $ netgroup share film.mp4 --group "$LINK"     the same link again, after a pause

The link goes to stdout, everything else to stderr. Whoever has the link can
fetch, and those who fetch give to each other. It runs until Ctrl-C, which is
exit code 0; while it still reads the files it is 130.`

/** `netgroup share FILE…`. */
export function addShareCommand(program: Command, lifetime: Lifetime): void {
  const command = program
    .command('share')
    .description('share files and folders under one link, until Ctrl-C')
    .argument('<file...>', 'files and folders; several are fetched as one folder')
    .option(
      '--group <group>',
      'share in this group: a link, a groupspec or a plain name (default: a new one)'
    )
    .option('--as <name>', 'the name under which it is shared (default: its own)')
    .option('--limit-up <rate>', 'give at most so many bytes per second: 500k, 2M', byteRate)
  addGroupOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((files: string[], options: ShareCommandOptions) =>
      runCommand(lifetime, { json: options.json ?? false }, async run => {
        if (options.group === undefined && (options.password ?? options.passwordFile) !== undefined)
          throw usageError(
            'A new group has no password: whoever has the link can fetch, so keep the link secret'
          )
        const { share } = await import('../share.ts')
        return share(run, files, options)
      })
    )
}
