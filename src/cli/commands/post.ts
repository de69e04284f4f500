import type { Command } from 'commander'
import { deadline } from '../deadline.ts'
import { CommandError, ExitCode, usageError } from '../exit-codes.ts'
import type { Lifetime } from '../lifetime.ts'
import { addGroupOptions, GROUP_HELP, type GroupOptions, seconds } from '../options.ts'
import { type Run, runCommand } from '../run-command.ts'
import { linesOfStdin } from '../stdin-lines.ts'

const DEFAULT_WAIT_S = 10

interface PostCommandOptions extends GroupOptions {
  wait: number
  timeout?: number
}

const EXAMPLES = `
Examples:
  $ netgroup post builds "build 214 is green"
  $ tail -f build.log | netgroup post builds -
  $ netgroup post "$LINK" hello --password-file ~/.builds-password

The id of each post goes to stdout when a neighbor has it. Exit codes: 3 nobody
there, 4 not authorized or wrong password, 5 cannot connect, 124 timeout.`

/** `netgroup post GROUP [TEXT|-]`: for scripts. */
export function addPostCommand(program: Command, lifetime: Lifetime): void {
  const command = program
    .command('post')
    .description('post a text, or each line of standard input, to everyone in a group')
    .argument('<group>', GROUP_HELP)
    .argument('[text]', 'what to post; - or nothing: each line of standard input', '-')
    .option('--wait <seconds>', 'how long to wait for a first neighbor', seconds, DEFAULT_WAIT_S)
    .option('--timeout <seconds>', 'give up after this long, whatever is still to post', seconds)
  addGroupOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((group: string, text: string, options: PostCommandOptions) =>
      runCommand(lifetime, { json: options.json ?? false }, run => post(run, group, text, options))
    )
}

async function post(
  run: Run,
  groupText: string,
  text: string,
  options: PostCommandOptions
): Promise<undefined> {
  if (text === '-' && process.stdin.isTTY === true)
    throw usageError('Nothing to post: give a TEXT, or pipe lines in')
  const limit = deadline(run.signal, options.timeout)
  try {
    const lines = text === '-' ? linesOfStdin(limit.signal) : [text]
    await postAll({ ...run, signal: limit.signal }, groupText, lines, options)
  } catch (error) {
    if (!limit.isOver) throw error
    throw new CommandError(ExitCode.TIMEOUT, 'TIMEOUT', `Gave up after ${options.timeout} s (--timeout)`)
  } finally {
    limit.clear()
  }
  return undefined
}

async function postAll(
  run: Run,
  groupText: string,
  lines: Iterable<string> | AsyncIterable<string>,
  options: PostCommandOptions
): Promise<void> {
  const { joinGroup } = await import('../membership.ts')
  await using membership = await joinGroup(run, groupText, { ...options, ask: true })
  if (!membership.group.can('posting')) throw notAuthorized()
  for await (const line of lines) {
    const messageID = await membership.group.post(line, {
      waitForNeighborMs: options.wait * 1000,
      signal: run.signal
    })
    run.output.result({ code: 'Cli.Posted', level: 'status', messageID, message: line }, messageID)
  }
  run.signal.throwIfAborted()
}

function notAuthorized(): CommandError {
  const text = 'Not authorized to post: this group needs its password, or a grant for this identity'
  return new CommandError(ExitCode.NOT_AUTHORIZED, 'NOT_AUTHORIZED', text)
}
