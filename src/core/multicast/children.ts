import { MAX_QUEUED_PUSHES } from '../../wire/limits.ts'
import type { Fragment } from './fragment.ts'
import type { MulticastNeighbor } from './multicast-neighbor.ts'
import type { Outgo } from './outgo.ts'
import type { Parents } from './parents.ts'
import { bitCount, fairShare, nextOf, type StreamState } from './stream-state.ts'
import type { Upload } from './upload.ts'

/** A child gives way to whom has this many times its uplink. Rule M3: the child has less than 0.7 of it. */
const CLEARLY_WEAKER = 0.7

/** No child gives way sooner, in ms. Guess: a turn takes a round trip and more. */
const SETTLED_MS = 2_000

/** When the oldest push waits so long, the uplink carries too much, in ms; and when it carries more. Rule M7. */
const CROWDED_MS = 350
const ROOMY_MS = 120

/** Between two that are shed, in ms. Rule M7: faster takes away more slots than there is surplus. */
const SHED_EVERY_MS = 1_000

/** How long the queue must be short until one more slot is tried, in ms; and after one was shed. Rule M7: "after seconds". */
const GROW_AFTER_MS = 4_000
const GROW_AFTER_SHED_MS = 15_000

/** A queue this long is no burst, whatever was measured, in ms: a keyframe takes 200. Guess. */
const OVERFULL_MS = 800

/** A child that takes nothing for so long while others do loses its slots, in ms. Guess. */
const SLOW_MS = 1_500

/** A child that has not been heard of for so long is gone, in ms: it says every second what it is pushed. Guess. */
const SILENT_MS = 3_500

/** How long a child that gives way is still pushed to, in ms: it looks for another parent meanwhile. As many at once. Guess. */
export const LEAVING_MS = 2_000
const MAX_LEAVING = 4

/** A child gives way to one of a stripe that is here so many members nearer to the publisher. Guess: then all below are nearer as well. */
const CLEARLY_NEARER = 1

/** More than its share a child is given when nobody else has come for so long, in ms. Guess: a round trip, and what the word of a slot takes. */
const CALM_MS = 500

/** Slots a member always has, whatever is measured. Guess: who gives nothing would still hand on what nobody else has. */
const MIN_SLOTS = 1

/** A child that is still pushed to. */
interface Leaving {
  readonly child: MulticastNeighbor
  readonly stripe: number
  /** The end, in ms, whatever happens. */
  readonly untilMs: number
  /** The last that is pushed; infinite while it has found nobody else. */
  lastNumber: number
}

/** To whom this member pushes which stripe: slots, admission, giving way. Rules M1, M3, M4, M7. */
export class Children {
  readonly #state: StreamState
  readonly #upload: Upload
  readonly #outgo: Outgo
  readonly #parents: Parents
  /** By stripe. */
  readonly #children: MulticastNeighbor[][]
  /** Who gives way, or has found another. They have no slots. */
  #leaving: Leaving[] = []
  #used = 0
  #slots = MIN_SLOTS
  #shedMs = 0
  #admittedMs = 0
  #growMs = 0

  constructor(state: StreamState, upload: Upload, outgo: Outgo, parents: Parents) {
    this.#state = state
    this.#upload = upload
    this.#outgo = outgo
    this.#parents = parents
    this.#children = Array.from({ length: state.stripes }, () => [])
  }

  /** From now on. */
  begin(nowMs: number): void {
    this.#admittedMs = nowMs
    this.#updateSlots(this.#state.rate.kbps(nowMs))
  }

  get used(): number {
    return this.#used
  }

