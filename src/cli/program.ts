import { readFileSync } from 'node:fs'
import { Command, type CommanderError } from 'commander'
import { addChatCommand } from './commands/chat.ts'
import { addDemoCommand } from './commands/demo.ts'
import { addFetchCommand } from './commands/fetch.ts'
import { addListenCommand } from './commands/listen.ts'
import { addPlayCommand } from './commands/play.ts'
import { addPostCommand } from './commands/post.ts'
import { addPublishCommand } from './commands/publish.ts'
import { addRelayCommand } from './commands/relay.ts'
import { addShareCommand } from './commands/share.ts'
import { addSpecCommand } from './commands/spec.ts'
import { ExitCode } from './exit-codes.ts'
import type { Lifetime } from './lifetime.ts'
import { sanitize } from './sanitize.ts'

const EXAMPLES = `
Examples:
  $ netgroup chat kitchen   chat with all on this network who do the same
  $ netgroup share film.mp4 give a file to whoever has the link that it prints
  $ netgroup demo           see it work, on this machine alone
  $ netgroup help chat      all about one command`

/** The command `netgroup`. Only the command that runs loads the network. */
export function createProgram(lifetime: Lifetime): Command {
  const program = new Command('netgroup')
    .description(
      'Peer groups without servers: chat, post, listen, share files and broadcast streams, on the local network or through relays.'
    )
    .version(readVersion())
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .addHelpText('after', EXAMPLES)
  addChatCommand(program, lifetime)
  addPostCommand(program, lifetime)
  addListenCommand(program, lifetime)
  addShareCommand(program, lifetime)
  addFetchCommand(program, lifetime)
  addPublishCommand(program, lifetime)
  addPlayCommand(program, lifetime)
  addRelayCommand(program, lifetime)
  addSpecCommand(program, lifetime)
  addDemoCommand(program, lifetime)
  return program
}

/** The exit code for what commander threw: help and version are done, everything else is a wrong command line. */
export function exitCodeOfCommander(error: CommanderError): ExitCode {
  return error.exitCode === 0 ? ExitCode.DONE : ExitCode.USAGE
}

function oneLine(text: string): string {
  const line = text.trim().split(/\n+/).map(sanitize).join(' ')
  return `netgroup: ${line.replace(/^error: /, '')}\n`
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
