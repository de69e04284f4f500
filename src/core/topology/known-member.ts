import type { Place } from '../../shared/ring.ts'

/** A link, as the topology sees it. */
export interface TopologyLink {
  readonly sinceMs: number
  /** Did this side choose it? Two such are always kept, so that others cannot choose all of one's neighbors. */
  readonly isOwnChoice: boolean
  rttMs: number
  /** The neighbor's span: see TopologyReport. 0 until it is told. */
  span: number
  /** The own span, as the neighbor was told it last. */
  toldSpan: number
  /** Does this side want it, as the last choice has it? */
  isWanted: boolean
  /** Since when it is not wanted; undefined while it is. */
  unwantedSinceMs: number | undefined
  /** What the neighbor was told of that. */
  isToldUnwanted: boolean
  /** What the neighbor says of its own side. */
  isWantedThere: boolean
}

/** As whose word counts what is heard of seekers: all as one's, whichever neighbor passes it on, or a liar would be believed through the mouths of the honest. */
export const SEEKERS = ''

/** Who told of a member, and when. */
interface Source {
  readonly reporter: string
  atMs: number
}

/** How long the word of a second neighbor counts beside that of the first, in ms. protocol.md §4. */
const CORROBORATION_MS = 60_000

/** Pause after a failed dial, in ms, of a member that only neighbors tell of; doubled with each failure. Rule T6. */
const HEARSAY_RETRY_MS = 5_000
/** The same once there is fresher news of it than the failure. Rule T6. */
const FRESH_RETRY_MS = 2_000
/**
 * Longest pause then, in ms. After five minutes apart, halves of a group have failed to reach each other some eight times: a pause that went on doubling kept them from becoming one
 * ring for 85 s (N = 100); with this it takes 13 to 18. Measured: bench/swarm partition, N = 100 and 1,000.
 */
const LAST_FRESH_RETRY_MS = 16_000
/** The same of one that was found otherwise: on the LAN, at a relay, or by a link. Guess: a peer that restarts is back within seconds. */
const FOUND_RETRY_MS = 1_000
/** Longest pause, in ms. Rule T6. */
const LAST_RETRY_MS = 300_000

/** A peer that is, or may be, a member. */
export class KnownMember {
  readonly peer: string
  readonly place: Place
  state: 'idle' | 'dialing' | 'linked' = 'idle'
  link: TopologyLink | undefined
  /** The application asks for it. */
  isWanted = false
  /** Found on the LAN, at a relay, named by the application, or linked once: not only told of by neighbors. */
  isFound = false
  heardAtMs: number
  /** When it was last found, or linked. */
  foundAtMs: number = Number.NEGATIVE_INFINITY
  failures = 0
  failedAtMs = 0
  /** Not dialed before. */
  retryAtMs: number
  /** The last two neighbors who told of it. */
  #sources: Source[] = []

  constructor(peer: string, place: Place, nowMs: number) {
    this.peer = peer
    this.place = place
    this.heardAtMs = nowMs
    this.retryAtMs = Number.POSITIVE_INFINITY
  }

  /** Whose word alone it is; undefined when two neighbors tell of it, or it was found otherwise. */
  get onlyReporter(): string | undefined {
    return this.isFound || this.#sources.length > 1 ? undefined : this.#sources[0]?.reporter
  }

  /** Is this one of the last two who told of it? */
  isToldBy(reporter: string): boolean {
    return this.#sources.some(source => source.reporter === reporter)
  }

  /** A neighbor tells of it, or it seeks its place ({@link SEEKERS}). @param soonestMs when it may be dialed */
  onReported(reporter: string, nowMs: number, soonestMs: number): void {
    this.heardAtMs = nowMs
    this.#noteSource(reporter, nowMs)
    const pauseMs = Math.min(pauseOf(FRESH_RETRY_MS, this.failures - 1), LAST_FRESH_RETRY_MS)
    const freshMs = this.failures === 0 ? soonestMs : this.failedAtMs + pauseMs
    this.retryAtMs = Math.min(this.retryAtMs, Math.max(freshMs, soonestMs))
  }

  /** What seekers say of themselves stands beside nobody's word: who tells of an invented one may have sent it on its way too. */
  #noteSource(reporter: string, nowMs: number): void {
    const known = this.#sources.find(source => source.reporter === reporter)
    if (known !== undefined) {
      known.atMs = nowMs
      return
    }
    if (reporter === SEEKERS && this.#sources.length > 0) return
    const others = this.#sources.filter(source => source.reporter !== SEEKERS)
    this.#sources = [...others, { reporter, atMs: nowMs }].slice(-2)
  }

  /** It was found otherwise: it may have come back since it failed. */
  onFound(nowMs: number, soonestMs: number): void {
    this.heardAtMs = nowMs
    this.foundAtMs = nowMs
    this.isFound = true
    this.retryAtMs = Math.min(this.retryAtMs, this.failures === 0 ? soonestMs : nowMs + FOUND_RETRY_MS)
  }

  /** @param spread 0 ≤ x < 1: so that those who lost the same member do not all come back at once */
  onFailed(nowMs: number, spread: number): void {
    const pauseMs = pauseOf(this.isFound ? FOUND_RETRY_MS : HEARSAY_RETRY_MS, this.failures)
    this.state = 'idle'
    this.link = undefined
    this.failures += 1
    this.failedAtMs = nowMs
    this.retryAtMs = nowMs + pauseMs * (1 + spread / 2)
  }

  /** Other paths: what failed may go now. */
  forgive(soonestMs: number): void {
    this.failures = 0
    this.retryAtMs = Math.min(this.retryAtMs, soonestMs)
  }

  /** May it be dialed now? */
  isReady(nowMs: number): boolean {
    return this.state === 'idle' && this.retryAtMs <= nowMs
  }

  /** Is there more than one neighbor's word for it that it is a member? */
  isCredible(nowMs: number): boolean {
    if (this.link !== undefined) return true
    if (this.failures > 0) return false
    return this.#sources.length > 1 && this.#sources.every(({ atMs }) => nowMs - atMs <= CORROBORATION_MS)
  }
}

function pauseOf(firstMs: number, failuresBefore: number): number {
  return Math.min(firstMs * 2 ** failuresBefore, LAST_RETRY_MS)
}
