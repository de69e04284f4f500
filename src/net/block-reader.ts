import { BLOCK_LENGTH_BYTES } from './blocks.ts'

/** Puts the blocks of a stream together, of whatever pieces its bytes come in. */
export class BlockReader {
  readonly #minBytes: number
  readonly #maxBytes: number
  readonly #onBlock: (block: Uint8Array) => void
  readonly #length = new Uint8Array(BLOCK_LENGTH_BYTES)
  #lengthBytes = 0
  #block: Uint8Array | undefined
  #blockBytes = 0

  /** @param minBytes of a block, at least 1 @param onBlock its bytes are its own */
  constructor(minBytes: number, maxBytes: number, onBlock: (block: Uint8Array) => void) {
    this.#minBytes = minBytes
    this.#maxBytes = maxBytes
    this.#onBlock = onBlock
  }

  /** The next bytes. @throws RangeError for a block that is too short or too long, before memory is taken for it; what `onBlock` throws */
  read(bytes: Uint8Array): void {
    let rest = bytes
    while (rest.byteLength > 0)
      rest = this.#block === undefined ? this.#readLength(rest) : this.#readBlock(rest, this.#block)
  }

  #readLength(bytes: Uint8Array): Uint8Array {
    const taken = bytes.subarray(0, BLOCK_LENGTH_BYTES - this.#lengthBytes)
    this.#length.set(taken, this.#lengthBytes)
    this.#lengthBytes += taken.byteLength
    if (this.#lengthBytes === BLOCK_LENGTH_BYTES) {
      const length = new DataView(this.#length.buffer).getUint32(0)
      if (length < this.#minBytes || length > this.#maxBytes)
        throw new RangeError(`A block of ${length} bytes`)
      this.#block = new Uint8Array(length)
      this.#lengthBytes = 0
      this.#blockBytes = 0
    }
    return bytes.subarray(taken.byteLength)
  }

  #readBlock(bytes: Uint8Array, block: Uint8Array): Uint8Array {
    const taken = bytes.subarray(0, block.byteLength - this.#blockBytes)
    block.set(taken, this.#blockBytes)
    this.#blockBytes += taken.byteLength
    if (this.#blockBytes === block.byteLength) {
      this.#block = undefined
      this.#onBlock(block)
    }
    return bytes.subarray(taken.byteLength)
  }
}
