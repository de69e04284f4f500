import { MAX_QUEUED_PUSHES } from '../../wire/limits.ts'
import { Family, type Place } from './family.ts'
import type { Fragment } from './fragment.ts'
import { GivingWay } from './giving-way.ts'
import type { MulticastNeighbor } from './multicast-neighbor.ts'
import type { Outgo } from './outgo.ts'
import type { Parents } from './parents.ts'
import { Slots } from './slots.ts'
import { bitCount, fairShare, nextOf, type StreamState } from './stream-state.ts'
import type { Upload } from './upload.ts'

/** A child that takes nothing for so long while others do loses its slots, in ms. Guess. */
const SLOW_MS = 1_500

/** A child that has not been heard of for so long is gone, in ms: it says every second what it is pushed. Guess. */
const SILENT_MS = 3_500

/** With fewer slots than this, a child that gives way gets nothing more: one too many is half of all. Guess. */
const FEW_SLOTS = 5

/** More than its share a child is given when nobody else has come for so long, in ms. Guess: a round trip, and what the word of a slot takes. */
const CALM_MS = 500

/** A publisher with so few neighbors gives each as much as there is for all of them, and tells again what it refused for the share's sake: there may be nobody else to get it from. Guess: half of what the ring links. */
const FEW_LINKS = 8

/** To whom this member pushes which stripe: admission, pushing, and whom it gives up. Rules M1, M3, M4, M7. */
export class Children {
  readonly #state: StreamState
  readonly #upload: Upload
  readonly #outgo: Outgo
  readonly #parents: Parents
  readonly #family: Family
  readonly #slots: Slots
  readonly #givingWay: GivingWay
  #admittedMs = 0
  /** Was something refused that there is, since it was more than a share? */
  #hasHeldBack = false

  constructor(state: StreamState, upload: Upload, outgo: Outgo, parents: Parents) {
    this.#state = state
    this.#upload = upload
    this.#outgo = outgo
    this.#parents = parents
    this.#family = new Family(state, parents)
    this.#slots = new Slots(state, upload.uplink)
    this.#givingWay = new GivingWay(state, this.#family, this.#slots)
  }

  /** From now on. */
  begin(nowMs: number): void {
    this.#admittedMs = nowMs
    this.#slots.update(nowMs)
  }

  get used(): number {
    return this.#family.used
  }

