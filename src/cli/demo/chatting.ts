import type { ChildPeer, ChildRow } from './child-peer.ts'
import type { Stage } from './stage.ts'

/** Starting Node processes on a small, busy machine takes its time; nothing here waits longer than this. */
export const PATIENCE_MS = 15_000

/** Lines that each peer posts. */
const POSTS_EACH = 5

/** What a chat of several processes came to. */
export interface ChatFigures {
  readonly peers: number
  /** From the start of a process to its first neighbor, for the quickest. */
  readonly firstNeighborMs: number
  /** From the start of the first process until everybody is linked to everybody. */
  readonly linkedMs: number
  readonly sent: number
  readonly received: number
  /** From the line typed in one process to the same line printed by another, for each delivery. */
  readonly latenciesMs: readonly number[]
}

/** Start chats in one group, wait until all are linked, let all talk, and let them leave. */
export async function runChat(
  stage: Stage,
  group: string,
  names: readonly string[],
  args: string[]
): Promise<ChatFigures> {
  const peers = names.map(name => stage.start(name, ['chat', group, '--name', name, ...args]))
  const figures = { ...(await waitUntilLinked(peers)), ...(await talk(peers, peers)) }
  for (const peer of peers) peer.endInput()
  await stage.end(peers)
  return figures
}

/** Wait until each of these has all the others as neighbors. */
export async function waitUntilLinked(
  peers: readonly ChildPeer[]
): Promise<Pick<ChatFigures, 'peers' | 'firstNeighborMs' | 'linkedMs'>> {
  const waits = peers.map(async peer => {
    const first = await peer.waitFor('neighbor', rows => neighborRow(rows, 1), PATIENCE_MS)
    const all = await peer.waitFor(
      'link to everybody',
      rows => neighborRow(rows, peers.length - 1),
      PATIENCE_MS
    )
    return { firstMs: first.atMs - peer.startedAtMs, allAtMs: all.atMs }
  })
  const times = await Promise.all(waits)
  const startedAtMs = Math.min(...peers.map(peer => peer.startedAtMs))
  return {
    peers: peers.length,
    firstNeighborMs: Math.min(...times.map(time => time.firstMs)),
    linkedMs: Math.max(...times.map(time => time.allAtMs)) - startedAtMs
  }
}

/** Each of `writers` posts, one line at a time; all the other `peers` must hear each. */
export async function talk(
  writers: readonly ChildPeer[],
  peers: readonly ChildPeer[]
): Promise<Pick<ChatFigures, 'sent' | 'received' | 'latenciesMs'>> {
  const latenciesMs: number[] = []
  let sent = 0
  for (let round = 1; round <= POSTS_EACH; round++) {
    for (const writer of writers) {
      const text = `line ${round} of ${writer.name}`
      const typedAtMs = writer.type(text)
      sent++
      const others = peers.filter(peer => peer !== writer)
      const heard = await Promise.all(others.map(peer => waitForPost(peer, text)))
      latenciesMs.push(...heard.map(row => row.atMs - typedAtMs))
    }
  }
  return { sent, received: latenciesMs.length, latenciesMs }
}

/** The rows of posts whose text this is. */
export function postsOf(rows: readonly ChildRow[], text: string): ChildRow[] {
  return rows.filter(row => row.code === 'NetGroup.Posting.Notify' && textOf(row['message']) === text)
}

function waitForPost(peer: ChildPeer, text: string): Promise<ChildRow> {
  return peer.waitFor(`"${text}"`, rows => postsOf(rows, text)[0], PATIENCE_MS)
}

function neighborRow(rows: readonly ChildRow[], count: number): ChildRow | undefined {
  const seen = new Set<unknown>()
  return rows.find(row => row.code === 'NetGroup.Neighbor.Connect' && seen.add(row['peerID']).size === count)
}

function textOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'text' in message ? message.text : message
}
