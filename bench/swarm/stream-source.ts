import type { Fragment } from '../../src/core/multicast/fragment.ts'
import { Fragmenter, fragmentOf } from '../../src/core/multicast/fragmenter.ts'
import { Camera, FRAMES_PER_SECOND } from '../support/camera.ts'

/** As the issue has it: 2 Mbit/s. */
export const STREAM_BITS_PER_SECOND = 2_000_000

/** The signature and what is in a frame are nobody's business here. */
const SIGNATURE = new Uint8Array(64)
const CONTENT = new Uint8Array(65_536)

/** Which fragments a frame of the stream is. */
export interface SentFrame {
  readonly atMs: number
  readonly first: number
  readonly last: number
  readonly isKeyframe: boolean
  readonly bytes: number
}

/** A camera whose frames are cut. */
export class StreamSource {
  readonly frames: SentFrame[] = []
  /** By the number of a fragment: its frame. */
  readonly frameOf: number[] = []
  readonly #fragmenter: Fragmenter
  readonly #camera: Camera
  bytes = 0

  constructor(seed: number, fragmentBytes?: number) {
    this.#camera = new Camera(seed, STREAM_BITS_PER_SECOND)
    this.#fragmenter = new Fragmenter(fragmentBytes)
  }

  /** The next frame, cut. */
  next(nowMs: number): Fragment[] {
    const { index, isKeyframe, bytes } = this.#camera.next()
    const timestamp = (index * 1_000_000) / FRAMES_PER_SECOND
    const data = CONTENT.subarray(0, bytes)
    const cut = this.#fragmenter.cut({ kind: 'video', timestamp, keyframe: isKeyframe, data })
    for (const { header } of cut) this.frameOf[header.number] = index
    const [first, last] = [cut[0], cut.at(-1)].map(piece => piece?.header.number ?? 0) as [number, number]
    this.frames.push({ atMs: nowMs, first, last, isKeyframe, bytes })
    this.bytes += bytes
    return cut.map(({ header, payload }) => fragmentOf(header, SIGNATURE, payload))
  }
}
