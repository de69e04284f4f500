import { MAX_RANGES, MAX_REMEMBERED_GIFTS } from '../../wire/limits.ts'
import { RangeSet } from './range-set.ts'
import type { ReplicationNeighbor } from './replication-neighbor.ts'
import type { Requester } from './requester.ts'

/** So long after an object was sent its receiver is thought to be about to offer it, in ms. Guess: time to take, verify and tell it on a slow link. */
const SETTLING_MS = 10_000

/** Of what was never sent so many are looked at for one that the requester does not have. Guess: what a denial may cost. */
const LOOKED_AT = 8

/** Who was given an object last, and when. */
interface Gift {
  readonly peer: string
  readonly atMs: number
}

/** How {@link FirstCopy} is made. */
export interface FirstCopyInit {
  readonly neighbors: ReadonlyMap<string, ReplicationNeighbor>
  /** What the own member offers. */
  readonly have: () => RangeSet
  /** Does the own member want nothing, and did not get what it has from here? */
  readonly isSource: () => boolean
}

/**
 * What was never sent to anybody. While there is such, a source sends nothing twice that can be had elsewhere soon (rule S2): so that it has given all, once it has given as much as one
 * copy of it, and the others can finish without it.
 */
export class FirstCopy {
  readonly #init: FirstCopyInit
  #unsent = new RangeSet()
  readonly #forAll = new RangeSet()
  /** When the first object went out, and when the last one that had never been sent. */
  #beganAtMs: number | undefined
  #doneAtMs: number | undefined
  #suggested = 0
  readonly #gifts = new Map<number, Gift>()

  constructor(init: FirstCopyInit) {
    this.#init = init
  }

  /** How many ranges are kept, for tests of the bound. */
  get ranges(): number {
    return this.#unsent.ranges
  }

  /** Was it never sent? */
  has(index: number): boolean {
    return this.#unsent.has(index)
  }

  /**
   * These are about to be offered; what of them is offered already may have been sent.
   *
   * @param isForAll everybody needs them before anything else, as a manifest: nobody is to look for them elsewhere. Measured (`bench:replication -- swarm`, ten leechers): when all but the first had to get the
   *   manifest from the first one, that one was done in 0.45 to 0.75 of the last one's time, and so in 0.8 to 0.95
   */
  add(start: number, end: number, isForAll: boolean): void {
    if (isForAll) {
      this.#forAll.add(start, end)
      return
    }
    this.#unsent.addAll(RangeSet.of([start, end]).minus(this.#init.have()))
  }

  /** These are no longer offered. */
  remove(start: number, end: number): void {
    this.#unsent.remove(start, end)
    this.#forAll.remove(start, end)
  }

  /** @returns has now everything been sent once? */
  onServed(index: number, peer: string, nowMs: number): boolean {
    this.#beganAtMs ??= nowMs
    const isLast = this.#unsent.count === 1 && this.#unsent.has(index)
    this.#unsent.remove(index, index)
    this.#gifts.delete(index)
    this.#gifts.set(index, { peer, atMs: nowMs })
    for (const [oldest, { atMs }] of this.#gifts) {
      if (this.#gifts.size <= MAX_REMEMBERED_GIFTS && nowMs - atMs < SETTLING_MS) break
      this.#gifts.delete(oldest)
    }
    // Whoever asks here and there can make it fall into any number of ranges.
    const have = this.#init.have()
    if (this.#unsent.ranges > have.ranges + MAX_RANGES) this.#unsent = have.copy()
    if (isLast) this.#doneAtMs = nowMs
    return isLast
  }

  /** How many objects that were sent to this neighbor it has not told of yet. */
  underWay(peer: string): number {
    const have = this.#init.neighbors.get(peer)?.have
    let count = 0
    for (const [index, gift] of this.#gifts) if (gift.peer === peer && have?.has(index) !== true) count += 1
    return count
  }

  /** It was not sent after all. */
  onKept(index: number): void {
    this.#gifts.delete(index)
    if (this.#init.have().has(index) && !this.#forAll.has(index)) this.#unsent.add(index, index)
  }

  /** Something that was never sent and that this neighbor does not have, each time another one; undefined when there is none, or none is found. */
  suggestion(peer: string): number | undefined {
    const have = this.#init.neighbors.get(peer)?.have
    for (let looks = 0; looks < LOOKED_AT && !this.#unsent.isEmpty; looks++) {
      const [index] = this.#unsent.pick([this.#suggested++ % this.#unsent.count])
      if (index !== undefined && have?.has(index) !== true) return index
    }
    return undefined
  }

  /** Should this neighbor look for the object elsewhere, and ask here for something that nobody has got? What it wants may not have been told yet; what it has is not that. */
  sendsElsewhere(peer: string, index: number, nowMs: number): boolean {
    if (this.#unsent.isEmpty || this.#unsent.has(index) || !this.#init.isSource()) return false
    const neighbor = this.#init.neighbors.get(peer)
    return (
      neighbor !== undefined && this.#isElsewhere(peer, index, nowMs) && !this.#unsent.isWithin(neighbor.have)
    )
  }

  /**
   * May this requester look for the object elsewhere, though all that is here has been sent once? When others have it or are about to: at first, for as long as it took to send all once, so that they get
   * to know what they have of each other; and then who gets more from them than its share of what can be sent from here: it does not need a source.
   */
  sparesSource({ peer, given, counted }: Requester, index: number, nowMs: number): boolean {
    const [beganAtMs, doneAtMs] = [this.#beganAtMs, this.#doneAtMs]
    if (beganAtMs === undefined || doneAtMs === undefined || !this.#init.isSource()) return false
    if (counted === undefined || !this.#isElsewhere(peer, index, nowMs)) return false
    const tookMs = doneAtMs - beganAtMs
    if (nowMs - doneAtMs < Math.min(SETTLING_MS, tookMs)) return true
    const fromOthers = (this.#init.neighbors.get(peer)?.have.count ?? 0) - counted.had - given
    return fromOthers / (nowMs - counted.sinceMs) > this.#init.have().count / tookMs / this.#wanting
  }

  /** How many neighbors want something. */
  get #wanting(): number {
    let wanting = 0
    for (const { want } of this.#init.neighbors.values()) if (!want.isEmpty) wanting += 1
    return Math.max(1, wanting)
  }

  #isElsewhere(peer: string, index: number, nowMs: number): boolean {
    if (this.#forAll.has(index)) return false
    const { neighbors } = this.#init
    const gift = this.#gifts.get(index)
    if (
      gift !== undefined &&
      gift.peer !== peer &&
      nowMs - gift.atMs < SETTLING_MS &&
      neighbors.has(gift.peer)
    )
      return true
    for (const other of neighbors.values()) if (other.peer !== peer && other.have.has(index)) return true
    return false
  }
}
