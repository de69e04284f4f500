import type { NetGroup } from 'netgroup'
import { CHAT_COMMANDS, type ChatScene, runChatCommand } from './chat-commands.ts'
import { ExitCode, exitCodeOf } from './exit-codes.ts'
import { joinGroup, type Membership, type PostingRow, type SendToRow } from './membership.ts'
import { NamesHeard } from './names-heard.ts'
import type { GroupOptions } from './options.ts'
import { style } from './output.ts'
import { chatValue, shortPeer, shownName, shownValue } from './posted-value.ts'
import type { Run } from './run-command.ts'
import { linesOfStdin } from './stdin-lines.ts'
import { Terminal } from './terminal.ts'

/** How long piped lines wait for somebody to hand them to. */
const WAIT_FOR_NEIGHBOR_MS = 10_000

/** Options of `netgroup chat`. */
export interface ChatOptions extends GroupOptions {
  name?: string
}

/** Chat in a group: on a terminal until Ctrl-C, Ctrl-D or /quit; with piped input until its lines are handed on. */
export async function chat(run: Run, groupText: string, options: ChatOptions): Promise<ExitCode | undefined> {
  const names = new NamesHeard()
  const isInteractive = process.stdin.isTTY === true && process.stdout.isTTY === true && !run.output.json
  const onPost = (row: PostingRow): void => showPost(run, names, row)
  const onSendTo = (row: SendToRow): void => showPrivate(run, names, row)
  const hear = { onPost, onSendTo }
  const presence = isInteractive ? { presence: options.name === undefined ? {} : { name: options.name } } : {}
  await using membership = await joinGroup(run, groupText, {
    ...options,
    ...presence,
    onMember: ({ peerID, presence }) => {
      const name = shownName(presence)
      if (name !== undefined) names.heard(peerID, name)
    },
    ask: isInteractive,
    ...hear
  })
  // Awaited here: the membership ends with this function.
  if (!isInteractive) return await chatPiped(run, membership.group, options.name)
  await chatOnTerminal(run, membership, names, options.name)
  return undefined
}

async function chatPiped(run: Run, group: NetGroup, name: string | undefined): Promise<ExitCode | undefined> {
  let exitCode: ExitCode | undefined
  for await (const line of linesOfStdin(run.signal)) {
    const handedOn = { waitForNeighborMs: WAIT_FOR_NEIGHBOR_MS, signal: run.signal }
    try {
      const messageID = await group.post(chatValue(line, name), handedOn)
      if (run.output.json) run.output.note({ code: 'Cli.Posted', level: 'status', messageID }, messageID)
    } catch (error) {
      // Without the right to post one can still listen, so that is no reason to leave before the input ends.
      if (exitCodeOf(error) !== ExitCode.NOT_AUTHORIZED) throw error
      run.output.error(error)
      exitCode = ExitCode.NOT_AUTHORIZED
    }
  }
  return exitCode
}

async function chatOnTerminal(
  run: Run,
  { group }: Membership,
  names: NamesHeard,
  name: string | undefined
): Promise<void> {
  const terminal = new Terminal({
    input: process.stdin,
    output: process.stdout,
    prompt: '> ',
    onInterrupt: () => run.lifetime.interrupt()
  })
  const close = (): void => terminal.close()
  run.signal.addEventListener('abort', close, { once: true })
  run.output.useWriter((stream, line) => terminal.print(stream, line))
  run.output.note(
    { code: 'Cli.Help', level: 'status' },
    `${Object.keys(CHAT_COMMANDS).join(' ')}, Ctrl-C leaves`
  )
  try {
    for await (const line of terminal.lines()) {
      if (run.signal.aborted || (await typed({ run, group, names, name }, line)) === 'leave') break
    }
  } finally {
    run.signal.removeEventListener('abort', close)
    terminal.close()
  }
}

async function typed(scene: ChatScene, line: string): Promise<'stay' | 'leave'> {
  if (line.trim() === '') return 'stay'
  if (line.startsWith('/') && !line.startsWith('//')) return await runChatCommand(scene, line)
  const { run, group, name } = scene
  try {
    await group.post(chatValue(line.replace(/^\/\//, '/'), name), { signal: run.signal })
    const waiting = 'nobody is here yet: kept for 30 s'
    if (group.neighborCount === 0) run.output.note({ code: 'Cli.Waiting', level: 'status' }, waiting)
  } catch (error) {
    if (!run.signal.aborted) run.output.error(error)
  }
  return 'stay'
}

function showPost(run: Run, names: NamesHeard, row: PostingRow): void {
  const { who, text } = shownFrom(names, row.from, row.message)
  run.output.result(row, `${style('cyan', who + ':', process.stdout)} ${text}`)
}

/** What somebody said with /msg. */
function showPrivate(run: Run, names: NamesHeard, row: SendToRow): void {
  const { who, text } = shownFrom(names, row.sender, row.message)
  run.output.result(row, `${style('magenta', who + ', to you only:', process.stdout)} ${text}`)
}

function shownFrom(names: NamesHeard, peerID: string, message: unknown): { who: string; text: string } {
  const { name, text } = shownValue(message)
  if (name !== undefined) names.heard(peerID, name)
  // The name is a claim and the peer id is proven, so that the id is always there to tell two of one name apart.
  return { who: name === undefined ? shortPeer(peerID) : `${name} (${shortPeer(peerID)})`, text }
}
