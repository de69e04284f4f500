import { SlidingExtremes } from './sliding-extremes.ts'

/** For so long after the beginning, and after frames have come far quicker than before, those that were kept for newcomers may come: what is played catches up with the live edge, in ms. Guess. */
const SETTLE_MS = 500

/** How long what came late counts, in ms. Guess: a stall of now will come again within it, or not at all. */
const WINDOW_MS = 30_000

/** Between the arrival of the latest and its turn there is time to decode it, in ms. Guess. */
const DECODE_MS = 40

/** So much later than the quickest at most, in ms, however late others come: what is later still is left out. As late as multicast counts a frame as being in time (docs/PROTOCOL.md, section 15). */
const MAX_WAIT_MS = 3_000

/** What waits longer than it must by more than this is brought forward, in ms: less is not worth what is heard of it. Guess. */
const SLACK_MS = 150

/** Pictures do not set the pace while sound has come within this, in ms. */
const SOUND_LASTS_MS = 1_000

/** Times that differ from what was expected by more than this, in ms, are those of another stream. */
const JUMP_MS = 10_000

/**
 * When each frame is to be seen or heard. A frame's time and its arrival differ by the way it took: the quickest of late, and the time that is to be buffered, say when it is due; when some come too late for that, all are
 * played later from then on, until it has not been needed for half a minute. Sound sets the pace when there is any, and pictures follow.
 */
export class PlayoutClock {
  readonly #bufferMs: () => number
  readonly #ways = new SlidingExtremes(WINDOW_MS)
  /** Between a frame's time and its turn. */
  #delayMs: number | undefined
  #startedAtMs = 0
  /** The quickest way, as it was found out at the beginning. */
  #leastMs = 0
  #heardAtMs = Number.NEGATIVE_INFINITY

  /** @param bufferMs how much is to be buffered at least, now */
  constructor(bufferMs: () => number) {
    this.#bufferMs = bufferMs
  }

  /** A frame has come. @param timestamp in µs @returns true when its times are those of another stream: what waits is not due any more */
  arrived(kind: 'audio' | 'video', timestamp: number, nowMs: number): boolean {
    const wayMs = nowMs - timestamp / 1_000
    const isAnother = this.#isAnother(wayMs)
    if (isAnother) this.#heardAtMs = Number.NEGATIVE_INFINITY
    if (kind === 'audio') this.#heardAtMs = nowMs
    else if (nowMs - this.#heardAtMs < SOUND_LASTS_MS) return isAnother
    if (isAnother || this.#delayMs === undefined) this.#start(wayMs, nowMs)
    else this.#follow(this.#delayMs, wayMs, nowMs)
    return isAnother
  }

  /** When it is to be seen or heard, in ms. Undefined before anything has come. */
  dueMs(timestamp: number): number | undefined {
    return this.#delayMs === undefined ? undefined : timestamp / 1_000 + this.#delayMs
  }

  #isAnother(wayMs: number): boolean {
    if (this.#delayMs === undefined) return false
    return wayMs > this.#delayMs + JUMP_MS || wayMs < this.#delayMs - this.#bufferMs() - JUMP_MS
  }

  #start(wayMs: number, nowMs: number): void {
    this.#startedAtMs = nowMs
    this.#leastMs = wayMs
    this.#ways.clear()
    this.#delayMs = wayMs + this.#bufferMs()
  }

  #follow(delayMs: number, wayMs: number, nowMs: number): void {
    if (nowMs - this.#startedAtMs < SETTLE_MS) {
      this.#leastMs = Math.min(this.#leastMs, wayMs)
      this.#delayMs = Math.min(delayMs, wayMs + this.#bufferMs())
      return
    }
    if (wayMs < this.#leastMs - SLACK_MS) {
      this.#start(wayMs, nowMs)
      return
    }
    this.#ways.add(wayMs, nowMs)
    const { min, max } = this.#ways
    const mostMs = min + Math.max(MAX_WAIT_MS, this.#bufferMs())
    const neededMs = Math.min(mostMs, Math.max(max + DECODE_MS, min + this.#bufferMs()))
    const isSettled = nowMs - this.#startedAtMs > WINDOW_MS
    if (neededMs > delayMs || (isSettled && neededMs < delayMs - SLACK_MS)) this.#delayMs = neededMs
  }
}
