import type { MediaFrame } from './net-stream.ts'

/** A stream may have no keyframes: video that is wanted again goes on without one after so much of it, in µs. x264 has one in 250 frames where nothing else is asked for. */
const LONGEST_WAIT_US = 10_000_000

/** Whether video is wanted: once it is again, it goes on with a keyframe, since a decoder can do nothing with what comes before. */
export class VideoResumption {
  #isWanted = true
  #isWaiting = false
  /** When the first came of what is waited through, in µs. */
  #sinceUs: number | undefined

  want(isWanted: boolean): void {
    if (isWanted === this.#isWanted) return
    this.#isWanted = isWanted
    this.#isWaiting = isWanted
    this.#sinceUs = undefined
  }

  /** Is this frame of video to be handed out? */
  takes({ keyframe, timestamp }: MediaFrame): boolean {
    if (!this.#isWanted) return false
    this.#sinceUs ??= timestamp
    if (keyframe === true || timestamp - this.#sinceUs >= LONGEST_WAIT_US) this.#isWaiting = false
    return !this.#isWaiting
  }
}
