import { MAX_TOLD_PEERS } from '../../wire/limits.ts'
import type { EmitMulticast } from './multicast-engine.ts'
import type { MulticastNeighbor } from './multicast-neighbor.ts'
import type { StreamState } from './stream-state.ts'

/** A stripe that has had no parent for so long needs new neighbors, in ms; so many at once, so often, up to so many in all. Rule M6. */
const STARVING_MS = 2_500
const LINKS_AT_ONCE = 2
const SEEK_EVERY_MS = 2_000
const MAX_NEIGHBORS = 32

/** Who has no neighbor at all that carries the stream goes to the publisher after so long, in ms. Guess: neighbors answer within a round trip. */
const ALONE_MS = 1_000

/** Neighbors asked at once whom they know. Guess. */
const ASKED_AT_ONCE = 2

/** One neighbor is answered so often at most, in ms: half of what who keeps to the rules asks for. */
const ANSWER_EVERY_MS = 1_000

/** Finds more members that carry the stream, when the neighbors do not give enough (rule M6), and tells others of its own. */
export class PeerSeeking {
  readonly #state: StreamState
  readonly #emit: EmitMulticast
  readonly #own: string
  readonly #publisher: string
  readonly #answeredMs = new WeakMap<MulticastNeighbor, number>()
  #aloneSinceMs: number | undefined
  #soughtMs = Number.NEGATIVE_INFINITY
  #left = 0

  constructor(state: StreamState, emit: EmitMulticast, own: string, publisher: string) {
    this.#state = state
    this.#emit = emit
    this.#own = own
    this.#publisher = publisher
  }

  /** To be called often. @param starvingSinceMs since when a stripe has had no parent */
  tick(starvingSinceMs: number | undefined, nowMs: number): void {
    const { neighbors, isPublisher } = this.#state
    if (isPublisher || nowMs - this.#soughtMs < SEEK_EVERY_MS) return
    this.#aloneSinceMs = neighbors.size === 0 ? (this.#aloneSinceMs ?? nowMs) : undefined
    if (this.#aloneSinceMs !== undefined) {
      if (nowMs - this.#aloneSinceMs < ALONE_MS) return
      this.#soughtMs = nowMs
      this.#emit({ type: 'link', peer: this.#publisher })
    } else if (starvingSinceMs !== undefined && nowMs - starvingSinceMs >= STARVING_MS) this.#seek(nowMs)
  }

  /** A neighbor asks for members, or names some that carry the stream. @param isLinked is there a link to this one? */
  onPeers(
    from: MulticastNeighbor,
    asks: boolean,
    peers: readonly string[],
    isLinked: (peer: string) => boolean,
    nowMs: number
  ): void {
    for (const peer of peers) {
      if (this.#left === 0) break
      if (peer === this.#own || isLinked(peer)) continue
      this.#left -= 1
      this.#emit({ type: 'link', peer })
    }
    if (!asks || nowMs - (this.#answeredMs.get(from) ?? Number.NEGATIVE_INFINITY) < ANSWER_EVERY_MS) return
    this.#answeredMs.set(from, nowMs)
    const told = this.#shuffled()
      .filter(neighbor => neighbor !== from)
      .sort((a, b) => Number(b.free > 0) - Number(a.free > 0))
      .slice(0, MAX_TOLD_PEERS)
    if (told.length > 0)
      this.#emit({ type: 'sendPeers', to: from.peer, asks: false, peers: told.map(({ peer }) => peer) })
  }

  #seek(nowMs: number): void {
    if (this.#state.neighbors.size >= MAX_NEIGHBORS) return
    this.#soughtMs = nowMs
    this.#left = LINKS_AT_ONCE
    for (const { peer } of this.#shuffled().slice(0, ASKED_AT_ONCE))
      this.#emit({ type: 'sendPeers', to: peer, asks: true, peers: [] })
  }

  #shuffled(): MulticastNeighbor[] {
    const neighbors = [...this.#state.neighbors.values()]
    for (let i = neighbors.length - 1; i > 0; i--) {
      const j = Math.floor(this.#state.random() * (i + 1))
      const [a, b] = [neighbors[i], neighbors[j]]
      if (a !== undefined && b !== undefined) [neighbors[i], neighbors[j]] = [b, a]
    }
    return neighbors
  }
}
