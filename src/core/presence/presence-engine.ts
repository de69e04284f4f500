// Who is there? Each member that wants to be seen signs an entry, which all members keep and pass on, whether they want to be seen or not. Three things keep the lists
// the same and true. News spread at once (PresenceSpread). Neighbors compare digests of their lists, at first and then now and then, and give each other what is missing.
// And the nearest neighbors on the ring watch each other (PresenceWatch): whom one of them doubts has 6 s to say something newer, and all count it as gone if it does not
// (as in SWIM, Das and others 2002). Who leaves in good order says so. Under all of it lies a lifetime in each entry, for members whose watchers die with them.
//
// Nobody can speak for another: entries are signed, a doubt only makes the doubted say a word, and no neighbor gets more out of a member than its buckets let through.
import type { Place } from '../../shared/ring.ts'
import { TokenBucket } from '../../shared/token-bucket.ts'
import {
  MAX_DOUBT_BURST,
  MAX_DOUBTS_PER_SECOND,
  MAX_PRESENCE_BURST,
  MAX_PRESENCE_PER_SECOND,
  MAX_PRESENT_MEMBERS
} from '../../wire/limits.ts'
import { OwnPresence } from './own-presence.ts'
import type { PresenceEffect, PresenceInit, PresenceInput } from './presence-contract.ts'
import type { Mention, PresenceEntry, PresenceWords } from './presence-entry.ts'
import { PresenceExchange } from './presence-exchange.ts'
import { PresenceList } from './presence-list.ts'
import { PresenceSpread } from './presence-spread.ts'
import { PresenceWatch } from './presence-watch.ts'

/** How long the doubted has to say something newer, in ms: longer than another path to it is looked for when a link was cut. */
const ANSWER_MS = 6_000

/** How often the engine looks around, in ms, with neighbors and without. */
const TICK_MS = 500
const TICK_ALONE_MS = 5_000

/** A tick this late means that the machine or the page was asleep. */
const ASLEEP_MS = 5_000

/** Who has no neighbor for this long sees nobody, in ms. */
const ALONE_MS = 10_000

/** Entries older than this by the group's clock are not taken: who is long gone cannot be brought back by what it once said. Clocks may be off by as much. */
const MAX_AGE_MS = 3_600_000

/** How often entries are looked at for their lifetime, in ms. */
const EXPIRE_MS = 10_000

/** What a neighbor may tell. */
interface Link {
  readonly told: TokenBucket
  readonly doubted: TokenBucket
}

/** The number by which messages name a place: its first 53 bits. */
export function placeNumber({ fraction }: Place): number {
  return fraction * 2 ** 53
}

/** Keeps the list of members that want to be seen. One per membership. */
export class PresenceEngine {
  readonly #init: PresenceInit
  readonly #list = new PresenceList()
  readonly #spread: PresenceSpread
  readonly #exchange: PresenceExchange
  readonly #watch: PresenceWatch
  readonly #own: OwnPresence
  readonly #ownPlace: number
  readonly #links = new Map<string, Link>()
  /** Entries being verified: the newest of each member. */
  readonly #verifying = new Map<number, number>()
  /** Until when the doubted may say something newer, by place. */
  readonly #doubts = new Map<number, number>()
  #effects: PresenceEffect[] = []
  #nowMs = 0
  #tickAtMs = Number.POSITIVE_INFINITY
  #timerAtMs = Number.POSITIVE_INFINITY
  #expireAtMs = 0
  #aloneSinceMs = Number.NEGATIVE_INFINITY

  constructor(init: PresenceInit) {
    this.#init = init
    const { peer, placeOf, heardAtMs, random } = init
    this.#ownPlace = placeNumber(placeOf(peer))
    this.#spread = new PresenceSpread(random)
    this.#exchange = new PresenceExchange({ list: this.#list, spread: this.#spread, random })
    this.#own = new OwnPresence(init)
    const isPresent = (other: string): boolean => this.#list.present.has(this.#placeOf(other))
    this.#watch = new PresenceWatch({ own: placeOf(peer), heardAtMs, isPresent })
  }

  /** Other members that are there, in no order. */
  get members(): PresenceEntry[] {
    const all = Array.from(this.#list.present.values(), ({ entry }) => entry)
    return all.filter(({ peer }) => peer !== this.#init.peer)
  }

  /** Takes one input and answers what is to be done, in order. @param nowMs never goes back */
  handle(input: PresenceInput, nowMs: number): PresenceEffect[] {
    this.#nowMs = nowMs
    this.#effects = []
    this.#on(input)
    this.#setTimer()
    return this.#effects
  }

  #on(input: PresenceInput): void {
    if (input.type === 'timer') this.#onTimer()
    else if (input.type === 'words') this.#onWords(input.from, input.words)
    else if (input.type === 'verified') this.#onVerified(input.entry, input.from, input.isTrue)
    else if (input.type === 'present') {
      this.#own.present(input.value, this.#nowMs)
      this.#announce()
    } else if (input.type === 'withdraw') this.#withdraw()
    else if (input.type === 'signed') this.#onSigned(input.entry, input.farewell)
    else if (input.type === 'linkUp') this.#onLinkUp(input.peer)
    else if (input.type === 'linkMoved') this.#onLinkMoved(input.peer)
    else if (input.type === 'linkCut') this.#doubtPeer(input.peer)
    else this.#onLinkDown(input.peer)
  }

  // The own entry

  #announce(): void {
    const drafts = this.#own.draft(this.#list.present.size, this.#nowMs)
    if (drafts !== undefined) this.#effects.push({ type: 'sign', ...drafts })
  }

