import type { Stream } from '@libp2p/interface'
import { allocUnsafe } from 'uint8arrays/alloc'
import { concat } from 'uint8arrays/concat'
import { MAX_OBJECT_HEADER_BYTES } from '../wire/limits.ts'
import { ObjectHeader } from '../wire/objects.ts'
import { BLOCK_LENGTH_BYTES } from './blocks.ts'
import type { StreamReader } from './stream-reader.ts'
import type { TakenTeller } from './taken-teller.ts'

const NOTHING = new Uint8Array(0)

/** What is done with objects that come. */
export interface ObjectTaker {
  /** Is this one to be kept? Asked before memory is taken for it. */
  expects(header: ObjectHeader): boolean
  /** One that was expected is here, complete. */
  onObject(header: ObjectHeader, bytes: Uint8Array): void
  /** One that was expected does not come to its end. */
  onBroken(header: ObjectHeader): void
}

/** An object that is coming in. */
interface Incoming {
  readonly header: ObjectHeader
  /** Undefined for one that nobody wants. */
  readonly bytes: Uint8Array | undefined
  taken: number
}

/**
 * Reads objects from one stream: a header, then pieces until the object is complete, or an empty one when it is given up; each behind its length, of 4 bytes. Tells the sender how much
 * has been taken. What was not asked for is read and dropped.
 */
export class ObjectReceiver {
  readonly #stream: Stream
  readonly #teller: TakenTeller
  readonly #taker: ObjectTaker
  /** Of a length or a header, what has come of it. */
  #part: Uint8Array = NOTHING
  /** Bytes of the block that are still to come; undefined: its length is next. */
  #blockBytes: number | undefined
  #incoming: Incoming | undefined
  #takenBytes = 0

  constructor(stream: Stream, reader: StreamReader, teller: TakenTeller, taker: ObjectTaker) {
    this.#stream = stream
    this.#teller = teller
    this.#taker = taker
    stream.addEventListener('close', () => this.#end())
    stream.addEventListener('remoteCloseWrite', () => {
      this.#end()
      stream.close().catch(error => stream.abort(error))
    })
    reader.pipe(bytes => this.#onBytes(bytes))
  }

  /** Nothing more is taken from it. */
  close(): void {
    this.#end()
    this.#stream.close().catch(error => this.#stream.abort(error))
  }

  #onBytes(bytes: Uint8Array): void {
    let rest = bytes
    while (rest.byteLength > 0) {
      if (this.#blockBytes === undefined) rest = this.#readLength(rest)
      else if (this.#incoming === undefined) rest = this.#readHeader(rest, this.#blockBytes)
      else rest = this.#readPiece(rest, this.#incoming, this.#blockBytes)
    }
    this.#teller.add(this.#takenBytes)
    this.#takenBytes = 0
  }

  #readLength(bytes: Uint8Array): Uint8Array {
    const missing = BLOCK_LENGTH_BYTES - this.#part.byteLength
    const part = this.#join(bytes.subarray(0, missing))
    if (part.byteLength < BLOCK_LENGTH_BYTES) return NOTHING
    this.#part = NOTHING
    this.#onLength(new DataView(part.buffer, part.byteOffset).getUint32(0))
    const rest = bytes.subarray(missing)
    // A header may be empty: nothing more of it has to come.
    return this.#incoming === undefined && this.#blockBytes === 0 ? this.#readHeader(rest, 0) : rest
  }

  #onLength(length: number): void {
    const incoming = this.#incoming
    if (incoming === undefined && length > MAX_OBJECT_HEADER_BYTES)
      throw new RangeError(`A header of ${length} bytes`)
    if (incoming !== undefined && length > incoming.header.length - incoming.taken)
      throw new RangeError('More of an object than it is said to have')
    if (incoming !== undefined && length === 0) this.#giveUp()
    else this.#blockBytes = length
  }

  #readHeader(bytes: Uint8Array, blockBytes: number): Uint8Array {
    const missing = blockBytes - this.#part.byteLength
    const part = this.#join(bytes.subarray(0, missing))
    if (part.byteLength < blockBytes) return NOTHING
    this.#part = NOTHING
    this.#blockBytes = undefined
    const header = ObjectHeader.decode(part)
    const isKept = this.#taker.expects(header)
    this.#incoming = { header, bytes: isKept ? allocUnsafe(header.length) : undefined, taken: 0 }
    if (header.length === 0) this.#complete(this.#incoming)
    return bytes.subarray(missing)
  }

  #readPiece(bytes: Uint8Array, incoming: Incoming, blockBytes: number): Uint8Array {
    const piece = bytes.subarray(0, blockBytes)
    incoming.bytes?.set(piece, incoming.taken)
    incoming.taken += piece.byteLength
    const left = blockBytes - piece.byteLength
    this.#blockBytes = left > 0 ? left : undefined
    this.#takenBytes += piece.byteLength
    if (left === 0 && incoming.taken === incoming.header.length) this.#complete(incoming)
    return bytes.subarray(piece.byteLength)
  }

  #join(bytes: Uint8Array): Uint8Array {
    this.#part = this.#part.byteLength === 0 ? bytes.slice() : concat([this.#part, bytes])
    return this.#part
  }

  #complete({ header, bytes }: Incoming): void {
    this.#incoming = undefined
    if (bytes !== undefined) this.#taker.onObject(header, bytes)
  }

  #giveUp(): void {
    const incoming = this.#incoming
    this.#incoming = undefined
    this.#blockBytes = undefined
    if (incoming?.bytes !== undefined) this.#taker.onBroken(incoming.header)
  }

  #end(): void {
    this.#teller.close()
    this.#giveUp()
  }
}
