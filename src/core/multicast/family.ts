import type { MulticastNeighbor } from './multicast-neighbor.ts'
import type { Parents } from './parents.ts'
import type { StreamState } from './stream-state.ts'

/**
 * How long a child that gives way is still pushed to, in ms: it looks for another parent meanwhile. These pushes come on top of what the uplink carries. Measured (500 who arrive within 15 s, and
 * begin at the live edge instead of the keyframe, which gives about 1 % more): frames in time with 4 s 93.4 %, 2 s 96.7, 1 s 97.2, 0.5 s 97.9, 0.25 s 98.2.
 */
const LEAVING_MS = 250

/** How long a child that has moved is pushed what is left up to where its new parent begins, in ms. Guess: a queue. */
const MOVED_MS = 2_000

/** So many at once, and one for so many slots: they come on top of what the uplink carries. Guess. */
const MAX_LEAVING = 4
const SLOTS_PER_LEAVING = 5

/** No child gives way sooner, in ms. Guess: a turn takes a round trip and more. */
const SETTLED_MS = 2_000

/** A child, and what it gets. */
export interface Place {
  readonly child: MulticastNeighbor
  readonly stripe: number
}

/** A child that is still pushed to. */
interface Leaving extends Place {
  /** The end, in ms, whatever happens. */
  untilMs: number
  /** The last that is pushed; infinite while it has found nobody else. */
  lastNumber: number
}

/** Who has which stripe from this member, and who is about to leave: those have no slots. */
export class Family {
  readonly #state: StreamState
  readonly #parents: Parents
  /** By stripe. */
  readonly #children: MulticastNeighbor[][]
  #leaving: Leaving[] = []
  #used = 0

  constructor(state: StreamState, parents: Parents) {
    this.#state = state
    this.#parents = parents
    this.#children = Array.from({ length: state.stripes }, () => [])
  }

  /** Slots that are taken. */
  get used(): number {
    return this.#used
  }

  /** May another one be asked to leave? @param slots of this member */
  mayLet(slots: number): boolean {
    return this.#leaving.length < Math.min(MAX_LEAVING, Math.max(1, Math.floor(slots / SLOTS_PER_LEAVING)))
  }

  of(stripe: number): readonly MulticastNeighbor[] {
    return this.#children[stripe] as MulticastNeighbor[]
  }

  /** How far this member is from the publisher. */
  depth(stripe: number): number {
    return this.#parents.path(stripe).length
  }

  add({ child, stripe }: Place, nowMs: number): void {
    if (child.childMask === 0) child.childSinceMs = nowMs
    child.childMask |= 1 << stripe
    this.#children[stripe]?.push(child)
    this.#used += 1
  }

  /** It gives way: it is pushed to until it has another parent, but not for long. */
  giveWay(place: Place, nowMs: number): void {
    this.#leave(place, nowMs + LEAVING_MS, Number.POSITIVE_INFINITY)
  }

  /** It has another parent. @param lastNumber the last that is pushed to it */
  move(place: Place, lastNumber: number, nowMs: number): void {
    this.#leave(place, nowMs + MOVED_MS, lastNumber)
  }

  remove({ child, stripe }: Place): void {
    const children = this.#children[stripe] as MulticastNeighbor[]
    children.splice(children.indexOf(child), 1)
    child.childMask &= ~(1 << stripe)
    if (this.isLeaving(child, stripe))
      this.#leaving = this.#leaving.filter(each => each.child !== child || each.stripe !== stripe)
    else this.#used -= 1
  }

  /** Those whose time is over. */
  overdue(nowMs: number): Place[] {
    return this.#leaving.filter(({ untilMs }) => untilMs <= nowMs)
  }

  isLeaving(child: MulticastNeighbor, stripe: number): boolean {
    return this.#leaving.some(each => each.child === child && each.stripe === stripe)
  }

  /** Has the child another parent for this fragment? */
  isOver(child: MulticastNeighbor, number: number): boolean {
    if (this.#leaving.length === 0) return false
    const stripe = number % this.#state.stripes
    return this.#leaving.some(
      each => each.child === child && each.stripe === stripe && number > each.lastNumber
    )
  }

  /** Have as many the stripe from here as may? */
  isFull(stripe: number): boolean {
    return this.#staying(stripe) >= this.#state.parameters.multicastPushNeighborLimit
  }

  /** At the publisher: how many other stripes nobody has from here. Whoever lacks one of those has no other to get it from. */
  missingBeside(stripe: number): number {
    if (!this.#state.isPublisher) return 0
    return this.#children.filter((_, other) => other !== stripe && this.#staying(other) === 0).length
  }

  #leave({ child, stripe }: Place, untilMs: number, lastNumber: number): void {
    const leaving = this.#leaving.find(each => each.child === child && each.stripe === stripe)
    if (leaving !== undefined) {
      // Once it has moved that is the end, however often it says so.
      if (leaving.lastNumber === Number.POSITIVE_INFINITY) leaving.untilMs = untilMs
      leaving.lastNumber = lastNumber
      return
    }
    this.#leaving.push({ child, stripe, untilMs, lastNumber })
    this.#used -= 1
  }

  #staying(stripe: number): number {
    let leaving = 0
    for (const each of this.#leaving) if (each.stripe === stripe) leaving += 1
    return this.of(stripe).length - leaving
  }

  /** The child with the least uplink that has nobody below it and could give way. */
  weakest(stripe: number, nowMs: number): MulticastNeighbor | undefined {
    let weakest: MulticastNeighbor | undefined
    for (const child of this.of(stripe)) {
      if ((child.interior & (1 << stripe)) !== 0 || nowMs - child.childSinceMs < SETTLED_MS) continue
      if (this.isLeaving(child, stripe)) continue
      if (weakest === undefined || child.uplinkKbps < weakest.uplinkKbps) weakest = child
    }
    return weakest
  }

  /** Who goes first when the uplink does not carry all: one with nobody below it, of these the one with the least uplink. */
  leastMissed(): Place | undefined {
    let [least, leastRank]: [Place | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
    for (const [stripe, children] of this.#children.entries())
      for (const child of children) {
        const isInterior = (child.interior & (1 << stripe)) !== 0
        const rank = child.uplinkKbps + (isInterior ? 2 ** 32 : 0)
        if (rank < leastRank && !this.isLeaving(child, stripe)) [least, leastRank] = [{ child, stripe }, rank]
      }
    return least
  }
}
