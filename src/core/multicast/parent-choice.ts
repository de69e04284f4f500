import { MAX_STREAM_PATH } from '../../wire/limits.ts'
import type { MulticastNeighbor } from './multicast-neighbor.ts'
import { bitCount, fairShare, type StreamState } from './stream-state.ts'

/** What is added to the delay of a neighbor without a free slot, where a weaker child would give way, in ms. Rule M2. */
const GIVES_WAY_MS = 20

/** What each hop adds beyond latency, queue and sending, in ms: packets that are lost and come late, and all behind them. Guess. */
const HOP_MS = 30

/** What is added where this member has its share of stripes already, in ms. Guess: one would rather have them of others, but of nobody else than not. */
const MORE_THAN_SHARE_MS = 150

/** A child gives way to whom has this many times its uplink. Rule M3. */
const CLEARLY_WEAKER = 0.7

/** Which neighbor promises a stripe with the least delay. Rule M2. */
export class ParentChoice {
  readonly #state: StreamState

  constructor(state: StreamState) {
    this.#state = state
  }

  /** The neighbor that promises it with the least delay, and that, in ms; undefined: none promises less than this. */
  best(stripe: number, belowMs: number, nowMs: number): [MulticastNeighbor | undefined, number] {
    let [best, bestMs]: [MulticastNeighbor | undefined, number] = [undefined, belowMs]
    const bit = 1 << stripe
    const { rate, uplinkKbps, stripes } = this.#state
    const rateKbps = rate.kbps(nowMs)
    const share = fairShare(uplinkKbps, rateKbps, stripes)
    const isWeak = uplinkKbps < rateKbps
    for (const neighbor of this.#state.neighbors.values()) {
      const toldMs = neighbor.delaysMs[stripe] as number
      if (toldMs >= bestMs || ((neighbor.parentMask | neighbor.childMask) & bit) !== 0) continue
      if (!neighbor.mayBeAsked(stripe, nowMs) || !this.#mayLead(neighbor, stripe)) continue
      const waitMs = this.#waitFor(neighbor, bit, share, isWeak)
      if (waitMs === undefined) continue
      const delayMs = this.delayBy(neighbor, stripe) + waitMs
      if (delayMs < bestMs) [best, bestMs] = [neighbor, delayMs]
    }
    return [best, bestMs]
  }

  /** Is this member not above it, and is it not so far from the publisher that this one's path would be too long to be told? */
  #mayLead({ paths }: MulticastNeighbor, stripe: number): boolean {
    const path = paths[stripe] ?? []
    return path.length < MAX_STREAM_PATH && !path.includes(this.#state.digest)
  }

  /** How long after the publisher it would be here by this neighbor. */
  delayBy(parent: MulticastNeighbor, stripe: number): number {
    const { rate } = this.#state
    const sendingMs = parent.uplinkKbps > 0 ? (8 * rate.meanBytes) / parent.uplinkKbps : 0
    return (parent.delaysMs[stripe] as number) + parent.rttMs / 2 + parent.queueMs + sendingMs + HOP_MS
  }

  /** What it costs that the neighbor has no slot free; undefined: it would refuse, as far as is known. */
  #waitFor(neighbor: MulticastNeighbor, bit: number, share: number, isWeak: boolean): number | undefined {
    const { openMask, free, pendingMask, weakestKbps } = neighbor
    // Nobody gives way to a weak one.
    if (free === 0 && isWeak) return undefined
    const moreMs = bitCount(neighbor.parentMask | pendingMask) < share ? 0 : MORE_THAN_SHARE_MS
    if ((openMask & bit) !== 0) return moreMs + (free > bitCount(pendingMask) ? 0 : GIVES_WAY_MS)
    return weakestKbps > 0 && weakestKbps < CLEARLY_WEAKER * this.#state.uplinkKbps ? GIVES_WAY_MS : undefined
  }
}
