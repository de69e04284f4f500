import type { MediaFrame, NetStreamPublisher } from '../api/net-stream.ts'
import { MediaFramer } from './media-framer.ts'
import type { Chunk } from './media-header.ts'

/** What goes with a frame. */
export interface FrameMarks {
  /** µs, of the stream. */
  readonly timestamp: number
  /** Send the configuration with it. */
  readonly hasConfig: boolean
  /** May one begin to play the stream here? */
  readonly keyframe: boolean
}

/** Writes the frames of one kind to a stream, and knows how many of them wait there. */
export class FrameWriter {
  readonly #stream: NetStreamPublisher
  readonly #kind: MediaFrame['kind']
  readonly #onError: (error: unknown) => void
  readonly #framer = new MediaFramer()
  #waiting = 0

  /** @param onError the stream took a frame not: it was closed, or the frame is too large */
  constructor(stream: NetStreamPublisher, kind: 'audio' | 'video', onError: (error: unknown) => void) {
    this.#stream = stream
    this.#kind = kind
    this.#onError = onError
  }

  /** Frames that were written and have not found room yet. */
  get waiting(): number {
    return this.#waiting
  }

  /** What comes is to be decoded so, encoded. @returns false when that was so before */
  configure(config: Uint8Array): boolean {
    return this.#framer.configure(config)
  }

  write(chunk: Chunk, { timestamp, hasConfig, keyframe }: FrameMarks): void {
    const data = this.#framer.frame(chunk, hasConfig)
    void this.#write({ kind: this.#kind, timestamp, keyframe, data })
  }

  async #write(frame: MediaFrame): Promise<void> {
    this.#waiting += 1
    try {
      await this.#stream.write(frame)
    } catch (error) {
      this.#onError(error)
    } finally {
      this.#waiting -= 1
    }
  }
}