  /** Slots that nobody has. */
  get free(): number {
    return Math.max(0, this.#slots - this.#used)
  }

  /** Stripes that somebody has from this member. */
  get interior(): number {
    let mask = 0
    for (const [stripe, children] of this.#children.entries()) if (children.length > 0) mask |= 1 << stripe
    return mask
  }

  /** The stripes that one more would be given. */
  openMask(nowMs: number): number {
    const hasRoom = this.#used < this.#slots
    const furthest = hasRoom ? 0 : this.#furthest(nowMs)
    let mask = 0
    for (let stripe = 0; stripe < this.#state.stripes; stripe++) {
      if (!this.#parents.isLive(stripe, nowMs)) continue
      const isFull = this.#isFull(stripe)
      if ((isFull || !hasRoom) && this.#hasGreedy(stripe, nowMs)) mask |= 1 << stripe
      if (isFull) continue
      if (hasRoom || this.#depth(stripe) + CLEARLY_NEARER <= furthest) mask |= 1 << stripe
    }
    return mask
  }

  /** The uplink of the child that would give way to a stronger one. */
  weakestKbps(nowMs: number): number {
    let weakest = Number.POSITIVE_INFINITY
    for (let stripe = 0; stripe < this.#state.stripes; stripe++)
      weakest = Math.min(weakest, this.#weakest(stripe, nowMs)?.uplinkKbps ?? Number.POSITIVE_INFINITY)
    return Number.isFinite(weakest) ? weakest : 0
  }

  /** What pushes leave of the uplink, in kbit/s. */
  spareKbps(nowMs: number): number {
    const rateKbps = this.#state.rate.kbps(nowMs)
    const uplinkKbps = this.#upload.uplink.kbps(rateKbps)
    return Math.max(0.05 * uplinkKbps, uplinkKbps - (this.#used * rateKbps) / this.#state.stripes)
  }

  /** A neighbor asks for stripes, or says that it still wants them. */
  onSubscribe(child: MulticastNeighbor, mask: number, nowMs: number): void {
    const { rate, stripes } = this.#state
    const isCalm = nowMs - this.#admittedMs > CALM_MS
    const share = isCalm ? stripes : fairShare(child.uplinkKbps, rate.kbps(nowMs), stripes)
    // Not always the same ones, where many ask for all.
    const first = Math.floor(this.#state.random() * stripes)
    for (let i = 0; i < stripes; i++) {
      const stripe = (first + i) % stripes
      if ((mask & (1 << stripe)) !== 0) this.#onAsked(child, stripe, share, nowMs)
    }
  }

  #onAsked(child: MulticastNeighbor, stripe: number, share: number, nowMs: number): void {
    const isBelow = this.#parents.path(stripe).includes(child.digest)
    if ((child.childMask & (1 << stripe)) !== 0) {
      if (isBelow) this.#end(child, stripe)
      return
    }
    const isOver = bitCount(child.childMask) >= share
    if (isBelow || isOver || !this.#parents.isLive(stripe, nowMs) || !this.#makeRoom(child, stripe, nowMs)) {
      this.#outgo.refuse(child, stripe)
      return
    }
    this.#admittedMs = nowMs
    if (child.childMask === 0) child.childSinceMs = nowMs
    child.childMask |= 1 << stripe
    this.#of(stripe).push(child)
    this.#used += 1
    this.#outgo.accept(child, stripe)
  }

  /** It wants these no more. @param until but for fragments up to this number */
  onUnsubscribe(child: MulticastNeighbor, mask: number, until: number, nowMs: number): void {
    for (let stripe = 0; stripe < this.#state.stripes; stripe++) {
      if ((mask & child.childMask & (1 << stripe)) === 0) continue
      if (nextOf(stripe, this.#state.store.highest - this.#state.stripes, this.#state.stripes) >= until)
        this.#remove(child, stripe)
      else this.#leave(child, stripe, until, nowMs)
    }
  }

  /** A new fragment goes to all who have its stripe from here. */
  push(fragment: Fragment, from: MulticastNeighbor | undefined, nowMs: number): void {
    const children = this.#of(fragment.number % this.#state.stripes)
    const bit = 1 << (fragment.number % this.#state.stripes)
    for (const child of children) {
      if (child === from || child.has(fragment.number)) continue
      if (this.#leaving.length > 0 && this.#isOver(child, fragment.number)) continue
      this.#upload.push(child.peer, fragment, (child.interior & bit) !== 0, nowMs)
    }
    this.#upload.flush(nowMs)
    for (const child of [...children])
      if (this.#upload.waitingFor(child.peer) > MAX_QUEUED_PUSHES) this.#endAll(child)
  }

  /** To be called often. @param neighbors all that there are */
  tick(neighbors: Iterable<MulticastNeighbor>, nowMs: number): void {
    const rateKbps = this.#state.rate.kbps(nowMs)
    let longestMs = 0
    for (const child of neighbors) {
      if (child.childMask === 0) continue
      const waitMs = this.#upload.waitOf(child.peer, nowMs)
      const isStalled = this.#upload.isStalled(child.peer)
      if (nowMs - child.heardAtMs > SILENT_MS || (isStalled && waitMs > SLOW_MS)) this.#endAll(child)
      // While others take what they get, its downlink is slow: that says nothing of the own uplink.
      else if (!isStalled) longestMs = Math.max(longestMs, waitMs)
    }
    for (const { child, stripe, untilMs } of [...this.#leaving])
      if (untilMs <= nowMs) this.#end(child, stripe)
    this.#updateSlots(rateKbps)
    this.#watchQueue(longestMs, rateKbps, nowMs)
  }

  #updateSlots(rateKbps: number): void {
    const { stripes, isPublisher, parameters } = this.#state
    const most = parameters.multicastPushNeighborLimit * stripes
    const slots = Math.max(MIN_SLOTS, this.#upload.uplink.slots(rateKbps, stripes))
    // A publisher's stripes are alike: one that has fewer slots than the others would starve.
    this.#slots = Math.min(isPublisher ? Math.max(slots, stripes) : slots, most)
  }

  #watchQueue(longestMs: number, rateKbps: number, nowMs: number): void {
    if (longestMs > ROOMY_MS || this.#used < this.#slots)
      this.#growMs = Math.max(this.#growMs, nowMs + GROW_AFTER_MS)
    const isOver = this.#used > this.#slots || longestMs > OVERFULL_MS
    if (longestMs > CROWDED_MS && isOver && nowMs - this.#shedMs >= SHED_EVERY_MS) this.#shed(nowMs)
    else if (nowMs >= this.#growMs) {
      const { stripes } = this.#state
      this.#upload.uplink.onCarried(((this.#used + 1) * rateKbps) / stripes / 0.9 + 1, rateKbps)
      this.#growMs = nowMs + GROW_AFTER_MS
    }
  }

  #shed(nowMs: number): void {
    let [weakest, at]: [MulticastNeighbor | undefined, number] = [undefined, 0]
    for (const [stripe, children] of this.#children.entries())
      for (const child of children)
        if (
          !this.#isLeaving(child, stripe) &&
          (weakest === undefined || rank(child, stripe) < rank(weakest, at))
        )
          [weakest, at] = [child, stripe]
    this.#shedMs = nowMs
    this.#growMs = nowMs + GROW_AFTER_SHED_MS
    if (weakest !== undefined) this.#let(weakest, at, nowMs)
  }

  /** Is there a slot, or does somebody give way? */
  #makeRoom(child: MulticastNeighbor, stripe: number, nowMs: number): boolean {
    const isFull = this.#isFull(stripe)
    if (!isFull && this.#used < this.#slots) return true
    if (this.#leaving.length >= MAX_LEAVING) return false
    const greedy = this.#greediest(stripe, child, nowMs)
    if (greedy !== undefined) return this.#let(greedy, stripe, nowMs)
    const own = this.#weakest(stripe, nowMs)
    if (own !== undefined && own.uplinkKbps < CLEARLY_WEAKER * child.uplinkKbps)
      return this.#let(own, stripe, nowMs)
    if (isFull) {
      return false
    } // DEBUG
    const nearest = this.#depth(stripe) + CLEARLY_NEARER
    for (const other of this.#byDepth()) {
      const weakest = this.#weakest(other, nowMs)
      if (weakest === undefined) continue
      const isNearer =
        this.#depth(other) >= nearest && weakest.uplinkKbps <= child.uplinkKbps / CLEARLY_WEAKER
      if (isNearer || weakest.uplinkKbps < CLEARLY_WEAKER * child.uplinkKbps)
        return this.#let(weakest, other, nowMs)
    }
    return false
  }

  /** Would a child give way to one that has nothing from here yet? */
  #hasGreedy(stripe: number, nowMs: number): boolean {
    const { rate, stripes } = this.#state
    if (this.#leaving.length >= MAX_LEAVING) return false
    const rateKbps = rate.kbps(nowMs)
    return this.#of(stripe).some(
      child =>
        bitCount(child.childMask) > Math.max(1, fairShare(child.uplinkKbps, rateKbps, stripes)) &&
        !this.#isLeaving(child, stripe)
    )
  }

  /** A child of the stripe that has more than its share from here, and so many more stripes than the other one that one could move. */
  #greediest(stripe: number, other: MulticastNeighbor, nowMs: number): MulticastNeighbor | undefined {
    const { rate, stripes } = this.#state
    const rateKbps = rate.kbps(nowMs)
    const least = bitCount(other.childMask) + 2
    if (other.uplinkKbps < rateKbps) return undefined
    return this.#of(stripe).find(child => {
      const count = bitCount(child.childMask)
      if (count < least || this.#isLeaving(child, stripe)) return false
      return count > fairShare(child.uplinkKbps, rateKbps, stripes)
    })
  }

  /** The child gives way, and has some time for it. */
  #let(child: MulticastNeighbor, stripe: number, nowMs: number): true {
    this.#leave(child, stripe, Number.POSITIVE_INFINITY, nowMs)
    this.#outgo.revoke(child, stripe)
    return true
  }

  #leave(child: MulticastNeighbor, stripe: number, lastNumber: number, nowMs: number): void {
    const leaving = this.#leaving.find(each => each.child === child && each.stripe === stripe)
    if (leaving !== undefined) leaving.lastNumber = lastNumber
    else {
      this.#leaving.push({ child, stripe, untilMs: nowMs + LEAVING_MS, lastNumber })
      this.#used -= 1
    }
  }

  /** Has the child another parent for this one? */
  #isOver(child: MulticastNeighbor, number: number): boolean {
    const stripe = number % this.#state.stripes
    return this.#leaving.some(
      each => each.child === child && each.stripe === stripe && number > each.lastNumber
    )
  }

  /** Stripes, the one furthest from the publisher first. */
  #byDepth(): number[] {
    return [...this.#children.keys()].sort((a, b) => this.#depth(b) - this.#depth(a))
  }

  /** How far from the publisher this member is in the stripe in which it is furthest and has somebody who could give way. */
  #furthest(nowMs: number): number {
    if (this.#leaving.length >= MAX_LEAVING) return 0
    let furthest = 0
    for (let stripe = 0; stripe < this.#state.stripes; stripe++)
      if (
        this.#of(stripe).length > 0 &&
        this.#depth(stripe) > furthest &&
        this.#weakest(stripe, nowMs) !== undefined
      )
        furthest = this.#depth(stripe)
    return furthest
  }

  #depth(stripe: number): number {
    return this.#parents.path(stripe).length
  }

  /** Have as many the stripe from here as may? */
  #isFull(stripe: number): boolean {
    let leaving = 0
    for (const each of this.#leaving) if (each.stripe === stripe) leaving += 1
    return this.#of(stripe).length - leaving >= this.#state.parameters.multicastPushNeighborLimit
  }

  #isLeaving(child: MulticastNeighbor, stripe: number): boolean {
    return this.#leaving.some(each => each.child === child && each.stripe === stripe)
  }

  /** The child with the least uplink that has nobody below it. */
  #weakest(stripe: number, nowMs: number): MulticastNeighbor | undefined {
    let weakest: MulticastNeighbor | undefined
    for (const child of this.#of(stripe)) {
      if ((child.interior & (1 << stripe)) !== 0 || nowMs - child.childSinceMs < SETTLED_MS) continue
      if (this.#isLeaving(child, stripe)) continue
      if (weakest === undefined || child.uplinkKbps < weakest.uplinkKbps) weakest = child
    }
    return weakest
  }

  /** It is pushed the stripe no more, and is told so. */
  #end(child: MulticastNeighbor, stripe: number): void {
    this.#remove(child, stripe)
    this.#outgo.refuse(child, stripe)
  }

  #endAll(child: MulticastNeighbor): void {
    for (let stripe = 0; stripe < this.#state.stripes; stripe++)
      if ((child.childMask & (1 << stripe)) !== 0) this.#end(child, stripe)
  }

  #remove(child: MulticastNeighbor, stripe: number): void {
    const children = this.#of(stripe)
    children.splice(children.indexOf(child), 1)
    child.childMask &= ~(1 << stripe)
    if (this.#isLeaving(child, stripe))
      this.#leaving = this.#leaving.filter(each => each.child !== child || each.stripe !== stripe)
    else this.#used -= 1
    this.#upload.drop(child.peer, ({ number }) => number % this.#state.stripes === stripe)
  }

  #of(stripe: number): MulticastNeighbor[] {
    return this.#children[stripe] as MulticastNeighbor[]
  }
}

/** Who goes first: those with nobody below them, then by uplink. */
function rank({ interior, uplinkKbps }: MulticastNeighbor, stripe: number): number {
  return ((interior & (1 << stripe)) !== 0 ? 1e9 : 0) + uplinkKbps
}
