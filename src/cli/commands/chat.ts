import type { Command } from 'commander'
import type { ChatOptions } from '../chat.ts'
import { ExitCode, usageError } from '../exit-codes.ts'
import type { Lifetime } from '../lifetime.ts'
import { addGroupOptions, GROUP_HELP } from '../options.ts'
import { runCommand } from '../run-command.ts'

const EXAMPLES = `
Examples:
  $ netgroup chat kitchen
  $ netgroup chat kitchen --password "correct horse" --name ada
  $ netgroup chat kitchen --relay /dns4/relay.example/tcp/4001/p2p/12D3KooW…
  $ echo "dinner is ready" | netgroup chat kitchen

Everybody who uses the same name and password is in the same group. In the
chat, /help lists the commands; Ctrl-C leaves. With piped input it posts the
lines, waits until they are handed on, and ends.`

/** `netgroup chat GROUP`. */
export function addChatCommand(program: Command, lifetime: Lifetime): void {
  const command = program
    .command('chat')
    .description('chat in a group: on the local network, or through relays')
    .argument('<group>', GROUP_HELP)
    .option('--name <text>', 'the name that others see beside what you post')
  addGroupOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((group: string, options: ChatOptions) => {
      const how = { json: options.json ?? false, whenInterrupted: ExitCode.DONE }
      return runCommand(lifetime, how, async run => {
        if (options.name?.trim() === '') throw usageError('--name is empty')
        const { chat } = await import('../chat.ts')
        return chat(run, group, options)
      })
    })
}
