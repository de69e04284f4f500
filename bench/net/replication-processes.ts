import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const PEER = fileURLToPath(new URL('replication-peer.js', import.meta.url))

/** What one of the processes has written to sockets, and the most memory it has had. */
export interface PeerFigures {
  readonly writtenBytes: number
  /** Bytes of objects that the file's sharer has given. */
  readonly uploadedBytes: number
  readonly peakBytes: number
}

interface Answer {
  readonly id: number
  readonly answer?: unknown
  readonly error?: string
}

/** A process of the benchmark: see replication-peer.js for what it can be asked. */
export class BenchPeer implements Disposable {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>()
  #lastID = 0

  private constructor() {
    this.#child = fork(PEER)
    this.#child.on('message', ({ id, answer, error }: Answer) => {
      const asker = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) asker?.resolve(answer as never)
      else asker?.reject(new Error(`A process of the benchmark failed: ${error}`))
    })
    this.#child.on('exit', code => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`A process of the benchmark ended with ${code}`))
    })
  }

  static async start(): Promise<BenchPeer> {
    const peer = new BenchPeer()
    await once(peer.#child, 'message')
    return peer
  }

  ask<T = object>(command: string, given: object = {}): Promise<T> {
    const id = ++this.#lastID
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#child.send({ id, command, ...given })
    })
  }

  figures(): Promise<PeerFigures> {
    return this.ask<PeerFigures>('figures')
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    if (this.#child.connected) this.#child.disconnect()
  }
}

/** Processes in one group, each linked with every other. */
export async function startGroup(members: number): Promise<BenchGroup> {
  const peers = await Promise.all(Array.from({ length: members }, () => BenchPeer.start()))
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
