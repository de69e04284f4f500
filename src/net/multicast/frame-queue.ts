import type { StreamFrame } from '../../core/multicast/fragmenter.ts'
import { MAX_UNREAD_FRAME_BYTES, MAX_UNREAD_FRAMES } from '../../wire/limits.ts'
import type { Clock } from '../clock.ts'

/** What a player reads next. */
export type NextFrame =
  /** @param isAfterGap something before it is missing */
  | { readonly type: 'frame'; readonly frame: StreamFrame; readonly isAfterGap: boolean }
  /** @param isAfterGap the end itself is missing */
  | { readonly type: 'end'; readonly isAfterGap: boolean }

interface Waiting {
  readonly frame: StreamFrame
  readonly sinceMs: number
  isAfterGap: boolean
}

/** How {@link FrameQueue} is made. */
export interface FrameQueueInit {
  readonly clock: Clock
  /** How long a frame may wait for its reader, in ms. */
  readonly maxWaitMs: () => number
  /** @default {@link MAX_UNREAD_FRAME_BYTES} */
  readonly maxBytes?: number
  /** Called with each frame that is dropped. */
  readonly onDropped: (frame: StreamFrame) => void
}

/** Frames that wait for their reader. Of those that it does not take in time the oldest are dropped, up to a keyframe. */
export class FrameQueue {
  readonly #init: FrameQueueInit
  readonly #waiting: Waiting[] = []
  #bytes = 0
  /** Is something missing behind all that wait? */
  #isAfterGap = false
  #isEnded = false
  #isHeld = true
  #wanted: PromiseWithResolvers<void> | undefined

  constructor(init: FrameQueueInit) {
    this.#init = init
  }

  get waiting(): readonly StreamFrame[] {
    return this.#waiting.map(({ frame }) => frame)
  }

  /** Bytes of those that wait. */
  get bytes(): number {
    return this.#bytes
  }

  push(frame: StreamFrame): void {
    if (this.#isEnded) return
    this.#waiting.push({ frame, sinceMs: this.#init.clock.now(), isAfterGap: this.#isAfterGap })
    this.#isAfterGap = false
    this.#bytes += frame.data.byteLength
    if (this.#isTooMuch) this.#dropOldest()
    this.#wake()
  }

  /** What comes next does not follow what came last. */
  gap(): void {
    this.#isAfterGap = true
  }

  /** Frames are handed out from now on. */
  release(): void {
    this.#isHeld = false
    this.#wake()
  }

  end(): void {
    this.#isEnded = true
    this.#isHeld = false
    this.#wake()
  }

  /** Another stream takes the place of the one that there was. */
  reopen(): void {
    this.#isAfterGap = true
    this.#isEnded = false
  }

  /** The next, when there is one. Rejects with the signal's reason. One at a time. */
  async next(signal?: AbortSignal): Promise<NextFrame> {
    signal?.throwIfAborted()
    if (this.#wanted !== undefined)
      throw new Error('Somebody reads this stream already: one reader at a time')
    const onAbort = (): void => this.#wanted?.reject(signal?.reason)
    signal?.addEventListener('abort', onAbort)
    try {
      for (;;) {
        const first = this.#isHeld ? undefined : this.#waiting.shift()
        if (first !== undefined) {
          this.#bytes -= first.frame.data.byteLength
          return { type: 'frame', frame: first.frame, isAfterGap: first.isAfterGap }
        }
        if (this.#isEnded) {
          const isAfterGap = this.#isAfterGap
          // It is told once: whoever asks again hears of the end alone.
          this.#isAfterGap = false
          return { type: 'end', isAfterGap }
        }
        this.#wanted = Promise.withResolvers<void>()
        await this.#wanted.promise
      }
    } finally {
      this.#wanted = undefined
      signal?.removeEventListener('abort', onAbort)
    }
  }

  get #isTooMuch(): boolean {
    const { clock, maxWaitMs, maxBytes = MAX_UNREAD_FRAME_BYTES } = this.#init
    if (this.#bytes > maxBytes || this.#waiting.length > MAX_UNREAD_FRAMES) return true
    const [first] = this.#waiting
    // Who may not read yet is not late.
    return !this.#isHeld && first !== undefined && clock.now() - first.sinceMs > maxWaitMs()
  }

  /** To the last keyframe that there is, or all but the newest: whoever reads again is at the live edge. */
  #dropOldest(): void {
    const keyframe = this.#waiting.findLastIndex(({ frame }) => frame.keyframe)
    const dropped = this.#waiting.splice(0, keyframe > 0 ? keyframe : this.#waiting.length - 1)
    for (const { frame } of dropped) {
      this.#bytes -= frame.data.byteLength
      this.#init.onDropped(frame)
    }
    const [next] = this.#waiting
    if (next !== undefined) next.isAfterGap = true
  }

  #wake(): void {
    this.#wanted?.resolve()
  }
}