  /** Slots that nobody has. */
  get free(): number {
    return Math.max(0, this.#slots.count - this.#family.used)
  }

  /** Stripes that somebody has from this member. */
  get interior(): number {
    let mask = 0
    for (let stripe = 0; stripe < this.#state.stripes; stripe++)
      if (this.#family.of(stripe).length > 0) mask |= 1 << stripe
    return mask
  }

  /**
   * Fragments that wait for the child for which the fewest do, of those that take something, if there are any. Without children: 0, or infinite while somebody who has not all of it is heard of, and would have to ask for
   * each.
   */
  leastWaiting(nowMs: number): number {
    const neighbors = [...this.#state.neighbors.values()]
    const children = neighbors.filter(({ childMask }) => childMask !== 0)
    if (children.length === 0) {
      const { highest } = this.#state.store
      const isWanting = neighbors.some(
        ({ map, heardAtMs }) => nowMs - heardAtMs < SILENT_MS && map.base < highest
      )
      return isWanting ? Number.POSITIVE_INFINITY : 0
    }
    const taking = children.filter(({ peer }) => !this.#upload.isStalled(peer))
    const waiting = (taking.length > 0 ? taking : children).map(({ peer }) => this.#upload.waitingFor(peer))
    return Math.min(...waiting)
  }

  /** The stripes that one more would be given. */
  openMask(nowMs: number): number {
    const givenWay = this.#givingWay.mask(nowMs)
    let mask = 0
    for (let stripe = 0; stripe < this.#state.stripes; stripe++) {
      const isOpen = this.#hasRoom(stripe) || (givenWay & (1 << stripe)) !== 0
      if (isOpen && this.#parents.isLive(stripe, nowMs)) mask |= 1 << stripe
    }
    return mask
  }

  /** The uplink of the child that would give way to a stronger one, in kbit/s; 0: nobody would. */
  weakestKbps(nowMs: number): number {
    return this.free > 0 ? 0 : this.#givingWay.weakestKbps(nowMs)
  }

  /** What pushes leave of the uplink, in kbit/s. */
  spareKbps(nowMs: number): number {
    return this.#slots.spareKbps(this.used, nowMs)
  }

  /** A neighbor asks for stripes, or says that it still wants them. */
  onSubscribe(child: MulticastNeighbor, mask: number, nowMs: number): void {
    const { stripes, random } = this.#state
    const share = this.#isCalm(nowMs) ? stripes : this.#shareOf(child, nowMs)
    // Not always the same ones, where many ask for all.
    const first = Math.floor(random() * stripes)
    for (let i = 0; i < stripes; i++) {
      const stripe = (first + i) % stripes
      if ((mask & (1 << stripe)) !== 0) this.#onAsked({ child, stripe }, share, nowMs)
    }
  }

  /** Once: is there again what was refused for the share's sake? */
  takeReopened(nowMs: number): boolean {
    if (!this.#hasHeldBack || !this.#isCalm(nowMs)) return false
    this.#hasHeldBack = false
    return this.#isAmongFew
  }

  /** It wants these no more. @param until but for fragments up to this number */
  onUnsubscribe(child: MulticastNeighbor, mask: number, until: number, nowMs: number): void {
    const { stripes, store } = this.#state
    for (let stripe = 0; stripe < stripes; stripe++) {
      if ((mask & child.childMask & (1 << stripe)) === 0) continue
      const hasAll = nextOf(stripe, store.highest - stripes, stripes) >= until
      if (hasAll) this.#remove({ child, stripe })
      else this.#family.move({ child, stripe }, until, nowMs)
    }
  }

  /** A new fragment goes to all who have its stripe from here. */
  push(fragment: Fragment, from: MulticastNeighbor | undefined, nowMs: number): void {
    const stripe = fragment.number % this.#state.stripes
    const children = this.#family.of(stripe)
    if (children.length === 0) return
    for (const child of children) {
      if (child === from || child.has(fragment.number)) continue
      if (this.#family.isOver(child, fragment.number)) continue
      this.#upload.push(child.peer, fragment, (child.interior & (1 << stripe)) !== 0, nowMs)
    }
    this.#upload.flush(nowMs)
    for (const child of [...children])
      if (this.#upload.waitingFor(child.peer) > MAX_QUEUED_PUSHES) this.#endAll(child)
  }

  /** To be called often. @param neighbors all that there are */
  tick(neighbors: Iterable<MulticastNeighbor>, nowMs: number): void {
    let longestMs = 0
    for (const child of neighbors) {
      if (child.childMask === 0) continue
      const waitMs = this.#upload.waitOf(child.peer, nowMs)
      const isStalled = this.#upload.isStalled(child.peer)
      if (nowMs - child.heardAtMs > SILENT_MS || (isStalled && waitMs > SLOW_MS)) this.#endAll(child)
      // While others take what they get, its downlink is slow: that says nothing of the own uplink.
      else if (!isStalled) longestMs = Math.max(longestMs, waitMs)
    }
    for (const place of this.#family.overdue(nowMs)) this.#end(place)
    this.#slots.update(nowMs)
    if (!this.#slots.watch(longestMs, this.used, nowMs)) return
    const place = this.#family.leastMissed()
    if (place !== undefined) this.#let(place, nowMs)
  }

  #onAsked(place: Place, share: number, nowMs: number): void {
    const { child, stripe } = place
    const isBelow = this.#parents.path(stripe).includes(child.digest)
    if ((child.childMask & (1 << stripe)) !== 0) {
      if (isBelow) this.#end(place)
      return
    }
    const isShared = bitCount(child.childMask) >= share
    const isThere = !isBelow && this.#parents.isLive(stripe, nowMs)
    this.#hasHeldBack ||= isThere && isShared
    if (!isThere || isShared || !this.#makeRoom(place, nowMs)) {
      this.#outgo.refuse(child, stripe)
      return
    }
    this.#admittedMs = nowMs
    this.#family.add(place, nowMs)
    this.#outgo.accept(child, stripe)
  }

  #isCalm(nowMs: number): boolean {
    return nowMs - this.#admittedMs > CALM_MS
  }

  /** To how many stripes this child has a right while others may come. */
  #shareOf({ uplinkKbps }: MulticastNeighbor, nowMs: number): number {
    const { rate, stripes, links } = this.#state
    const fair = fairShare(uplinkKbps, rate.kbps(nowMs), stripes)
    return this.#isAmongFew ? Math.max(fair, Math.ceil(this.#slots.count / links.size)) : fair
  }

  get #isAmongFew(): boolean {
    const { isPublisher, links } = this.#state
    return isPublisher && links.size <= FEW_LINKS
  }

  /** Is there a slot that no other stripe needs more? */
  #hasRoom(stripe: number): boolean {
    return this.free > this.#family.missingBeside(stripe) && !this.#family.isFull(stripe)
  }

  /** Is there a slot, or does somebody give way? */
  #makeRoom({ child, stripe }: Place, nowMs: number): boolean {
    if (this.#hasRoom(stripe)) return true
    const place = this.#givingWay.for(child, stripe, nowMs)
    if (place !== undefined) this.#let(place, nowMs)
    return place !== undefined
  }

  /** The child gives way, and has some time for it, if the uplink carries that. */
  #let(place: Place, nowMs: number): void {
    if (this.#slots.count < FEW_SLOTS) {
      this.#end(place)
      return
    }
    this.#family.giveWay(place, nowMs)
    this.#outgo.revoke(place.child, place.stripe)
  }

  /** It is pushed the stripe no more, and is told so. */
  #end(place: Place): void {
    this.#remove(place)
    this.#outgo.refuse(place.child, place.stripe)
  }

  #endAll(child: MulticastNeighbor): void {
    for (let stripe = 0; stripe < this.#state.stripes; stripe++)
      if ((child.childMask & (1 << stripe)) !== 0) this.#end({ child, stripe })
  }

  #remove(place: Place): void {
    this.#family.remove(place)
    const { stripes } = this.#state
    this.#upload.drop(place.child.peer, ({ number }) => number % stripes === place.stripe)
  }
}
