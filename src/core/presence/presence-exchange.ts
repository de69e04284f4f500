import { TokenBucket } from '../../shared/token-bucket.ts'
import { MAX_PRESENCE_BURST, MAX_PRESENCE_PER_SECOND, MAX_PRESENT_MEMBERS } from '../../wire/limits.ts'
import type { Mention, PresenceDigest, PresenceWords } from './presence-entry.ts'
import type { PresenceList } from './presence-list.ts'
import type { PresenceSpread } from './presence-spread.ts'

/** How often lists are compared with a random neighbor, in ms, give or take half; more often in the first time with neighbors. Guess. */
const COMPARE_MS = 10_000
const COMPARE_YOUNG_MS = 1_000
const YOUNG_MS = 10_000

/** How late lists are compared with a further neighbor, in ms, at least and at random more: what spreads by itself has come then. */
const COMPARE_NEW_MIN_MS = 200
const COMPARE_NEW_MS = 800

/** What comes within this after an empty list was shown is that neighbor's list, and no news to others, in ms. */
const FIRST_LIST_MS = 3_000

/** What was asked for is not asked of another neighbor for this long, in ms. */
const ASK_AGAIN_MS = 500

/** Others who have what was asked for that are remembered, should it not come. */
const MAX_OTHERS = 3

/** An entry that was asked for. */
interface Asked {
  readonly sequence: number
  readonly atMs: number
  /** Neighbors that have it too. */
  readonly others: string[]
}

/** What is remembered of a neighbor. */
interface Link {
  /** When to compare lists with it. */
  compareAtMs: number
  /** Until when its entries are its list, given to a newcomer. */
  firstListUntilMs: number
  /** Entries that it may have of us. */
  readonly given: TokenBucket
}

/** How {@link PresenceExchange} is made. */
export interface PresenceExchangeInit {
  readonly list: PresenceList
  readonly spread: PresenceSpread
  /** 0 ≤ x < 1. */
  readonly random: () => number
}

/**
 * Makes neighbors' lists the same: a digest first, then, where they differ, the mentions of all that one has, then what either is missing. A newcomer is given
 * the list of its first neighbor without more ado. What was lost on the way comes like this too.
 */
export class PresenceExchange {
  readonly #init: PresenceExchangeInit
  readonly #links = new Map<string, Link>()
  /** By place. */
  readonly #asked = new Map<number, Asked>()
  #compareAtMs = Number.POSITIVE_INFINITY
  #youngUntilMs = Number.NEGATIVE_INFINITY

  constructor(init: PresenceExchangeInit) {
    this.#init = init
  }

