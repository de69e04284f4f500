import type { StreamFrame } from '../../core/multicast/fragmenter.ts'
import { MAX_UNREAD_FRAME_BYTES, MAX_UNREAD_FRAMES } from '../../wire/limits.ts'

/** What a player reads next. */
export type NextFrame =
  /** @param isAfterGap something before it is missing */
  | { readonly type: 'frame'; readonly frame: StreamFrame; readonly isAfterGap: boolean }
  /** @param isAfterGap the end itself is missing */
  | { readonly type: 'end'; readonly isAfterGap: boolean }

/** Frames that wait for their reader. Of those that it does not take in time the oldest are dropped, up to a keyframe. */
export class FrameQueue {
  readonly #frames: StreamFrame[] = []
  readonly #maxBytes: number
  readonly #maxUs: () => number
  /** Called with each frame that is dropped. */
  readonly #onDropped: (frame: StreamFrame) => void
  #bytes = 0
  #isAfterGap = false
  #isEnded = false
  #isHeld = true
  #wanted: PromiseWithResolvers<void> | undefined

  /** @param maxUs how much stream may wait, in µs */
  constructor(
    maxUs: () => number,
    onDropped: (frame: StreamFrame) => void,
    maxBytes: number = MAX_UNREAD_FRAME_BYTES
  ) {
    this.#maxUs = maxUs
    this.#onDropped = onDropped
    this.#maxBytes = maxBytes
  }

  get waiting(): readonly StreamFrame[] {
    return this.#frames
  }

  /** Bytes of those that wait. */
  get bytes(): number {
    return this.#bytes
  }

  push(frame: StreamFrame): void {
    if (this.#isEnded) return
    this.#frames.push(frame)
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

  /** A new stream takes the place of the one that has ended. */
  reopen(): void {
    if (this.#isEnded) this.#isAfterGap = true
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
        const frame = this.#isHeld ? undefined : this.#frames.shift()
        if (frame !== undefined) {
          this.#bytes -= frame.data.byteLength
          const isAfterGap = this.#isAfterGap
          this.#isAfterGap = false
          return { type: 'frame', frame, isAfterGap }
        }
        if (this.#isEnded) return { type: 'end', isAfterGap: this.#isAfterGap }
        this.#wanted = Promise.withResolvers<void>()
        await this.#wanted.promise
      }
    } finally {
      this.#wanted = undefined
      signal?.removeEventListener('abort', onAbort)
    }
  }

  get #isTooMuch(): boolean {
    const [first] = this.#frames
    const last = this.#frames.at(-1)
    if (first === undefined || last === undefined) return false
    if (this.#bytes > this.#maxBytes || this.#frames.length > MAX_UNREAD_FRAMES) return true
    return last.timestamp - first.timestamp > this.#maxUs()
  }

  /** To the last keyframe that there is, or all but the newest: whoever reads again is at the live edge. */
  #dropOldest(): void {
    const keyframe = this.#frames.findLastIndex(({ keyframe }) => keyframe)
    const dropped = this.#frames.splice(0, keyframe > 0 ? keyframe : this.#frames.length - 1)
    for (const frame of dropped) {
      this.#bytes -= frame.data.byteLength
      this.#onDropped(frame)
    }
    this.#isAfterGap = true
  }

  #wake(): void {
    this.#wanted?.resolve()
  }
}
