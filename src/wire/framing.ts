// Frames in a byte stream: an unsigned varint with the length, then the bytes. Synchronous and without a promise per frame; bytes come
// in as the network cut them.
import { concat } from 'uint8arrays/concat'

const MAX_PREFIX_BYTES = 4
const NOTHING = new Uint8Array(0)

/** The frame with its length in front. */
export function frame(bytes: Uint8Array): Uint8Array {
  let prefixBytes = 1
  for (let rest = bytes.byteLength >>> 7; rest > 0; rest >>>= 7) prefixBytes += 1
  const framed = new Uint8Array(prefixBytes + bytes.byteLength)
  let rest = bytes.byteLength
  for (let i = 0; i < prefixBytes - 1; i++, rest >>>= 7) framed[i] = (rest & 0x7f) | 0x80
  framed[prefixBytes - 1] = rest
  framed.set(bytes, prefixBytes)
  return framed
}

/** Puts frames together again. One per stream. */
export class FrameReader {
  readonly #maxFrameBytes: number
  #rest: Uint8Array = NOTHING

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
    this.#rest = offset === data.byteLength ? NOTHING : data.slice(offset)
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
