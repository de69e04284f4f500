import { MAX_REQUESTS_PER_NEIGHBOR, MAX_SET_ASIDE } from '../../wire/limits.ts'
import { RangeSet } from './range-set.ts'

/** Denials in a row after which a neighbor is left alone for a while. Guess. */
const DENIALS_IN_A_ROW = 4

/** How long a neighbor is left alone that denies all or is silent: doubled each time in a row, up to the second one. Guess. */
const REST_MS = 1_000
const MAX_REST_MS = 60_000

/**
 * A neighbor that says so often in a row that all will be had elsewhere is left alone for so long, in ms. Measured (bench/swarm/swarming.ts, 40 leechers, three seeds): with 4 the last one
 * has all at 1.18 times the bound, with 8 at 1.15. The time is a guess: shorter than a source's news of something new.
 */
const ELSEWHERES_IN_A_ROW = 8
const ELSEWHERE_REST_MS = 250

/** How long one object is not asked for again of a neighbor that denied it: the same. Guess. */
const ASIDE_MS = 1_000
const MAX_ASIDE_MS = 60_000

const NOTHING: readonly number[] = []

interface Aside {
  readonly untilMs: number
  readonly times: number
}

/** What is known of a neighbor, and what was asked of it. */
export class ReplicationNeighbor {
  readonly peer: string
  have: RangeSet = new RangeSet()
  want: RangeSet = new RangeSet()
  /** What it has that is wanted here, asked for nowhere, and not set aside. */
  readonly available: RangeSet = new RangeSet()
  /** When each object was asked for. */
  readonly requests: Map<number, number> = new Map()
  /** Asked for, and given up; it may come all the same. */
  readonly overdue: Set<number> = new Set()
  /** How many objects are asked for at once. One, while others wait there too (rule S1). */
  window = 1
  /** When something was last heard of objects. */
  heardAtMs = 0
  /** Three of its results were wanted again: it is asked for what nobody else has. */
  isDoubted = false
  readonly #aside = new Map<number, Aside>()
  #restUntilMs = 0
  #rests = 0
  #denials = 0
  #elsewheres = 0

  constructor(peer: string) {
    this.peer = peer
  }

  /** May another object be asked for? */
  hasRoom(nowMs: number): boolean {
    return this.requests.size < this.window && nowMs >= this.#restUntilMs
  }

  isAside(index: number, nowMs: number): boolean {
    const aside = this.#aside.get(index)
    return aside !== undefined && nowMs < aside.untilMs
  }

  /** The indices that may not be asked for. */
  asideNow(nowMs: number): readonly number[] {
    if (this.#aside.size === 0) return NOTHING
    return [...this.#aside].filter(([, { untilMs }]) => nowMs < untilMs).map(([index]) => index)
  }

  /** Something came of a request. @param waiting how many requests wait there */
  onObject(index: number, waiting: number, nowMs: number): void {
    this.heardAtMs = nowMs
    this.#denials = 0
    this.#elsewheres = 0
    this.#rests = 0
    this.#aside.delete(index)
    this.onQueue(waiting)
    if (waiting === 0) this.window = Math.min(this.window + 1, MAX_REQUESTS_PER_NEIGHBOR)
  }

  /** More wait there than were asked for here: somebody else's turn comes later by each of ours. */
  onQueue(waiting: number): void {
    if (waiting > this.requests.size) this.window = Math.max(1, this.window - 1)
  }

  onDenial(index: number, nowMs: number): void {
    this.heardAtMs = nowMs
    this.window = 1
    const times = this.#aside.get(index)?.times ?? 0
    this.setAside(index, nowMs + Math.min(ASIDE_MS * 2 ** times, MAX_ASIDE_MS))
    this.#denials += 1
    if (this.#denials >= DENIALS_IN_A_ROW) this.rest(nowMs)
  }

  /** It has other things to give, and this object will be had elsewhere. */
  onElsewhere(index: number, nowMs: number): void {
    this.heardAtMs = nowMs
    this.setAside(index, nowMs + ASIDE_MS)
    this.#elsewheres += 1
    if (this.#elsewheres >= ELSEWHERES_IN_A_ROW) this.#restUntilMs = nowMs + ELSEWHERE_REST_MS
  }

  /** It has said what it would rather be asked for, and is. */
  onInstead(): void {
    this.#elsewheres = 0
    this.#restUntilMs = 0
  }

  /** It is not asked for anything for a while. */
  rest(nowMs: number): void {
    this.window = 1
    this.#restUntilMs = nowMs + Math.min(REST_MS * 2 ** this.#rests, MAX_REST_MS)
    this.#rests += 1
  }

  /** The object is not asked for here until then. */
  setAside(index: number, untilMs: number): void {
    const times = (this.#aside.get(index)?.times ?? 0) + 1
    this.#aside.delete(index)
    this.#aside.set(index, { untilMs, times })
    this.available.remove(index, index)
    for (const oldest of this.#aside.keys()) {
      if (this.#aside.size <= MAX_SET_ASIDE) break
      this.#aside.delete(oldest)
    }
  }

  /** Those whose time is over since the last look. */
  *asideOver(sinceMs: number, nowMs: number): Generator<number, void> {
    for (const [index, { untilMs }] of this.#aside) if (untilMs > sinceMs && untilMs <= nowMs) yield index
  }

  /** A request is given up. What it was for may still come. */
  giveUp(index: number): void {
    this.requests.delete(index)
    this.overdue.add(index)
    for (const oldest of this.overdue) {
      if (this.overdue.size <= MAX_REQUESTS_PER_NEIGHBOR) break
      this.overdue.delete(oldest)
    }
  }

  /** Set aside now or lately, for tests of the bound. */
  get asideCount(): number {
    return this.#aside.size
  }
}
