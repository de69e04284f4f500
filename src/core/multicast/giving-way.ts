import type { Family, Place } from './family.ts'
import type { MulticastNeighbor } from './multicast-neighbor.ts'
import type { Slots } from './slots.ts'
import { bitCount, fairShare, type StreamState } from './stream-state.ts'

/** A child gives way to whom has this many times its uplink. Rule M3: the child has less than 0.7 of it. */
const CLEARLY_WEAKER = 0.7

/** A child gives way to one of a stripe that is here so many members nearer to the publisher. Guess: then all below are nearer as well. */
const CLEARLY_NEARER = 1

/** Which child gives way to another one (rule M3): so the strong come to be near the publisher, and each in few stripes. */
export class GivingWay {
  readonly #state: StreamState
  readonly #family: Family
  readonly #slots: Slots

  constructor(state: StreamState, family: Family, slots: Slots) {
    this.#slots = slots
    this.#state = state
    this.#family = family
  }

  /** Who would go for this one; undefined: nobody. */
  for(child: MulticastNeighbor, stripe: number, nowMs: number): Place | undefined {
    const family = this.#family
    if (!family.mayLet(this.#slots.count)) return undefined
    const greedy = this.#greedy(stripe, child, nowMs)
    if (greedy !== undefined) return { child: greedy, stripe }
    const weakest = family.weakest(stripe, nowMs)
    if (weakest !== undefined && isWeaker(weakest, child)) return { child: weakest, stripe }
    return family.isFull(stripe) ? undefined : this.#ofOther(child, stripe, nowMs)
  }

  /** The stripes in which somebody would go for one that has nothing from here yet and is not weak. */
  mask(nowMs: number): number {
    const family = this.#family
    if (!family.mayLet(this.#slots.count)) return 0
    const furthest = this.#furthest(nowMs)
    let mask = 0
    for (let stripe = 0; stripe < this.#state.stripes; stripe++) {
      const isNear = !family.isFull(stripe) && family.depth(stripe) + CLEARLY_NEARER <= furthest
      if (isNear || this.#greedy(stripe, undefined, nowMs) !== undefined) mask |= 1 << stripe
    }
    return mask
  }

  /** The uplink of the child that would go for a stronger one, in kbit/s; 0: none. */
  weakestKbps(nowMs: number): number {
    let weakest = Number.POSITIVE_INFINITY
    for (let stripe = 0; stripe < this.#state.stripes; stripe++)
      weakest = Math.min(weakest, this.#family.weakest(stripe, nowMs)?.uplinkKbps ?? weakest)
    return Number.isFinite(weakest) ? weakest : 0
  }

  /** A child of the stripe that has more than its share from here, and so many more stripes than the other one that one could move. */
  #greedy(
    stripe: number,
    other: MulticastNeighbor | undefined,
    nowMs: number
  ): MulticastNeighbor | undefined {
    const { rate, stripes } = this.#state
    const rateKbps = rate.kbps(nowMs)
    if (other !== undefined && other.uplinkKbps < rateKbps) return undefined
    const least = bitCount(other?.childMask ?? 0) + 2
    return this.#family.of(stripe).find(child => {
      const count = bitCount(child.childMask)
      if (count < least || this.#family.isLeaving(child, stripe)) return false
      return count > fairShare(child.uplinkKbps, rateKbps, stripes)
    })
  }

  /** One of another stripe, those first in which this member is furthest from the publisher. */
  #ofOther(child: MulticastNeighbor, stripe: number, nowMs: number): Place | undefined {
    const family = this.#family
    const nearest = family.depth(stripe) + CLEARLY_NEARER
    const stripes = Array.from({ length: this.#state.stripes }, (_, other) => other)
    for (const other of stripes.sort((a, b) => family.depth(b) - family.depth(a))) {
      const weakest = family.weakest(other, nowMs)
      if (weakest === undefined) continue
      const isFurther = family.depth(other) >= nearest && !isWeaker(child, weakest)
      if (isFurther || isWeaker(weakest, child)) return { child: weakest, stripe: other }
    }
    return undefined
  }

  /** How far from the publisher this member is where it is furthest and has somebody who could give way. */
  #furthest(nowMs: number): number {
    const family = this.#family
    let furthest = 0
    for (let stripe = 0; stripe < this.#state.stripes; stripe++)
      if (family.of(stripe).length > 0 && family.depth(stripe) > furthest)
        if (family.weakest(stripe, nowMs) !== undefined) furthest = family.depth(stripe)
    return furthest
  }
}

function isWeaker(one: MulticastNeighbor, other: MulticastNeighbor): boolean {
  return one.uplinkKbps < CLEARLY_WEAKER * other.uplinkKbps
}
