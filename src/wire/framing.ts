// Frames in a byte stream: an unsigned varint with the length, then the bytes. Synchronous and without a promise per frame; bytes come
// in as the network cut them.
import { concat } from 'uint8arrays/concat'

const MAX_PREFIX_BYTES = 4

/** The frame with its length in front. */
export function frame(bytes: Uint8Array): Uint8Array {
  const prefix: number[] = []
  let rest = bytes.byteLength
  while (rest >= 0x80) {
    prefix.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  prefix.push(rest)
  return concat([Uint8Array.from(prefix), bytes])
}

/** Puts frames together again. One per stream. */
export class FrameReader {
  readonly #maxFrameBytes: number
  #rest: Uint8Array = new Uint8Array(0)

  /** @param maxFrameBytes a longer frame throws before memory is taken for it */
  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
  }

  /**
   * The frames that these bytes complete, in order. They may share memory with `bytes`: copy what is kept.
   *
   * @throws RangeError at a length over the bound or not a varint: the stream is beyond repair
   */
  read(bytes: Uint8Array): Uint8Array[] {
    const data = this.#rest.byteLength === 0 ? bytes : concat([this.#rest, bytes])
    const frames: Uint8Array[] = []
    let offset = 0
    for (;;) {
      const prefix = this.#prefixAt(data, offset)
      if (prefix === undefined || offset + prefix.bytes + prefix.length > data.byteLength) break
      const start = offset + prefix.bytes
      frames.push(data.subarray(start, start + prefix.length))
      offset = start + prefix.length
    }
    this.#rest = data.slice(offset)
    return frames
  }

  #prefixAt(data: Uint8Array, offset: number): { length: number; bytes: number } | undefined {
    let length = 0
    for (let i = 0; i < MAX_PREFIX_BYTES; i++) {
      const byte = data[offset + i]
      if (byte === undefined) return undefined
      length |= (byte & 0x7f) << (7 * i)
      if (byte < 0x80) {
        if (length > this.#maxFrameBytes)
          throw new RangeError(`A frame of ${length} bytes, at most ${this.#maxFrameBytes} are allowed`)
        return { length, bytes: i + 1 }
      }
    }
    throw new RangeError('A frame length that is not a varint of at most 4 bytes')
  }
}
