import { fileURLToPath } from 'node:url'
import { BenchPeer } from './bench-peer.ts'

/** See there for what it can be asked. */
const PEER = fileURLToPath(new URL('replication-peer.js', import.meta.url))

/** What one of the processes has written to sockets, and the most memory it has had. */
export interface PeerFigures {
  readonly writtenBytes: number
  /** Bytes of objects that the file's sharer has given. */
  readonly uploadedBytes: number
  readonly peakBytes: number
}

/** What it says of itself. */
export function figuresOf(peer: BenchPeer): Promise<PeerFigures> {
  return peer.ask<PeerFigures>('figures')
}

/** Processes in one group, each linked with every other. */
export async function startGroup(members: number): Promise<BenchGroup> {
  const peers = await Promise.all(Array.from({ length: members }, () => BenchPeer.start(PEER)))
  const [first, ...others] = peers as [BenchPeer, ...BenchPeer[]]
  const all = await Promise.all(peers.map(peer => peer.ask<{ peerID: string; address: string }>('who')))
  // Nobody tells others of addresses of this very machine, so everybody knows all from the start.
  const addresses = all.map(({ address }) => address)
  const { groupspec } = await first.ask<{ groupspec: string }>('makeGroup', { addresses })
  await Promise.all(peers.map(peer => peer.ask('join', { groupspec })))
  // In a group so small everybody comes to be linked with everybody.
  await Promise.all(peers.map(peer => peer.ask('neighbors', { count: members - 1 })))
  return {
    first,
    others,
    firstID: all[0]?.peerID ?? '',
    [Symbol.dispose]: () => {
      for (const peer of peers) peer[Symbol.dispose]()
    }
  }
}

/** What {@link startGroup} has started. */
export interface BenchGroup extends Disposable {
  readonly first: BenchPeer
  readonly others: readonly BenchPeer[]
  readonly firstID: string
}
