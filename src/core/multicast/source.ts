import type { MulticastNeighbor } from './multicast-neighbor.ts'
import { nextOf, type StreamState } from './stream-state.ts'

/** A parent that has not pushed what is known to exist for so long is none, in ms. Rule M4. */
const STALE_MS = 1_200

/** A parent that has pushed nothing new for so long, but what was there, is none either, in ms. Guess: longer than anything that is late. */
const USELESS_MS = 4_000

/** Who admits a child has itself been given all that it knows of for so long, in ms. Rule M4: "fragment within 1 s". */
const LIVE_MS = 1_000

/** How long an answer is waited for, in ms: then it counts as a refusal. Guess: beside three round trips. */
const ANSWER_MS = 400

/** How long what the parent before was to push is waited for, in ms. Guess: a round trip and a queue. */
export const TAIL_MS = 800

/** No stripe moves for its delay sooner after it was found, in ms; after each time this doubles, up to the second one. Guess: what moves brings fragments twice. */
export const SETTLED_MS = 3_000
const MAX_SETTLED_MS = 60_000

/** Where one stripe comes from. */
export class Source {
  readonly stripe: number
  readonly #state: StreamState
  parent: MulticastNeighbor | undefined
  /** Asked, or accepted and to push the first fragment yet. */
  next: MulticastNeighbor | undefined
  isAccepted = false
  nextMs = 0
  /** Since when there is this parent; without: since when there is none. */
  sinceMs = 0
  /** The parent has said that it will end. */
  isRevoked = false
  /** Since when the parent says that it has none itself. */
  orphanMs: number | undefined
  /** The highest fragment of the stripe that the parent has pushed, or that was there before it. */
  pushed = 0
  /** When it pushed last; and when something that was not there. */
  pushedMs = 0
  newMs = 0
  /** The highest that there was when the parent was found: what is below, it does not push. */
  foundAt = 0
  /** The last that the parent before is to push. */
  tail = 0
  #improveAtMs = 0
  #restMs = SETTLED_MS

  constructor(stripe: number, state: StreamState) {
    this.stripe = stripe
    this.#state = state
  }

  get bit(): number {
    return 1 << this.stripe
  }

  /** Does the parent push it? */
  isLive(nowMs: number): boolean {
    return this.parent !== undefined && this.orphanMs === undefined && !this.#isBehind(LIVE_MS, nowMs)
  }

  /** Has the parent given it up without a word? */
  isStale(nowMs: number): boolean {
    const { parent } = this
    if (parent === undefined || nowMs - this.sinceMs < STALE_MS + parent.rttMs) return false
    // What comes late may stay away longer, when queues grow.
    const delayMs = parent.delaysMs[this.stripe] as number
    return this.#isBehind(STALE_MS + (Number.isFinite(delayMs) ? delayMs / 2 : 0), nowMs)
  }

  /** Does the parent push, and nothing of use? */
  isUseless(nowMs: number): boolean {
    return this.parent !== undefined && this.#isBehind(USELESS_MS, nowMs, this.newMs)
  }

  /** Will this fragment be pushed, as far as is known? */
  isComing(number: number, nowMs: number): boolean {
    if (number <= this.tail && nowMs - this.sinceMs < TAIL_MS) return true
    return number > this.pushed && number > this.foundAt && this.isLive(nowMs)
  }

  /** Has the one that was asked not answered, or not pushed? The first push may take as long as there is nothing to push. */
  isUnanswered(nowMs: number): boolean {
    if (this.next === undefined) return false
    const patienceMs = ANSWER_MS + 3 * this.next.rttMs + (this.isAccepted ? STALE_MS : 0)
    return nowMs - this.nextMs > patienceMs
  }

  /** May it move for less delay? */
  mayImprove(nowMs: number): boolean {
    const isCalm = this.next === undefined && this.orphanMs === undefined && !this.isRevoked
    return isCalm && nowMs - this.sinceMs >= SETTLED_MS && nowMs >= this.#improveAtMs
  }

  /** It is asked for elsewhere for less delay: the next time later. */
  onImproving(nowMs: number): void {
    this.#improveAtMs = nowMs + this.#restMs
    this.#restMs = Math.min(2 * this.#restMs, MAX_SETTLED_MS)
  }

  /** @param first the first fragment that the new one has pushed, if any: the old one pushes those before it */
  onFound(parent: MulticastNeighbor, first: number, nowMs: number): void {
    if (this.parent === undefined) this.pushed = Math.max(this.pushed, this.#state.store.known)
    else {
      this.tail = first - 1
      this.parent.parentMask &= ~this.bit
    }
    parent.pendingMask &= ~this.bit
    parent.parentMask |= this.bit
    this.parent = parent
    this.next = undefined
    this.isRevoked = false
    this.sinceMs = nowMs
    this.pushedMs = nowMs
    this.newMs = nowMs
    this.orphanMs = parent.delaysMs[this.stripe] === Number.POSITIVE_INFINITY ? nowMs : undefined
  }

  onLost(nowMs: number): void {
    if (this.parent !== undefined) this.parent.parentMask &= ~this.bit
    this.parent = undefined
    this.isRevoked = false
    this.orphanMs = undefined
    this.sinceMs = nowMs
    this.#restMs = SETTLED_MS
  }

  onAsked(next: MulticastNeighbor, nowMs: number): void {
    next.pendingMask |= this.bit
    this.next = next
    this.isAccepted = false
    this.nextMs = nowMs
  }

  dropNext(): void {
    if (this.next !== undefined) this.next.pendingMask &= ~this.bit
    this.next = undefined
  }

  /** Has the parent pushed nothing for so long, of which as long has been known that it exists? */
  #isBehind(forMs: number, nowMs: number, pushedMs = this.pushedMs): boolean {
    if (nowMs - pushedMs <= forMs) return false
    const { store, stripes } = this.#state
    const next = nextOf(this.stripe, this.pushed, stripes)
    return next <= store.known && next >= store.low && nowMs - store.knownAtMs(next) > forMs
  }
}
