import { MAX_PRESENT_MEMBERS } from '../../wire/limits.ts'
import type { Mention, PresenceDigest, PresenceEntry, PresenceWords } from './presence-entry.ts'

/** What there is to tell is gathered for this long, in ms. Guess: ten neighbors' words about one thing come within it. */
const GATHER_MS = 50

/** Neighbors that get a new entry whole; the others get a mention, if they do not turn out to have it. 1 − e^−4: 98 % have it then. */
const EAGER = 4

/** With no more than this it goes to all. */
const ALL = 6

/** When the others get the mention, in ms: later than entries take to come from elsewhere. Guess. */
const MENTION_AFTER_MS = 250

/** Entries of one frame, so that others may be sent in between: a quarter of the largest frame. */
const MAX_ENTRIES = 50

/** An entry that was new here a moment ago. */
interface News {
  readonly entry: PresenceEntry
  readonly knownBy: Set<string>
  readonly mentionAtMs: number
  /** How many get it whole; 0 once they have. */
  eager: number
}

/** What waits for one neighbor. */
class Box {
  readonly entries = new Map<number, PresenceEntry>()
  readonly doubts = new Map<number, number>()
  readonly mentions = new Map<number, number>()
  readonly wanted = new Set<number>()
  isWhole = false
  digest: PresenceDigest | undefined
}

/**
 * Spreads what is new: each entry whole to a few neighbors at random, and by name to the others, who ask for it if they need to. So it arrives over the shortest ways,
 * and costs a member with twenty neighbors little more than one with four. Gathers what goes to each neighbor, and what comes to it in the meantime is not sent.
 */
export class PresenceSpread {
  readonly #random: () => number
  readonly #boxes = new Map<string, Box>()
  readonly #news = new Map<number, News>()
  #flushAtMs = Number.POSITIVE_INFINITY

  /** @param random 0 ≤ x < 1 */
  constructor(random: () => number) {
    this.#random = random
  }

  /** When {@link flush} has something to do. */
  get dueMs(): number {
    const [first] = this.#news.values()
    return Math.min(this.#flushAtMs, first?.mentionAtMs ?? Number.POSITIVE_INFINITY)
  }

  addLink(peer: string): void {
    this.#boxes.set(peer, new Box())
  }

  removeLink(peer: string): void {
    this.#boxes.delete(peer)
  }

  /** An entry is new here. @param knownBy who told it @param eager how many are to get it whole */
  tell(
    place: number,
    entry: PresenceEntry,
    knownBy: string | undefined,
    nowMs: number,
    eager: number = EAGER
  ): void {
    this.#news.delete(place)
    this.#news.set(place, {
      entry,
      knownBy: new Set(knownBy === undefined ? [] : [knownBy]),
      mentionAtMs: nowMs + MENTION_AFTER_MS,
      eager
    })
    this.#gather(nowMs)
  }

  /** To all neighbors, before anything else. */
  tellAll(place: number, entry: PresenceEntry, nowMs: number): void {
    this.#news.delete(place)
    for (const peer of this.#boxes.keys()) this.give(peer, place, entry, nowMs)
  }

  /** A neighbor has this. */
  onHeld(peer: string, { place, sequence }: Mention): void {
    const news = this.#news.get(place)
    if (news !== undefined && sequence >= news.entry.sequence) news.knownBy.add(peer)
  }

  give(to: string, place: number, entry: PresenceEntry, nowMs: number): void {
    this.#boxOf(to, nowMs)?.entries.set(place, entry)
  }

  want(from: string, place: number, nowMs: number): void {
    this.#boxOf(from, nowMs)?.wanted.add(place)
  }

  doubt(to: string, { place, sequence }: Mention, nowMs: number): void {
    this.#boxOf(to, nowMs)?.doubts.set(place, sequence)
  }

  /** To all but who told it. */
  doubtToAll(mention: Mention, except: string | undefined, nowMs: number): void {
    for (const peer of this.#boxes.keys()) if (peer !== except) this.doubt(peer, mention, nowMs)
  }

  compare(to: string, digest: PresenceDigest, nowMs: number): void {
    const box = this.#boxOf(to, nowMs)
    if (box !== undefined) box.digest = digest
  }

  /** Says everything that there is. */
  mentionAll(to: string, mentions: readonly Mention[], nowMs: number): void {
    const box = this.#boxOf(to, nowMs)
    if (box === undefined) return
    box.isWhole = true
    box.mentions.clear()
    for (const { place, sequence } of mentions) box.mentions.set(place, sequence)
  }

  /** What is to be sent now. */
  flush(nowMs: number): { to: string; words: PresenceWords }[] {
    for (const [place, news] of this.#news) {
      if (news.eager > 0) this.#push(place, news)
      if (news.mentionAtMs <= nowMs) this.#mention(place, news)
    }
    this.#flushAtMs = Number.POSITIVE_INFINITY
    const sent: { to: string; words: PresenceWords }[] = []
    for (const [to, box] of this.#boxes) {
      if (isEmpty(box)) continue
      this.#boxes.set(to, new Box())
      for (const words of wordsOf(box)) sent.push({ to, words })
    }
    return sent
  }

  #push(place: number, news: News): void {
    const others = [...this.#boxes.keys()].filter(peer => !news.knownBy.has(peer))
    const count = others.length <= ALL ? others.length : news.eager
    for (let i = 0; i < count && i < others.length; i++) {
      const at = i + Math.floor(this.#random() * (others.length - i))
      const peer = others[at] as string
      others[at] = others[i] as string
      this.#boxes.get(peer)?.entries.set(place, news.entry)
      news.knownBy.add(peer)
    }
    news.eager = 0
  }

  #mention(place: number, { entry, knownBy }: News): void {
    this.#news.delete(place)
    for (const [peer, box] of this.#boxes)
      if (!knownBy.has(peer) && !box.isWhole && box.mentions.size < MAX_PRESENT_MEMBERS)
        box.mentions.set(place, entry.sequence)
  }

  #boxOf(peer: string, nowMs: number): Box | undefined {
    this.#gather(nowMs)
    return this.#boxes.get(peer)
  }

  #gather(nowMs: number): void {
    this.#flushAtMs = Math.min(this.#flushAtMs, nowMs + GATHER_MS)
  }
}

function isEmpty({ entries, doubts, mentions, wanted, isWhole, digest }: Box): boolean {
  return entries.size + doubts.size + mentions.size + wanted.size === 0 && !isWhole && digest === undefined
}

const mentionsOf = (map: ReadonlyMap<number, number>): Mention[] =>
  Array.from(map, ([place, sequence]) => ({ place, sequence }))

function wordsOf(box: Box): PresenceWords[] {
  const entries = [...box.entries.values()]
  const words: PresenceWords[] = [
    {
      entries: entries.splice(0, MAX_ENTRIES),
      doubts: mentionsOf(box.doubts),
      mentions: mentionsOf(box.mentions),
      isWhole: box.isWhole,
      wanted: [...box.wanted],
      digest: box.digest
    }
  ]
  while (entries.length > 0) words.push(onlyEntries(entries.splice(0, MAX_ENTRIES)))
  return words
}

function onlyEntries(entries: readonly PresenceEntry[]): PresenceWords {
  return { entries, doubts: [], mentions: [], isWhole: false, wanted: [], digest: undefined }
}
