import type { Command } from 'commander'
import { deadline } from '../deadline.ts'
import { CommandError, ExitCode } from '../exit-codes.ts'
import { aborted, type Lifetime } from '../lifetime.ts'
import type { PostingRow } from '../membership.ts'
import { addGroupOptions, GROUP_HELP, type GroupOptions, positiveInteger, seconds } from '../options.ts'
import { shownValue } from '../posted-value.ts'
import { type Run, runCommand } from '../run-command.ts'
import { sanitize } from '../sanitize.ts'

interface ListenCommandOptions extends GroupOptions {
  count?: number
  from?: string
  timeout?: number
}

const EXAMPLES = `
Examples:
  $ netgroup listen builds
  $ netgroup listen builds --count 1 --timeout 60
  $ netgroup listen builds --json | jq -r .message

Posts go to stdout, one a line: who and what; neighbors and the rest to stderr.
Ctrl-C ends it with exit code 0, --timeout with 124.`

/** `netgroup listen GROUP`: for scripts. */
export function addListenCommand(program: Command, lifetime: Lifetime): void {
  const command = program
    .command('listen')
    .description('print what is posted in a group')
    .argument('<group>', GROUP_HELP)
    .option('--count <n>', 'end after this many posts', positiveInteger)
    .option('--from <peer>', 'only posts of this peer id')
    .option('--timeout <seconds>', 'end after this long', seconds)
  addGroupOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((group: string, options: ListenCommandOptions) => {
      const how = { json: options.json ?? false, whenInterrupted: ExitCode.DONE }
      return runCommand(lifetime, how, run => listen(run, group, options))
    })
}

async function listen(run: Run, groupText: string, options: ListenCommandOptions): Promise<undefined> {
  if (options.from !== undefined) (await import('../peer-address.ts')).requirePeerID('--from', options.from)
  const { joinGroup } = await import('../membership.ts')
  const limit = deadline(run.signal, options.timeout)
  let stop = (): void => {}
  const enough = new Promise<void>(resolve => {
    stop = resolve
  })
  let heard = 0
  const onPost = (row: PostingRow): void => {
    if (heard === options.count || (options.from !== undefined && row.from !== options.from)) return
    run.output.result(row, oneLine(row))
    heard++
    if (heard === options.count) stop()
  }
  await using _membership = await joinGroup(run, groupText, { ...options, onPost })
  await Promise.race([enough, aborted(limit.signal)])
  limit.clear()
  if (limit.isOver && heard !== options.count) {
    const text = `Timeout after ${options.timeout} s: ${heard} of ${options.count ?? 'any number of'} posts heard`
    throw new CommandError(ExitCode.TIMEOUT, 'TIMEOUT', text)
  }
  return undefined
}

/** A post is one line, whatever it contains, so that scripts can count on it. */
function oneLine(row: PostingRow): string {
  const { name, text } = shownValue(row.message, sanitize)
  return `${row.from} ${name === undefined ? '' : name + ': '}${text}`
}
