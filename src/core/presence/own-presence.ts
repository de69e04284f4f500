import type { PresenceDraft, PresenceEntry } from './presence-entry.ts'

/** What changes faster is told once in this time, in ms. Guess: what people see as at once. */
const GAP_MS = 250

/** Doubts are answered once in this time, in ms: several times within the time that there is for an answer. */
const ANSWER_GAP_MS = 1_500

/** An entry is said anew after this, in ms, for each member of the group, so that a member hears about one a second of all of them; with the bounds below. Guess. */
const REFRESH_PER_MEMBER_MS = 1_000
const MIN_REFRESH_MS = 60_000
const MAX_REFRESH_MS = 300_000

/** So many times may that be lost. */
const REFRESHES_PER_LIFETIME = 3

/** How {@link OwnPresence} is made. */
export interface OwnPresenceInit {
  readonly peer: string
  readonly groupNow: () => number
  /** 0 ≤ x < 1. */
  readonly random: () => number
}

/** The own entry: what it says, when it is said anew, and the word that will be the last, signed in advance, so that leaving waits for nothing. */
export class OwnPresence {
  readonly #init: OwnPresenceInit
  #value: Uint8Array | undefined
  #sinceMs = 0
  #sequence = 0
  #entry: PresenceEntry | undefined
  #farewell: PresenceEntry | undefined
  #isSigning = false
  #announcedAtMs = Number.NEGATIVE_INFINITY
  #dueMs = Number.POSITIVE_INFINITY

  constructor(init: OwnPresenceInit) {
    this.#init = init
  }

  /** As it was signed last; undefined while not seen. */
  get entry(): PresenceEntry | undefined {
    return this.#entry
  }

  /** When it is to be said anew. */
  get dueMs(): number {
    return this.#isSigning ? Number.POSITIVE_INFINITY : this.#dueMs
  }

  /** Shows this from now on. */
  present(value: Uint8Array, nowMs: number): void {
    if (this.#value === undefined) this.#sinceMs = Math.max(this.#groupNow(), this.#sinceMs + 1)
    this.#value = value
    this.#sayWithin(GAP_MS, nowMs)
  }

  /** Somebody doubts it. */
  answer(nowMs: number): void {
    this.#sayWithin(ANSWER_GAP_MS, nowMs)
  }

  /** There is a true entry newer than what was said here, of an earlier stay with a clock that was ahead: the next one is newer. */
  outdo({ sequence }: PresenceEntry, nowMs: number): void {
    this.#sequence = Math.max(this.#sequence, sequence)
    this.#sayWithin(ANSWER_GAP_MS, nowMs)
  }

  /** What is to be signed now, if anything. @param memberCount on the list */
  draft(memberCount: number, nowMs: number): { entry: PresenceDraft; farewell: PresenceDraft } | undefined {
    if (this.#value === undefined || this.dueMs > nowMs) return undefined
    const refreshMs = Math.min(MAX_REFRESH_MS, Math.max(MIN_REFRESH_MS, memberCount * REFRESH_PER_MEMBER_MS))
    this.#isSigning = true
    this.#announcedAtMs = nowMs
    this.#dueMs = nowMs + refreshMs * (0.75 + this.#init.random() / 4)
    // Room for the farewell.
    this.#sequence = Math.max(this.#groupNow(), this.#sequence + 2)
    const entry: PresenceDraft = {
      peer: this.#init.peer,
      sinceMs: this.#sinceMs,
      sequence: this.#sequence,
      lifetimeMs: refreshMs * REFRESHES_PER_LIFETIME,
      isLeft: false,
      value: this.#value
    }
    return {
      entry,
      farewell: { ...entry, sequence: this.#sequence + 1, isLeft: true, value: new Uint8Array(0) }
    }
  }

  /** Both have been signed. Answers whether they are still wanted. */
  accept(entry: PresenceEntry, farewell: PresenceEntry, nowMs: number): boolean {
    this.#isSigning = false
    if (this.#value === undefined) return false
    if (entry.sinceMs !== this.#sinceMs) {
      this.#dueMs = nowMs
      return false
    }
    this.#entry = entry
    this.#farewell = farewell
    return true
  }

  /** Is seen no more. Answers what is to be said of it, if anybody was told that it is there. */
  withdraw(): PresenceEntry | undefined {
    const farewell = this.#farewell
    this.#sequence += 1
    this.#value = this.#entry = this.#farewell = undefined
    this.#dueMs = Number.POSITIVE_INFINITY
    return farewell
  }

  #sayWithin(gapMs: number, nowMs: number): void {
    if (this.#value === undefined) return
    this.#dueMs = Math.min(this.#dueMs, Math.max(nowMs, this.#announcedAtMs + gapMs))
  }

  #groupNow(): number {
    return Math.round(this.#init.groupNow())
  }
}
