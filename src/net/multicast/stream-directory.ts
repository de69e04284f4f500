import { TokenBucket } from '../../shared/token-bucket.ts'
import {
  MAX_ANNOUNCEMENT_BURST,
  MAX_ANNOUNCEMENT_VERIFICATIONS,
  MAX_ANNOUNCEMENTS_PER_SECOND,
  MAX_CLOCK_DIFFERENCE_MS,
  MAX_ENDED_STREAMS,
  MAX_STREAMS,
  MAX_STREAMS_PER_PUBLISHER,
  MIN_ANNOUNCEMENT_INTERVAL_MS
} from '../../wire/limits.ts'
import type { Clock, Timer } from '../clock.ts'
import {
  type AnnouncedStream,
  type AnnouncementRules,
  holds,
  isOverdue,
  readAnnouncement
} from './stream-announcement.ts'

/** What is not announced again for this long is over, in ms: three times the interval of announcements, and a little. */
const LIFETIME_MS = 35_000

/** How often it is looked for what is over, in ms. */
const SWEEP_MS = 1_000

/** A grant that has ended ends its stream after this, in ms (protocol.md §8): clocks differ. */
const GRANT_GRACE_MS = 120_000

/** How {@link StreamDirectory} is made. */
export interface StreamDirectoryInit {
  readonly clock: Clock
  readonly rules: AnnouncementRules
  /** The group's time, ms since 1970. */
  readonly groupNow: () => number
  /** Sends an announcement to all neighbors but one. */
  readonly spread: (bytes: Uint8Array, except: string | undefined) => void
  /** This neighbor passed on what is false by its own bytes. */
  readonly onFalse: (peer: string) => void
  readonly onPublished: (stream: AnnouncedStream) => void
  /** @param isEnded by its publisher's word; else it is gone without one */
  readonly onUnpublished: (stream: AnnouncedStream, isEnded: boolean) => void
}

interface Known {
  stream: AnnouncedStream
  heardAtMs: number
  /** Its fragments stay away: it is taken for gone until it is announced anew. */
  isLost: boolean
}

/** The streams of one group, by what their publishers sign: what is new is checked, told, and passed on. */
export class StreamDirectory {
  readonly #init: StreamDirectoryInit
  readonly #known = new Map<string, Known>()
  /** Revisions of streams that have ended, the longest ended first. */
  readonly #ended = new Map<string, number>()
  /** News by neighbor. */
  readonly #paces = new Map<string, TokenBucket>()
  #verifying = 0
  #timer: Timer | undefined
  #isClosed = false

  constructor(init: StreamDirectoryInit) {
    this.#init = init
  }

  /** Streams that are being published. */
  get streams(): AnnouncedStream[] {
    return [...this.#known.values()].filter(({ isLost }) => !isLost).map(({ stream }) => stream)
  }

  get(id: string): AnnouncedStream | undefined {
    return this.#known.get(id)?.stream
  }

  /** Would one more of this publisher be taken? */
  hasRoomFor(publisher: string): boolean {
    const theirs = [...this.#known.values()].filter(({ stream }) => stream.publisher.toString() === publisher)
    return this.#known.size < MAX_STREAMS && theirs.length < MAX_STREAMS_PER_PUBLISHER
  }

  /** An announcement of a neighbor. @throws Error when nobody writes it so who keeps to the rules */
  async hear(bytes: Uint8Array, from: string): Promise<void> {
    const stream = readAnnouncement(bytes)
    if (!this.#isNews(stream) || this.#verifying >= MAX_ANNOUNCEMENT_VERIFICATIONS) return
    if (!this.#paceOf(from).take(this.#init.clock.now())) return
    this.#verifying += 1
    const isTrue = await holds(stream, this.#init.rules)
    this.#verifying -= 1
    if (!isTrue) this.#init.onFalse(from)
    // Another one may have been faster.
    else if (!this.#isClosed && this.#isNews(stream)) this.#take(stream, from)
  }

  /** This neighbor is none any more. */
  forget(peer: string): void {
    this.#paces.delete(peer)
  }

  /** An own announcement. */
  say(stream: AnnouncedStream): void {
    this.#take(stream, undefined)
  }

  /** All that a new neighbor is to know. */
  get announcements(): Uint8Array[] {
    return this.streams.map(({ bytes }) => bytes)
  }

  /** Nothing comes of it any more. Its next announcement brings it back. */
  lose(id: string): void {
    const known = this.#known.get(id)
    if (known === undefined || known.isLost) return
    known.isLost = true
    this.#init.onUnpublished(known.stream, false)
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }

  #paceOf(peer: string): TokenBucket {
    const known = this.#paces.get(peer)
    if (known !== undefined) return known
    const pace = new TokenBucket(MAX_ANNOUNCEMENT_BURST, MAX_ANNOUNCEMENTS_PER_SECOND)
    this.#paces.set(peer, pace)
    return pace
  }

  /** It says when it was said: what is old is told again by somebody who kept it. */
  #isTimely({ description: { revision } }: AnnouncedStream): boolean {
    const ageMs = this.#init.groupNow() - revision
    return ageMs <= LIFETIME_MS + MAX_CLOCK_DIFFERENCE_MS && ageMs >= -MAX_CLOCK_DIFFERENCE_MS
  }

  #isNews(stream: AnnouncedStream): boolean {
    const { id, description, publisher } = stream
    const { revision, isEnded } = description
    if ((this.#ended.get(id) ?? -1) >= revision || !this.#isTimely(stream)) return false
    const known = this.#known.get(id)
    if (known === undefined) return this.hasRoomFor(publisher.toString())
    // Whoever has the key of a stream cannot make it another's.
    if (!known.stream.publisher.equals(publisher)) return false
    const sinceMs = revision - known.stream.description.revision
    return sinceMs >= MIN_ANNOUNCEMENT_INTERVAL_MS || (isEnded && sinceMs > 0)
  }

  #take(stream: AnnouncedStream, from: string | undefined): void {
    const { id, description } = stream
    if (isOverdue(stream, this.#init.groupNow() - GRANT_GRACE_MS)) return
    const known = this.#known.get(id)
    // Of what nobody here has heard of, the end concerns nobody.
    if (known !== undefined || !description.isEnded) this.#init.spread(stream.bytes, from)
    if (description.isEnded) {
      this.#end(id, description.revision, true)
      return
    }
    this.#known.set(id, { stream, heardAtMs: this.#init.clock.now(), isLost: false })
    this.#sweepLater()
    if (known === undefined || known.isLost) this.#init.onPublished(stream)
  }

  #end(id: string, revision: number, isEnded: boolean): void {
    this.#ended.delete(id)
    this.#ended.set(id, revision)
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= MAX_ENDED_STREAMS) break
      this.#ended.delete(oldest)
    }
    const known = this.#known.get(id)
    this.#known.delete(id)
    if (known !== undefined && !known.isLost) this.#init.onUnpublished(known.stream, isEnded)
  }

  #sweepLater(): void {
    if (this.#isClosed) return
    this.#timer ??= this.#init.clock.setTimer(() => {
      this.#timer = undefined
      this.#sweep()
    }, SWEEP_MS)
  }

  #sweep(): void {
    const nowMs = this.#init.clock.now()
    const graceMs = this.#init.groupNow() - GRANT_GRACE_MS
    for (const [id, { stream, heardAtMs }] of this.#known)
      if (nowMs - heardAtMs >= LIFETIME_MS || isOverdue(stream, graceMs))
        this.#end(id, stream.description.revision, false)
    if (this.#known.size > 0) this.#sweepLater()
  }
}