  #onSigned(entry: PresenceEntry, farewell: PresenceEntry): void {
    if (!this.#own.accept(entry, farewell, this.#nowMs)) return
    this.#list.put(this.#ownPlace, entry, this.#nowMs)
    this.#spread.tellAll(this.#ownPlace, entry, this.#nowMs)
  }

  #withdraw(): void {
    const farewell = this.#own.withdraw()
    if (farewell === undefined) return
    this.#list.leave(this.#ownPlace, this.#nowMs, farewell)
    this.#spread.tellAll(this.#ownPlace, farewell, this.#nowMs)
    this.#flush()
  }

  // Links

  #onLinkUp(peer: string): void {
    this.#links.set(peer, {
      told: new TokenBucket(MAX_PRESENCE_BURST, MAX_PRESENCE_PER_SECOND),
      doubted: new TokenBucket(MAX_DOUBT_BURST, MAX_DOUBTS_PER_SECOND)
    })
    this.#spread.addLink(peer)
    this.#watch.addLink(peer, this.#init.placeOf(peer))
    const own = this.#own.entry
    if (own !== undefined) this.#spread.give(peer, this.#ownPlace, own, this.#nowMs)
    this.#exchange.addLink(peer, this.#nowMs)
    this.#askWhetherThere(peer)
  }

  #onLinkMoved(peer: string): void {
    this.#exchange.compareSoon(peer, this.#nowMs)
    this.#askWhetherThere(peer)
  }

  /** It may not have heard that it is doubted. */
  #askWhetherThere(peer: string): void {
    const place = this.#placeOf(peer)
    const sequence = this.#list.sequenceOf(place)
    if (this.#doubts.has(place)) this.#spread.doubt(peer, { place, sequence }, this.#nowMs)
  }

  #onLinkDown(peer: string): void {
    this.#links.delete(peer)
    this.#spread.removeLink(peer)
    this.#exchange.removeLink(peer)
    this.#watch.removeLink(peer)
    if (this.#links.size === 0) this.#aloneSinceMs = this.#nowMs
  }

  // What neighbors say

  #onWords(from: string, words: PresenceWords): void {
    const link = this.#links.get(from)
    if (link === undefined) return
    for (const entry of words.entries) this.#onEntry(from, link, entry)
    for (const doubt of words.doubts) this.#onDoubt(from, link, doubt)
    this.#exchange.onMentions(from, words, this.#nowMs)
    for (const place of words.wanted) this.#exchange.give(from, place, this.#nowMs)
    if (words.digest !== undefined) this.#exchange.onDigest(from, words.digest, this.#nowMs)
  }

  #onEntry(from: string, link: Link, entry: PresenceEntry): void {
    const place = this.#placeOf(entry.peer)
    const { sequence, isLeft } = entry
    this.#spread.onHeld(from, { place, sequence })
    if (sequence <= this.#list.sequenceOf(place)) {
      this.#exchange.contradict(from, { place, sequence }, this.#nowMs)
      return
    }
    if (sequence <= (this.#verifying.get(place) ?? -1) || this.#verifying.size >= MAX_PRESENT_MEMBERS) return
    if (!this.#list.present.has(place) && (isLeft || this.#list.isFull)) return
    if (sequence < this.#init.groupNow() - MAX_AGE_MS || !link.told.take(this.#nowMs)) return
    this.#verifying.set(place, sequence)
    this.#effects.push({ type: 'verify', entry, from })
  }

  #onVerified(entry: PresenceEntry, from: string, isTrue: boolean): void {
    const place = this.#placeOf(entry.peer)
    if (this.#verifying.get(place) === entry.sequence) this.#verifying.delete(place)
    if (!isTrue || entry.sequence <= this.#list.sequenceOf(place)) return
    if (place === this.#ownPlace) this.#own.outdo(entry, this.#nowMs)
    else if (entry.isLeft) this.#gone(place, entry, from)
    else if (this.#list.present.has(place) || !this.#list.isFull) this.#here(place, entry, from)
  }

  #here(place: number, entry: PresenceEntry, from: string): void {
    const before = this.#list.present.get(place)?.entry
    const change = this.#list.put(place, entry, this.#nowMs)
    const isNews = this.#doubts.delete(place) || change !== 'refreshed'
    if (before !== undefined && change === 'rejoined') this.#effects.push({ type: 'left', entry: before })
    if (change === 'updated') this.#effects.push({ type: 'updated', entry })
    else if (change !== 'refreshed') this.#effects.push({ type: 'joined', entry })
    this.#watch.onListChange(entry.peer)
    if (entry.peer === from || !this.#exchange.isFirstList(from, this.#nowMs))
      this.#spread.tell(place, entry, from, this.#nowMs, isNews)
  }

  /** @param farewell its own last word @param from who told that */
  #gone(place: number, farewell?: PresenceEntry, from?: string): void {
    this.#doubts.delete(place)
    const entry = this.#list.leave(place, this.#nowMs, farewell)
    if (entry === undefined) return
    this.#effects.push({ type: 'left', entry })
    this.#watch.onListChange(entry.peer)
    if (farewell !== undefined && from !== undefined) this.#spread.tell(place, farewell, from, this.#nowMs)
  }

  // Doubts

  #onDoubt(from: string, link: Link, doubt: Mention): void {
    const { place, sequence } = doubt
    const known = this.#list.present.get(place)?.entry.sequence
    if (known === undefined || sequence < known) this.#exchange.give(from, place, this.#nowMs)
    else if (sequence > known) this.#exchange.ask(from, doubt, this.#nowMs)
    else if (this.#doubts.has(place) || !link.doubted.take(this.#nowMs)) return
    else if (place === this.#ownPlace) this.#own.answer(this.#nowMs)
    else this.#doubt(doubt, from)
  }

  #doubtPeer(peer: string): void {
    const place = this.#placeOf(peer)
    const sequence = this.#list.present.get(place)?.entry.sequence
    if (sequence !== undefined && !this.#doubts.has(place)) this.#doubt({ place, sequence }, undefined)
  }

  #doubt(doubt: Mention, from: string | undefined): void {
    this.#doubts.set(doubt.place, this.#nowMs + ANSWER_MS)
    this.#spread.doubtToAll(doubt, from, this.#nowMs)
  }

  // Time

  #onTimer(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY
    if (this.#tickAtMs <= this.#nowMs) this.#tick()
    if (this.#own.dueMs <= this.#nowMs) this.#announce()
    if (this.#spread.dueMs <= this.#nowMs) this.#flush()
  }

  #tick(): void {
    if (this.#nowMs - this.#tickAtMs > ASLEEP_MS) this.#wakeUp()
    this.#tickAtMs = Number.POSITIVE_INFINITY
    const { pings, doubted } = this.#watch.check(this.#nowMs)
    for (const to of pings) this.#effects.push({ type: 'ping', to })
    for (const peer of doubted) this.#doubtPeer(peer)
    for (const [place, untilMs] of this.#doubts) if (untilMs <= this.#nowMs) this.#gone(place)
    this.#exchange.tick(this.#nowMs)
    if (this.#expireAtMs <= this.#nowMs) this.#expire()
    if (this.#links.size === 0 && this.#nowMs - this.#aloneSinceMs >= ALONE_MS) this.#seeNobody()
  }

  /** Nobody had a chance to be heard. */
  #wakeUp(): void {
    this.#watch.forgive(this.#nowMs)
    this.#list.forgive(this.#nowMs)
    for (const place of this.#doubts.keys()) this.#doubts.set(place, this.#nowMs + ANSWER_MS)
  }

  #expire(): void {
    this.#expireAtMs = this.#nowMs + EXPIRE_MS
    this.#list.forgetGone(this.#nowMs)
    for (const place of this.#list.expired(this.#nowMs)) if (place !== this.#ownPlace) this.#gone(place)
  }

  /** They may be there still: what they said before counts when somebody tells it again. */
  #seeNobody(): void {
    this.#doubts.clear()
    for (const place of [...this.#list.present.keys()]) {
      const entry = place === this.#ownPlace ? undefined : this.#list.forget(place)
      if (entry !== undefined) this.#effects.push({ type: 'left', entry })
    }
  }

  #flush(): void {
    for (const { to, words } of this.#spread.flush(this.#nowMs))
      this.#effects.push({ type: 'send', to, words })
  }

  #setTimer(): void {
    const tickMs = this.#links.size > 0 ? TICK_MS : TICK_ALONE_MS
    this.#tickAtMs = Math.min(this.#tickAtMs, this.#nowMs + tickMs)
    const dueMs = Math.min(this.#tickAtMs, this.#own.dueMs, this.#spread.dueMs)
    if (dueMs >= this.#timerAtMs) return
    this.#timerAtMs = dueMs
    this.#effects.push({ type: 'setTimer', afterMs: Math.max(0, dueMs - this.#nowMs) })
  }

  #placeOf(peer: string): number {
    return placeNumber(this.#init.placeOf(peer))
  }
}
