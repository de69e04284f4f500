import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { uint64 } from '../../shared/bytes.ts'
import { MAX_PRESENT_MEMBERS } from '../../wire/limits.ts'
import type { Mention, PresenceDigest, PresenceEntry } from './presence-entry.ts'

/** How long it is remembered who is gone, in ms: longer than {@link PresenceEngine} takes old entries, so that none comes back. */
const REMEMBER_GONE_MS = 3_600_000

/** A member that is there. */
export interface Present {
  readonly entry: PresenceEntry
  /** When this entry came. */
  readonly heardAtMs: number
  readonly high: number
  readonly low: number
}

/** A member that was there. */
export interface Gone {
  /** Of its last entry: only a newer one brings it back. */
  readonly sequence: number
  readonly atMs: number
  /** Its own last word, if it said one. */
  readonly farewell: PresenceEntry | undefined
}

/** What a new entry changes. */
export type PresenceChange = 'joined' | 'updated' | 'rejoined' | 'refreshed'

/** Who is there and who was, by place. Entries in it are true. Everybody who heard the same has the same list, and the same digest of it. */
export class PresenceList {
  /** By place. */
  readonly present: Map<number, Present> = new Map()
  readonly #gone = new Map<number, Gone>()
  #high = 0
  #low = 0

  /** No room for others? */
  get isFull(): boolean {
    return this.present.size >= MAX_PRESENT_MEMBERS
  }

  get digest(): PresenceDigest {
    return { count: this.present.size, high: this.#high >>> 0, low: this.#low >>> 0 }
  }

  get mentions(): Mention[] {
    return Array.from(this.present, ([place, { entry }]) => ({ place, sequence: entry.sequence }))
  }

  gone(place: number): Gone | undefined {
    return this.#gone.get(place)
  }

  /** The newest that is known of this member, there or gone; −1: nothing. */
  sequenceOf(place: number): number {
    return this.present.get(place)?.entry.sequence ?? this.#gone.get(place)?.sequence ?? -1
  }

  /** Puts in an entry that is newer than what is known. */
  put(place: number, entry: PresenceEntry, nowMs: number): PresenceChange {
    const before = this.present.get(place)
    this.#take(place)
    this.#gone.delete(place)
    const { buffer, byteOffset } = sha256(concat([uint64(place), uint64(entry.sequence)]))
    const hash = new DataView(buffer, byteOffset)
    const present = { entry, heardAtMs: nowMs, high: hash.getUint32(0), low: hash.getUint32(4) }
    this.present.set(place, present)
    this.#toggle(present)
    if (before === undefined) return 'joined'
    if (before.entry.sinceMs !== entry.sinceMs) return 'rejoined'
    return equals(before.entry.value, entry.value) ? 'refreshed' : 'updated'
  }

  /** A member is there no more, and what it said before no longer counts. Answers its entry. */
  leave(place: number, nowMs: number, farewell?: PresenceEntry): PresenceEntry | undefined {
    const entry = this.#take(place)
    const sequence = Math.max(entry?.sequence ?? 0, farewell?.sequence ?? 0)
    this.#gone.delete(place)
    this.#gone.set(place, { sequence, atMs: nowMs, farewell })
    if (this.#gone.size > MAX_PRESENT_MEMBERS) this.#gone.delete(this.#gone.keys().next().value as number)
    return entry
  }

  /** Takes a member off without a word on whether it is gone. Answers its entry. */
  forget(place: number): PresenceEntry | undefined {
    return this.#take(place)
  }

  /** Who has said nothing for as long as it said that it might. */
  expired(nowMs: number): number[] {
    const places: number[] = []
    for (const [place, { entry, heardAtMs }] of this.present)
      if (nowMs - heardAtMs >= entry.lifetimeMs) places.push(place)
    return places
  }

  /** This machine was asleep: all are as if heard now. */
  forgive(nowMs: number): void {
    for (const [place, present] of this.present) this.present.set(place, { ...present, heardAtMs: nowMs })
  }

  /** Who was gone long ago is forgotten. */
  forgetGone(nowMs: number): void {
    for (const [place, { atMs }] of this.#gone) {
      if (nowMs - atMs < REMEMBER_GONE_MS) break
      this.#gone.delete(place)
    }
  }

  #take(place: number): PresenceEntry | undefined {
    const present = this.present.get(place)
    if (present === undefined) return undefined
    this.present.delete(place)
    this.#toggle(present)
    return present.entry
  }

  #toggle({ high, low }: Present): void {
    this.#high ^= high
    this.#low ^= low
  }
}
