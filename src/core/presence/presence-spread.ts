import { MAX_PRESENT_MEMBERS } from '../../wire/limits.ts'
import type { Mention, PresenceDigest, PresenceEntry, PresenceWords } from './presence-entry.ts'

/** What there is to tell is gathered for this long, in ms. Guess: ten neighbors' words about one thing come within it. */
const GATHER_MS = 50

/** Neighbors that get a new entry whole; the others get a mention, if they do not turn out to have it. 1 − e^−4: 98 % have it then. */
const EAGER = 4

/** Neighbors that get an entry that says nothing new, and no mentions: whom it does not reach, 1 %, finds it missing when it compares lists. */
const EAGER_REFRESH = 5

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
  readonly isNews: boolean
}

/** What waits for one neighbor. */
class Box {
  entries: Map<number, PresenceEntry> | undefined
  doubts: Map<number, number> | undefined
  mentions: Map<number, number> | undefined
  wanted: Set<number> | undefined
  isWhole = false
  digest: PresenceDigest | undefined
}

/**
 * Spreads what is new: each entry whole to a few neighbors at random, and by name to the others, who ask for it if they need to. So it arrives over the shortest ways,
 * and costs a member with twenty neighbors little more than one with four. Gathers what goes to each neighbor, and what comes to it in the meantime is not sent.
 */
export class PresenceSpread {
  readonly #random: () => number
  readonly #peers = new Set<string>()
  readonly #boxes = new Map<string, Box>()
  readonly #news = new Map<number, News>()
  #flushAtMs = Number.POSITIVE_INFINITY
  #mentionAtMs = Number.POSITIVE_INFINITY

  /** @param random 0 ≤ x < 1 */
  constructor(random: () => number) {
    this.#random = random
  }

  /** When {@link flush} has something to do. */
  get dueMs(): number {
    return Math.min(this.#flushAtMs, this.#mentionAtMs)
  }

  addLink(peer: string): void {
    this.#peers.add(peer)
  }

  removeLink(peer: string): void {
    this.#peers.delete(peer)
    this.#boxes.delete(peer)
  }

  /** An entry is new here. @param knownBy who told it @param isNews does it say anything new? */
  tell(place: number, entry: PresenceEntry, knownBy: string, nowMs: number, isNews = true): void {
    this.#news.delete(place)
    this.#news.set(place, {
      entry,
      knownBy: new Set([knownBy]),
      mentionAtMs: nowMs + MENTION_AFTER_MS,
      eager: isNews ? EAGER : EAGER_REFRESH,
      isNews
    })
    this.#gather(nowMs)
  }

  /** To all neighbors, before anything else. */
  tellAll(place: number, entry: PresenceEntry, nowMs: number): void {
    this.#news.delete(place)
    for (const peer of this.#peers) this.give(peer, place, entry, nowMs)
  }

  /** A neighbor has this. */
  onHeld(peer: string, { place, sequence }: Mention): void {
    const news = this.#news.get(place)
    if (news !== undefined && sequence >= news.entry.sequence) news.knownBy.add(peer)
  }

  give(to: string, place: number, entry: PresenceEntry, nowMs: number): void {
    this.#addEntry(this.#boxOf(to, nowMs), place, entry)
  }

  want(from: string, place: number, nowMs: number): void {
    const box = this.#boxOf(from, nowMs)
    box.wanted ??= new Set()
    box.wanted.add(place)
  }

  doubt(to: string, { place, sequence }: Mention, nowMs: number): void {
    const box = this.#boxOf(to, nowMs)
    box.doubts ??= new Map()
    box.doubts.set(place, sequence)
  }

  /** To all but who told it. */
  doubtToAll(mention: Mention, except: string | undefined, nowMs: number): void {
    for (const peer of this.#peers) if (peer !== except) this.doubt(peer, mention, nowMs)
  }

  compare(to: string, digest: PresenceDigest, nowMs: number): void {
    this.#boxOf(to, nowMs).digest = digest
  }

  /** Says everything that there is. */
  mentionAll(to: string, mentions: readonly Mention[], nowMs: number): void {
    const box = this.#boxOf(to, nowMs)
    box.isWhole = true
    box.mentions = new Map(mentions.map(({ place, sequence }) => [place, sequence]))
  }

  /** What is to be sent now. */
  flush(nowMs: number): { to: string; words: PresenceWords }[] {
    for (const [place, news] of this.#news) {
      if (news.eager > 0) this.#push(place, news)
      if (!news.isNews) this.#news.delete(place)
      else if (news.mentionAtMs <= nowMs) this.#mention(place, news)
    }
    const [next] = this.#news.values()
    this.#mentionAtMs = next?.mentionAtMs ?? Number.POSITIVE_INFINITY
    this.#flushAtMs = Number.POSITIVE_INFINITY
    const boxes = [...this.#boxes]
    this.#boxes.clear()
    return boxes.flatMap(([to, box]) =>
      this.#peers.has(to) ? wordsOf(box).map(words => ({ to, words })) : []
    )
  }

  #push(place: number, news: News): void {
    const others = [...this.#peers].filter(peer => !news.knownBy.has(peer))
    const count = others.length <= ALL ? others.length : news.eager
    for (let i = 0; i < count && i < others.length; i++) {
      const at = i + Math.floor(this.#random() * (others.length - i))
      const peer = others[at] as string
      others[at] = others[i] as string
      this.#addEntry(this.#box(peer), place, news.entry)
      news.knownBy.add(peer)
    }
    news.eager = 0
  }

  #mention(place: number, { entry, knownBy }: News): void {
    this.#news.delete(place)
    for (const peer of this.#peers) {
      if (knownBy.has(peer)) continue
      const box = this.#box(peer)
      if (box.isWhole) continue
      box.mentions ??= new Map()
      if (box.mentions.size < MAX_PRESENT_MEMBERS) box.mentions.set(place, entry.sequence)
    }
  }

  #addEntry(box: Box, place: number, entry: PresenceEntry): void {
    box.entries ??= new Map()
    box.entries.set(place, entry)
  }

  #boxOf(peer: string, nowMs: number): Box {
    this.#gather(nowMs)
    return this.#box(peer)
  }

  #box(peer: string): Box {
    const box = this.#boxes.get(peer) ?? new Box()
    this.#boxes.set(peer, box)
    return box
  }

  #gather(nowMs: number): void {
    this.#flushAtMs = Math.min(this.#flushAtMs, nowMs + GATHER_MS)
  }
}

const mentionsOf = (map: ReadonlyMap<number, number> | undefined): Mention[] =>
  map === undefined ? [] : Array.from(map, ([place, sequence]) => ({ place, sequence }))

function wordsOf({ entries, doubts, mentions, wanted, isWhole, digest }: Box): PresenceWords[] {
  const all = [...(entries?.values() ?? [])]
  const words: PresenceWords[] = [
    {
      entries: all.splice(0, MAX_ENTRIES),
      doubts: mentionsOf(doubts),
      mentions: mentionsOf(mentions),
      isWhole,
      wanted: [...(wanted ?? [])],
      digest
    }
  ]
  while (all.length > 0) words.push(onlyEntries(all.splice(0, MAX_ENTRIES)))
  return words
}

function onlyEntries(entries: readonly PresenceEntry[]): PresenceWords {
  return { entries, doubts: [], mentions: [], isWhole: false, wanted: [], digest: undefined }
}
