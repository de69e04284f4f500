import type { Place } from '../../shared/ring.ts'
import { MAX_CANDIDATES, MAX_CANDIDATES_PER_REPORTER } from '../../wire/limits.ts'
import { KnownMember, SEEKERS } from './known-member.ts'
import { RingOrder } from './ring-order.ts'

/** How long what only neighbors tell of is remembered, in ms: the original's. */
const HEARSAY_LIFETIME_MS = 300_000

/** How long one who was found, or linked once, and cannot be reached is remembered, in ms: longer than networks are apart. Guess. */
const FOUND_LIFETIME_MS = 3_600_000

/**
 * Who is, or may be, a member: bounded, and no neighbor can fill more than a quarter of it with its word alone. Neighbors, and those being dialed, are never
 * forgotten for others.
 */
export class KnownMembers {
  readonly #placeOf: (peer: string) => Place
  /** The longest not heard of first. */
  readonly #members = new Map<string, KnownMember>()
  readonly #perReporter = new Map<string, number>()
  /** All, in ring order. */
  readonly order: RingOrder<KnownMember> = new RingOrder()
  /** Those that the application asks for. */
  readonly wanted: Set<KnownMember> = new Set()
  /** Those that could not be reached when they were last tried. */
  readonly failed: Set<KnownMember> = new Set()
  /** Those that may be dialed later and not yet; some of them may have been due since. */
  readonly #waiting = new Set<KnownMember>()
  /** Those with a link, in ring order. */
  readonly linked: RingOrder<KnownMember> = new RingOrder()

  constructor(placeOf: (peer: string) => Place) {
    this.#placeOf = placeOf
  }

  get(peer: string): KnownMember | undefined {
    return this.#members.get(peer)
  }

  values(): IterableIterator<KnownMember> {
    return this.#members.values()
  }

  get size(): number {
    return this.#members.size
  }

  /** The one with this id, new or known. */
  of(peer: string, nowMs: number): KnownMember {
    const known = this.#members.get(peer)
    if (known !== undefined) return known
    const member = new KnownMember(peer, this.#placeOf(peer), nowMs)
    this.#members.set(peer, member)
    this.order.add(member)
    if (this.#members.size > MAX_CANDIDATES) this.#forgetOldest(candidate => candidate !== member)
    return member
  }

  /** A neighbor tells of it. Answers undefined when that neighbor's share is full and nothing of it can go. */
  reported(peer: string, reporter: string, nowMs: number, soonestMs: number): KnownMember | undefined {
    const known = this.#members.get(peer)
    // Nothing that others say of a neighbor matters.
    if (known?.link !== undefined) return known
    // Who is known by seeking alone would count for this one from now on.
    const isNewToAll = known === undefined || (known.onlyReporter === SEEKERS && reporter !== SEEKERS)
    if (isNewToAll && (this.#perReporter.get(reporter) ?? 0) >= MAX_CANDIDATES_PER_REPORTER)
      if (!this.#forgetOldest(({ onlyReporter }) => onlyReporter === reporter)) return undefined
    const member = this.of(peer, nowMs)
    this.#count(member, -1)
    member.onReported(reporter, nowMs, soonestMs)
    this.#waiting.add(member)
    this.#count(member, 1)
    this.#touch(member)
    return member
  }

  /** It was found otherwise than by a neighbor's word. */
  found(peer: string, nowMs: number, soonestMs: number): KnownMember {
    const member = this.of(peer, nowMs)
    this.#count(member, -1)
    member.onFound(nowMs, soonestMs)
    this.#waiting.add(member)
    this.#touch(member)
    return member
  }

  /** A dial to it was in vain, or its link is gone. @param spread 0 ≤ x < 1 */
  onFailed(member: KnownMember, nowMs: number, spread: number): void {
    member.onFailed(nowMs, spread)
    this.failed.add(member)
    this.#waiting.add(member)
  }

  /** When the next one may be dialed who may not be yet. */
  nextDueMs(nowMs: number): number {
    let nextMs = Number.POSITIVE_INFINITY
    for (const member of this.#waiting) {
      if (member.state === 'idle' && member.retryAtMs > nowMs) nextMs = Math.min(nextMs, member.retryAtMs)
      else this.#waiting.delete(member)
    }
    return nextMs
  }

  /** There are other paths: those that failed may be dialed again. */
  forgiveAll(soonestMs: number): void {
    for (const member of this.failed) {
      member.forgive(soonestMs)
      this.#waiting.add(member)
    }
    this.failed.clear()
  }

  /** What only neighbors told of goes after a while, and after a long one who was found and cannot be reached. */
  expire(nowMs: number): void {
    for (const member of this.#members.values()) {
      if (nowMs - member.heardAtMs < HEARSAY_LIFETIME_MS) return
      if (isForgettable(member) && isOld(member, nowMs)) this.#forget(member)
      else this.#touch(member, nowMs)
    }
  }

  #touch(member: KnownMember, heardAtMs: number = member.heardAtMs): void {
    member.heardAtMs = heardAtMs
    this.#members.delete(member.peer)
    this.#members.set(member.peer, member)
  }

  #forgetOldest(accept: (member: KnownMember) => boolean): boolean {
    for (const member of this.#members.values()) {
      if (!isForgettable(member) || !accept(member)) continue
      this.#forget(member)
      return true
    }
    return false
  }

  #forget(member: KnownMember): void {
    this.#members.delete(member.peer)
    this.failed.delete(member)
    this.#waiting.delete(member)
    this.order.remove(member)
    this.#count(member, -1)
  }

  /** How many there are on whose word alone. */
  #count({ onlyReporter }: KnownMember, by: 1 | -1): void {
    if (onlyReporter === undefined) return
    const count = (this.#perReporter.get(onlyReporter) ?? 0) + by
    if (count > 0) this.#perReporter.set(onlyReporter, count)
    else this.#perReporter.delete(onlyReporter)
  }
}

/** Nothing is being done with it. */
function isForgettable({ state, isWanted }: KnownMember): boolean {
  return state === 'idle' && !isWanted
}

function isOld({ isFound, failures, foundAtMs }: KnownMember, nowMs: number): boolean {
  return !isFound || (failures > 0 && nowMs - foundAtMs > FOUND_LIFETIME_MS)
}
