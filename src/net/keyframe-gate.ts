/** Why a frame is left out: nobody wants it, or there was no room or no time for it or for one that it needs. */
export type LeftOut = 'unwanted' | 'dropped'

/** A stream may have no other keyframe: after so much of it, in µs, video goes on without one. x264 has one in 250 frames where nothing else is asked for. */
const LONGEST_WAIT_US = 10_000_000

/**
 * Which frames of video can be decoded: behind one that was left out, none up to the next keyframe, for 10 s of the stream at most. Of a stream that has shown no keyframe yet nobody knows, and all pass: it may have
 * none at all.
 */
export class KeyframeGate {
  #hasKeyframes = false
  #shut: LeftOut | undefined
  /** When the first came that was held back, in µs. */
  #sinceUs: number | undefined

  /** Does the stream have keyframes? */
  get hasKeyframes(): boolean {
    return this.#hasKeyframes
  }

  /** The next frame. @returns why it cannot be decoded; undefined when it can */
  pass({
    keyframe,
    timestamp
  }: {
    readonly keyframe: boolean
    readonly timestamp: number
  }): LeftOut | undefined {
    if (keyframe) this.#hasKeyframes = true
    if (this.#shut === undefined) return undefined
    this.#sinceUs = Math.min(this.#sinceUs ?? timestamp, timestamp)
    if (keyframe || timestamp - this.#sinceUs >= LONGEST_WAIT_US) this.#shut = undefined
    return this.#shut
  }

  /** The newest frame was left out. */
  shut(why: LeftOut): void {
    if (!this.#hasKeyframes) return
    this.#shut = why
    this.#sinceUs = undefined
  }
}
