import type { NetGroup, NetStreamPlayer, NetStreamPublisher } from 'netgroup'
import type { StreamState } from './stream-display.ts'

/** Above it, it is no delay: the window in which anything arrives has seconds. */
const MAX_DELAY_MS = 60_000

/** Counts what passes through a command, for its statistics. */
export class StreamFigures {
  readonly #nowMs: () => number
  #bytes = 0
  #bytesBefore = 0
  #askedAtMs: number
  #delayMs: number | undefined

  /** @param nowMs of a clock that never goes back */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
    this.#askedAtMs = nowMs()
  }

  /** Bytes of the stream so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** These bytes of the stream have passed. */
  count(bytes: number): void {
    this.#bytes += bytes
  }

  /** A frame came so long after it was sent. Less than 0 is clocks that differ, more than a minute a recording that is published again. */
  delayed(ms: number): void {
    if (ms < MAX_DELAY_MS) this.#delayMs = Math.max(this.#delayMs ?? 0, ms)
  }

  /** How it goes: rates and the delay since the last call. */
  ofPublisher(group: NetGroup, publisher: NetStreamPublisher): StreamState {
    return {
      ...this.#common(group, publisher),
      role: 'publish',
      dropped: publisher.info['droppedFrames'] ?? 0
    }
  }

  /** @param missed pieces that did not come */
  ofPlayer(group: NetGroup, player: NetStreamPlayer, missed: number): StreamState {
    return { ...this.#common(group, player), role: 'play', dropped: missed }
  }

  #common(
    group: NetGroup,
    { multicastInfo }: NetStreamPublisher | NetStreamPlayer
  ): Omit<StreamState, 'role' | 'dropped'> {
    const nowMs = this.#nowMs()
    const passedMs = Math.max(1, nowMs - this.#askedAtMs)
    const bytesPerSecond = Math.round(((this.#bytes - this.#bytesBefore) * 1_000) / passedMs)
    const delayMs = this.#delayMs
    this.#askedAtMs = nowMs
    this.#bytesBefore = this.#bytes
    this.#delayMs = undefined
    const sendBytesPerSecond = Math.round(multicastInfo['sendDataBytesPerSecond'] ?? 0)
    return {
      isLive: this.#bytes > 0,
      bytes: this.#bytes,
      bytesPerSecond,
      neighbors: group.neighborCount,
      sendBytesPerSecond,
      copiesSent: bytesPerSecond === 0 ? 0 : Math.round((10 * sendBytesPerSecond) / bytesPerSecond) / 10,
      sendControlBytesPerSecond: Math.round(multicastInfo['sendControlBytesPerSecond'] ?? 0),
      delayMs
    }
  }
}
