import type { Command } from 'commander'
import type { Lifetime } from '../lifetime.ts'
import { runCommand } from '../run-command.ts'

const EXAMPLES = `
Example:
  $ npx netgroup demo

It starts a relay and peers as processes of their own, shows a group on the
local network, one through the relay, and one with a password, and ends by
itself within a minute. Exit code 1 when anything of it did not happen.`

/** `netgroup demo`: the whole system on this machine. */
export function addDemoCommand(program: Command, lifetime: Lifetime): void {
  program
    .command('demo')
    .description('see everything work, on this machine alone, in less than a minute')
    .option('--json', 'one JSON object per line')
    .addHelpText('after', EXAMPLES)
    .action((options: { json?: boolean }) =>
      runCommand(lifetime, { json: options.json ?? false }, async run => {
        const { demo } = await import('../demo/demo.ts')
        return demo(run)
      })
    )
}
