/**
 * Delay that bulk may add to a path, in ms, for all that shares it: chat, control, streams. RFC 6817 allows up to 100; the bar for a post beside a fetch is 50, of which a half is left
 * for what varies.
 */
const TARGET_MS = 25

/** Bytes on the way at the beginning, and at least: at 2 Mbit/s 66 ms, which is what audio beside video waits there. TCP begins with 14,600 (RFC 6928). */
const MIN_BYTES = 16_384

/** At most. Guess: 4 MiB fill 300 Mbit/s over 100 ms. */
const MAX_BYTES = 4_194_304

/** Of so many newest round trips the shortest counts: a busy processor makes single ones long, a queue all of them. As CURRENT_FILTER in RFC 6817. */
const RECENT_SAMPLES = 8

/** While the window doubles the same is so of fewer, or it would double thrice before the queue shows. Measured (test/lab/direct-streams.test.ts): with 8, and 128 KiB to begin with, audio was late by up to 1.1 s. */
const STARTING_SAMPLES = 3

/** For how long the shortest round trip is remembered, in ms: paths change. The same RFC has 10 minutes. Guess. */
const BASE_MS = 60_000

/**
 * Whoever fills a path never sees it empty: its own queue would be taken for a part of the path, and another one come on top of it each minute (simulated, 100 Mbit/s: 210 ms after ten
 * minutes). So it is let run empty this often, in ms, for about two round trips, as LEDBAT++ does (draft-irtf-iccrg-ledbat-plus-plus). Each half of {@link BASE_MS} has a time without a queue then.
 */
const DRAIN_EVERY_MS = BASE_MS / 2

/** Least time between two times that the window shrinks, in ms, or a round trip when that is longer. */
const SHRINK_MS = 20

/**
 * How much may be on its way over one connection, of all that is sent at the path's pace: as much as keeps the path busy and adds no more than 25 ms of queue to it, in kernels, routers and the other side. After LEDBAT (RFC
 * 6817): when round trips grow longer than the shortest known one by the target, the window shrinks. It takes the delay of whole round trips, since what the other side does with
 * the bytes is to be waited for as well. Which bytes a word is about, and when they went, each stream knows itself: words come in order on one stream only.
 */
export class DelayWindow {
  #bytes = MIN_BYTES
  #inFlight = 0
  readonly #recent: number[] = []
  #base: readonly [old: number, current: number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  #baseSinceMs: number | undefined
  #isStarting = true
  /** While it lets the path run empty: since when no more than the least is out; undefined before. */
  #draining: { emptySinceMs: number | undefined } | undefined
  /** What it was before it last let the path run empty: up to there it doubles each round trip. */
  #provenBytes = 0
  #shrunkAtMs = 0

  /** How many bytes may be on their way at once. */
  get bytes(): number {
    return this.#bytes
  }

  /** How many bytes may be sent now. */
  get room(): number {
    return Math.max(0, this.#bytes - this.#inFlight)
  }

  /** So many bytes go out. */
  onSent(bytes: number): void {
    this.#inFlight += bytes
  }

  /** The other side has taken so many bytes more. @param rttMs since they went out @throws RangeError when it takes what was not sent */
  onTaken(bytes: number, rttMs: number, nowMs: number): void {
    const wasFull = this.#isFull
    this.onLost(bytes)
    this.#onRoundTrip(bytes, nowMs - rttMs, nowMs, wasFull)
  }

  /** The same, where the word of it was waited with. Where nothing more may go out until it comes there is no other: the window grows until there is. @throws RangeError when it takes what was not sent */
  onTakenUntimed(bytes: number): void {
    if (this.#isFull) this.#bytes = Math.min(MAX_BYTES, this.#bytes + bytes)
    this.onLost(bytes)
  }

  get #isFull(): boolean {
    return this.#inFlight + Math.min(MIN_BYTES, this.#bytes / 4) >= this.#bytes
  }

  /** Of so many bytes nothing will be heard any more: what they were on has ended. @throws RangeError when they were not sent */
  onLost(bytes: number): void {
    if (bytes > this.#inFlight) throw new RangeError('More bytes taken than were sent')
    this.#inFlight -= bytes
  }

  #onRoundTrip(bytes: number, sentAtMs: number, nowMs: number, wasFull: boolean): void {
    const rttMs = nowMs - sentAtMs
    this.#baseSinceMs ??= nowMs
    if (nowMs - this.#baseSinceMs >= DRAIN_EVERY_MS) {
      this.#base = [this.#base[1], rttMs]
      this.#baseSinceMs = nowMs
      this.#startDraining()
    }
    const [old, current] = this.#base
    this.#base = [old, Math.min(current, rttMs)]
    this.#recent.push(rttMs)
    if (this.#recent.length > RECENT_SAMPLES) this.#recent.shift()
    if (this.#draining !== undefined) {
      this.#drain(this.#draining, sentAtMs, nowMs)
      return
    }
    const newest = this.#isStarting ? this.#recent.slice(-STARTING_SAMPLES) : this.#recent
    const queueMs = Math.min(...newest) - Math.min(...this.#base)
    if (queueMs > TARGET_MS) this.#shrink(queueMs, rttMs, nowMs)
    else if (wasFull) this.#grow(bytes, queueMs)
  }

  #startDraining(): void {
    if (this.#bytes <= MIN_BYTES) return
    this.#provenBytes = this.#bytes
    this.#bytes = MIN_BYTES
    this.#draining = { emptySinceMs: undefined }
  }

  /** Until something has come back that was sent when no more than the least was out. */
  #drain(draining: { emptySinceMs: number | undefined }, sentAtMs: number, nowMs: number): void {
    if (draining.emptySinceMs === undefined) {
      if (this.#inFlight <= MIN_BYTES) draining.emptySinceMs = nowMs
    } else if (sentAtMs >= draining.emptySinceMs) this.#draining = undefined
  }

  /** Doubles each round trip until there is a queue, then grows as the room in the target says: by up to a window's 16th each round trip. */
  #grow(bytes: number, queueMs: number): void {
    if (queueMs > TARGET_MS / 2) this.#endDoubling()
    const isDoubling = this.#isStarting || this.#bytes + bytes <= this.#provenBytes
    const step = isDoubling ? bytes : (bytes * (1 - queueMs / TARGET_MS)) / 16
    this.#bytes = Math.min(MAX_BYTES, this.#bytes + step)
  }

  #endDoubling(): void {
    this.#isStarting = false
    this.#provenBytes = 0
  }

  /** To what would have made the queue that is wanted; by a half at most, and once for each round trip. */
  #shrink(queueMs: number, rttMs: number, nowMs: number): void {
    this.#endDoubling()
    if (nowMs - this.#shrunkAtMs < Math.max(SHRINK_MS, rttMs)) return
    this.#shrunkAtMs = nowMs
    this.#bytes = Math.max(MIN_BYTES, this.#bytes * Math.max(0.5, (2 * TARGET_MS) / (TARGET_MS + queueMs)))
  }
}
