/** Why a frame is left out: nobody wants it, or there was no room or no time for it or for one that it needs. */
export type LeftOut = 'unwanted' | 'dropped'

/**
 * Which frames of video can be decoded: behind one that was left out, none up to the next keyframe. Of a stream that has shown no keyframe yet nobody knows, and all pass: it may have none at all.
 */
export class KeyframeGate {
  #hasKeyframes = false
  #shut: LeftOut | undefined

  /** Does the stream have keyframes? */
  get hasKeyframes(): boolean {
    return this.#hasKeyframes
  }

  /** The next frame. @returns why it cannot be decoded; undefined when it can */
  pass({ keyframe }: { readonly keyframe: boolean }): LeftOut | undefined {
    if (keyframe) {
      this.#hasKeyframes = true
      this.#shut = undefined
    }
    return this.#shut
  }

  /** The newest frame was left out. */
  shut(why: LeftOut): void {
    if (this.#hasKeyframes) this.#shut = why
  }
}
