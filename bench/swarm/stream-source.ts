import type { Fragment } from '../../src/core/multicast/fragment.ts'
import { Fragmenter, fragmentOf } from '../../src/core/multicast/fragmenter.ts'
import { seededRandom } from '../../src/shared/seeded-random.ts'

/** As the issue has it: 2 Mbit/s. Frames as of a camera: 25 a second, a keyframe of 64 KiB every 2 s (sim-findings §5). */
export const STREAM_BITS_PER_SECOND = 2_000_000
export const FRAMES_PER_SECOND = 25
const FRAMES_PER_KEYFRAME = 50
const KEYFRAME_BYTES = 65_536

/** How much other frames differ in size, either way. Guess. */
const JITTER = 0.3

const OTHER_BYTES =
  ((STREAM_BITS_PER_SECOND / 8) * (FRAMES_PER_KEYFRAME / FRAMES_PER_SECOND) - KEYFRAME_BYTES) /
  (FRAMES_PER_KEYFRAME - 1)

/** The signature and what is in a frame are nobody's business here. */
const SIGNATURE = new Uint8Array(64)
const CONTENT = new Uint8Array(KEYFRAME_BYTES)

/** Which fragments a frame of the stream is. */
export interface SentFrame {
  readonly atMs: number
  readonly first: number
  readonly last: number
  readonly isKeyframe: boolean
  readonly bytes: number
}

/** A camera: gives one frame after the other. */
export class StreamSource {
  readonly frames: SentFrame[] = []
  /** By the number of a fragment: its frame. */
  readonly frameOf: number[] = []
  readonly #fragmenter: Fragmenter
  readonly #random: () => number
  bytes = 0

  constructor(seed: number, fragmentBytes?: number) {
    this.#random = seededRandom(seed ^ 0xf2a3e)
    this.#fragmenter = new Fragmenter(fragmentBytes)
  }

  /** The next frame, cut. */
  next(nowMs: number): Fragment[] {
    const index = this.frames.length
    const keyframe = index % FRAMES_PER_KEYFRAME === 0
    const bytes = keyframe
      ? KEYFRAME_BYTES
      : Math.round(OTHER_BYTES * (1 + JITTER * (2 * this.#random() - 1)))
    const timestamp = (index * 1_000_000) / FRAMES_PER_SECOND
    const data = CONTENT.subarray(0, bytes)
    const cut = this.#fragmenter.cut({ kind: 'video', timestamp, keyframe, data })
    for (const { header } of cut) this.frameOf[header.number] = index
    const [first, last] = [cut[0], cut.at(-1)].map(piece => piece?.header.number ?? 0) as [number, number]
    this.frames.push({ atMs: nowMs, first, last, isKeyframe: keyframe, bytes })
    this.bytes += bytes
    return cut.map(({ header, payload }) => fragmentOf(header, SIGNATURE, payload))
  }
}
