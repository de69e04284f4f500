import type { Stream } from '@libp2p/interface'
import { MAX_FRAGMENT_BYTES } from '../../wire/limits.ts'
import { BLOCK_LENGTH_BYTES } from '../blocks.ts'
import type { StreamReader } from '../stream-reader.ts'
import type { TakenTeller } from '../taken-teller.ts'

/** Bytes of a stream's key that stand before each fragment. */
export const STREAM_PREFIX_BYTES = 8

/** Reads fragments from one side stream: blocks of a stream's first key bytes and a fragment. Tells the sender how much has been taken. */
export class MediaReceiver {
  readonly #stream: Stream
  readonly #teller: TakenTeller
  readonly #onFragment: (stream: Uint8Array, bytes: Uint8Array) => void
  readonly #length = new Uint8Array(BLOCK_LENGTH_BYTES)
  #lengthBytes = 0
  #block: Uint8Array | undefined
  #blockBytes = 0

  constructor(
    stream: Stream,
    reader: StreamReader,
    teller: TakenTeller,
    onFragment: (stream: Uint8Array, bytes: Uint8Array) => void
  ) {
    this.#stream = stream
    this.#teller = teller
    this.#onFragment = onFragment
    stream.addEventListener('close', () => teller.close())
    stream.addEventListener('remoteCloseWrite', () => this.close())
    reader.pipe(bytes => this.#onBytes(bytes))
  }

  /** Nothing more is taken from it. */
  close(): void {
    this.#teller.close()
    this.#stream.close().catch(error => this.#stream.abort(error))
  }

  #onBytes(bytes: Uint8Array): void {
    this.#teller.add(bytes.byteLength)
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
      if (length <= STREAM_PREFIX_BYTES || length > STREAM_PREFIX_BYTES + MAX_FRAGMENT_BYTES)
        throw new RangeError(`A fragment of ${length} bytes`)
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
      this.#onFragment(block.subarray(0, STREAM_PREFIX_BYTES), block.subarray(STREAM_PREFIX_BYTES))
    }
    return bytes.subarray(taken.byteLength)
  }
}
