import { type Chunker, MAX_CHUNK_BYTES, NO_BYTES, type StreamChunk } from './chunk.ts'

/** Bytes of no known format: chunks as they come, and at each of them a late one may begin. */
export class RawChunker implements Chunker {
  #beganAtUs: number | undefined
  #timestamp = 0
  #isFirst = true

  push(bytes: Uint8Array, atUs: number): StreamChunk[] {
    this.#beganAtUs ??= atUs
    this.#timestamp = Math.max(this.#timestamp, atUs - this.#beganAtUs)
    const chunks: StreamChunk[] = []
    for (let at = 0; at < bytes.length; at += MAX_CHUNK_BYTES) {
      chunks.push({
        data: bytes.slice(at, at + MAX_CHUNK_BYTES),
        keyframe: this.#isFirst,
        mayStart: true,
        timestamp: this.#timestamp,
        header: NO_BYTES
      })
      this.#isFirst = false
    }
    return chunks
  }

  flush(): StreamChunk[] {
    return []
  }

  end(): StreamChunk[] {
    return []
  }
}
