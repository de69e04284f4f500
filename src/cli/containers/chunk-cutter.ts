import { GOOD_CHUNK_BYTES, GOOD_CHUNK_US, MAX_CHUNK_BYTES, NO_BYTES, type StreamChunk } from './chunk.ts'
import type { HeldBytes } from './held-bytes.ts'

/** Makes chunks of held bytes, at the places that a format finds good. */
export class ChunkCutter {
  readonly #held: HeldBytes
  #chunks: StreamChunk[] = []
  // A stream is whole from its first byte on.
  #isStart = true
  #isKeyframe = true
  #header: Uint8Array = NO_BYTES
  #timestamp = 0

  constructor(held: HeldBytes) {
    this.#held = held
  }

  /**
   * A decoder can begin at this place, with this header before it.
   *
   * @param isKeyframe also who comes late shall begin here, not only who has missed something
   */
  startAt(place: number, header: Uint8Array, nowUs: number, isKeyframe = true): void {
    this.cutAt(place, nowUs)
    // Nothing stands before it: it stays the beginning.
    this.#isKeyframe = isKeyframe || (this.#isKeyframe && this.#isStart)
    this.#isStart = true
    this.#header = header
    this.#timestamp = Math.max(this.#timestamp, nowUs)
  }

  /** Ends the chunk before this place. */
  cutAt(place: number, nowUs: number): void {
    while (this.#held.start < place) {
      const to = Math.min(place, this.#held.start + MAX_CHUNK_BYTES)
      this.#chunks.push({
        data: this.#held.take(to),
        keyframe: this.#isStart && this.#isKeyframe,
        mayStart: this.#isStart,
        timestamp: this.#timestamp,
        header: this.#header
      })
      this.#isStart = false
      this.#header = NO_BYTES
    }
    this.#timestamp = Math.max(this.#timestamp, nowUs)
  }

  /** Ends the chunk before this place if it is large enough, or covers enough time. */
  cutIfGood(place: number, nowUs: number): void {
    const bytes = place - this.#held.start
    if (bytes >= GOOD_CHUNK_BYTES || (bytes > 0 && nowUs - this.#timestamp >= GOOD_CHUNK_US))
      this.cutAt(place, nowUs)
  }

  /** The chunks that were made since the last call. */
  drain(): StreamChunk[] {
    const chunks = this.#chunks
    this.#chunks = []
    return chunks
  }
}