  addLink(peer: string, nowMs: number): void {
    const isFirst = this.#links.size === 0
    this.#links.set(peer, {
      compareAtMs: Number.POSITIVE_INFINITY,
      firstListUntilMs: Number.NEGATIVE_INFINITY,
      given: new TokenBucket(MAX_PRESENCE_BURST, MAX_PRESENCE_PER_SECOND)
    })
    if (isFirst) this.#youngUntilMs = nowMs + YOUNG_MS
    if (isFirst) this.#compare(peer, nowMs)
    else this.compareSoon(peer, nowMs)
  }

  removeLink(peer: string): void {
    this.#links.delete(peer)
  }

  compareSoon(peer: string, nowMs: number): void {
    const link = this.#links.get(peer)
    if (link !== undefined)
      link.compareAtMs = nowMs + COMPARE_NEW_MIN_MS + this.#init.random() * COMPARE_NEW_MS
  }

  /** Compares with whom it is time to. */
  tick(nowMs: number): void {
    for (const [place, { sequence, atMs, others }] of this.#asked) {
      if (nowMs - atMs < ASK_AGAIN_MS) continue
      this.#asked.delete(place)
      const [other, ...rest] = others
      if (other !== undefined) this.ask(other, { place, sequence }, nowMs, rest)
    }
    for (const [peer, link] of this.#links) if (link.compareAtMs <= nowMs) this.#compare(peer, nowMs)
    if (this.#compareAtMs <= nowMs) {
      const peer = [...this.#links.keys()][Math.floor(this.#init.random() * this.#links.size)]
      if (peer !== undefined) this.#compare(peer, nowMs)
      this.#compareAtMs = Number.POSITIVE_INFINITY
    }
    const meanMs = nowMs < this.#youngUntilMs ? COMPARE_YOUNG_MS : COMPARE_MS
    this.#compareAtMs = Math.min(this.#compareAtMs, nowMs + meanMs * (0.5 + this.#init.random()))
  }

  /** Is what this neighbor tells now its list, to a newcomer? */
  isFirstList(from: string, nowMs: number): boolean {
    return nowMs < (this.#links.get(from)?.firstListUntilMs ?? 0)
  }

  onDigest(from: string, theirs: PresenceDigest, nowMs: number): void {
    const { list, spread } = this.#init
    const { count, high, low } = list.digest
    if (theirs.high === high && theirs.low === low && theirs.count === count) return
    // A newcomer, with nothing to say but that it is there.
    if (theirs.count <= 1) for (const place of list.present.keys()) this.give(from, place, nowMs)
    else if (this.#links.get(from)?.given.take(nowMs) === true) {
      this.#expectFirstList(from, nowMs)
      spread.mentionAll(from, list.mentions, nowMs)
    }
  }

  onMentions(from: string, { mentions, isWhole }: PresenceWords, nowMs: number): void {
    const { list, spread } = this.#init
    if (mentions.length === 0 && !isWhole) return
    const told = new Set<number>()
    for (const mention of mentions) {
      told.add(mention.place)
      spread.onHeld(from, mention)
      if (mention.sequence > list.sequenceOf(mention.place)) this.ask(from, mention, nowMs)
      else if (isWhole) this.contradict(from, mention, nowMs)
    }
    if (!isWhole || mentions.length >= MAX_PRESENT_MEMBERS) return
    for (const place of list.present.keys()) if (!told.has(place)) this.give(from, place, nowMs)
  }

  /** Asks for an entry that is newer than what is known here, if nobody was asked just now. @param others have it too */
  ask(from: string, { place, sequence }: Mention, nowMs: number, others: string[] = []): void {
    const { list, spread } = this.#init
    if (sequence <= list.sequenceOf(place) || (list.isFull && !list.present.has(place))) return
    const asked = this.#asked.get(place)
    if (asked !== undefined) {
      if (asked.others.length < MAX_OTHERS) asked.others.push(from)
    } else if (this.#asked.size < MAX_PRESENT_MEMBERS) {
      this.#asked.set(place, { sequence, atMs: nowMs, others })
      spread.want(from, place, nowMs)
    }
  }

  give(to: string, place: number, nowMs: number): void {
    const { list, spread } = this.#init
    const entry = list.present.get(place)?.entry ?? list.gone(place)?.farewell
    if (entry !== undefined && this.#links.get(to)?.given.take(nowMs) === true)
      spread.give(to, place, entry, nowMs)
  }

  /** A neighbor has nothing newer than what is known here: what is older is set right, and that somebody is there who is gone. */
  contradict(to: string, mention: Mention, nowMs: number): void {
    const { list, spread } = this.#init
    const { place, sequence } = mention
    const gone = list.gone(place)
    if (gone !== undefined && gone.farewell === undefined) {
      if (this.#links.get(to)?.given.take(nowMs) === true) spread.doubt(to, mention, nowMs)
    } else if (sequence < list.sequenceOf(place)) this.give(to, place, nowMs)
  }

  #compare(peer: string, nowMs: number): void {
    const link = this.#links.get(peer)
    if (link !== undefined) link.compareAtMs = Number.POSITIVE_INFINITY
    this.#expectFirstList(peer, nowMs)
    this.#init.spread.compare(peer, this.#init.list.digest, nowMs)
  }

  #expectFirstList(peer: string, nowMs: number): void {
    const link = this.#links.get(peer)
    if (link !== undefined && this.#init.list.present.size <= 1) link.firstListUntilMs = nowMs + FIRST_LIST_MS
  }
}
