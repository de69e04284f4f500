import { MAX_RANGES, MAX_REMEMBERED_GIFTS } from '../../wire/limits.ts'
import { RangeSet } from './range-set.ts'
import type { ReplicationNeighbor } from './replication-neighbor.ts'
import type { Requester } from './requester.ts'

/** So long after an object was sent its receiver is thought to be about to offer it, in ms. Guess: time to take, verify and tell it on a slow link. */
const SETTLING_MS = 10_000

/** What so many other neighbors have need not come from a source. Guess. */
const ENOUGH_REPLICAS = 2

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
  /** Does the own member want nothing? */
  readonly isSource: () => boolean
}

/**
 * What was never sent to anybody. While there is such, a source sends nothing twice that can be had elsewhere soon (rule S2): so that it has given all, once it has given as much as one
 * copy of it, and the others can finish without it.
 */
export class FirstCopy {
  readonly #init: FirstCopyInit
  #unsent = new RangeSet()
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

  /** These are about to be offered; what of them is offered already may have been sent. */
  add(start: number, end: number): void {
    this.#unsent.addAll(RangeSet.of([start, end]).minus(this.#init.have()))
  }

  /** These are no longer offered. */
  remove(start: number, end: number): void {
    this.#unsent.remove(start, end)
  }

  onServed(index: number, peer: string, nowMs: number): void {
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
  }

  /** It was not sent after all. */
  onKept(index: number): void {
    this.#gifts.delete(index)
    if (this.#init.have().has(index)) this.#unsent.add(index, index)
  }

  /** Should this neighbor look for the object elsewhere, and ask here for something that nobody has got? What it wants may not have been told yet; what it has is not that. */
  sendsElsewhere(peer: string, index: number, nowMs: number): boolean {
    if (this.#unsent.isEmpty || this.#unsent.has(index) || !this.#init.isSource()) return false
    const neighbor = this.#init.neighbors.get(peer)
    return (
      neighbor !== undefined && this.#isElsewhere(peer, index, nowMs) && !this.#unsent.isWithin(neighbor.have)
    )
  }

  /** May this requester look for the object elsewhere, though all that is here has been sent once? Where others have it, and it got more from them than from here: it does not need a source. */
  sparesSource({ peer, given, hadAtFirst = 0 }: Requester, index: number): boolean {
    const { neighbors, isSource } = this.#init
    const had = neighbors.get(peer)?.have.count ?? 0
    if (!isSource() || had - hadAtFirst - given <= given) return false
    let replicas = 0
    for (const other of neighbors.values()) if (other.peer !== peer && other.have.has(index)) replicas += 1
    return replicas >= ENOUGH_REPLICAS
  }

  #isElsewhere(peer: string, index: number, nowMs: number): boolean {
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
