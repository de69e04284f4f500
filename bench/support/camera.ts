import { seededRandom } from '../../src/shared/seeded-random.ts'

export const FRAMES_PER_SECOND = 25
const FRAMES_PER_KEYFRAME = 50

/** A keyframe's part of the bytes from it to the next: 64 KiB of 2 s at 2 Mbit/s (sim-findings §5). */
const KEYFRAME_PART = 65_536 / 500_000

/** How much other frames differ in size, either way. Guess. */
const JITTER = 0.3

/** A frame that is to be sent: what is in it is nobody's business here. */
export interface CameraFrame {
  readonly index: number
  readonly isKeyframe: boolean
  readonly bytes: number
}

/** Frames as of a camera: 25 a second, a large keyframe every 2 s. The same of the same seed. */
export class Camera {
  readonly #random: () => number
  readonly #keyframeBytes: number
  readonly #otherBytes: number
  #index = 0

  constructor(seed: number, bitsPerSecond: number) {
    this.#random = seededRandom(seed ^ 0xf2a3e)
    const bytes = (bitsPerSecond / 8) * (FRAMES_PER_KEYFRAME / FRAMES_PER_SECOND)
    this.#keyframeBytes = Math.round(KEYFRAME_PART * bytes)
    this.#otherBytes = (bytes - this.#keyframeBytes) / (FRAMES_PER_KEYFRAME - 1)
  }

  next(): CameraFrame {
    const index = this.#index++
    const isKeyframe = index % FRAMES_PER_KEYFRAME === 0
    const bytes = isKeyframe
      ? this.#keyframeBytes
      : Math.round(this.#otherBytes * (1 + JITTER * (2 * this.#random() - 1)))
    return { index, isKeyframe, bytes }
  }
}
