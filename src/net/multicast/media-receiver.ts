import type { Stream } from '@libp2p/interface'
import { MAX_FRAGMENT_BYTES } from '../../wire/limits.ts'
import { BlockReader } from '../block-reader.ts'
import type { StreamReader } from '../stream-reader.ts'
import type { TakenTeller } from '../taken-teller.ts'

/** Bytes of a stream's key that stand before each fragment. */
export const STREAM_PREFIX_BYTES = 8

/** Reads fragments from one side stream: blocks of a stream's first key bytes and a fragment. Tells the sender how much has been taken. */
export class MediaReceiver {
  readonly #stream: Stream
  readonly #teller: TakenTeller
  readonly #blocks: BlockReader
  #isClosed = false

  constructor(
    stream: Stream,
    reader: StreamReader,
    teller: TakenTeller,
    onFragment: (stream: Uint8Array, bytes: Uint8Array) => void
  ) {
    this.#stream = stream
    this.#teller = teller
    this.#blocks = new BlockReader(STREAM_PREFIX_BYTES + 1, STREAM_PREFIX_BYTES + MAX_FRAGMENT_BYTES, block =>
      onFragment(block.subarray(0, STREAM_PREFIX_BYTES), block.subarray(STREAM_PREFIX_BYTES))
    )
    stream.addEventListener('close', () => teller.close())
    stream.addEventListener('remoteCloseWrite', () => this.close())
    reader.pipe(bytes => this.#onBytes(bytes))
  }

  /** Nothing more is taken from it, whatever the other side still sends. */
  close(): void {
    this.#isClosed = true
    this.#teller.close()
    this.#stream.closeRead().catch(error => this.#stream.abort(error))
    this.#stream.close().catch(error => this.#stream.abort(error))
  }

  #onBytes(bytes: Uint8Array): void {
    if (this.#isClosed) return
    this.#teller.add(bytes.byteLength)
    this.#blocks.read(bytes)
  }
}
