import type { Logger } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { ObjectHeader } from '../wire/objects.ts'
import { appendBlock } from './blocks.ts'
import type { PacedPiece, TrafficClass } from './class-scheduler.ts'
import type { Clock } from './clock.ts'
import type { NeighborLink } from './neighbor-link.ts'
import { PacedSender, type SideSource } from './paced-sender.ts'
import type { SideStreams } from './side-streams.ts'

/**
 * What goes out at once, of one object or of several: this at most, so that nothing waits behind much; at least, and so many fill the window. Over WebRTC a message holds no more than 16 KiB.
 * Measured (two processes on one machine, a bare stream): with 256 KiB a MiB takes its sender 1.0 ms and its receiver 1.3, with 64 KiB 1.5 and 1.75, since each has its own frames and a word about its window.
 */
const MAX_PIECE_BYTES = 262_144
const MAX_WEBRTC_PIECE_BYTES = 16_384
const MIN_PIECE_BYTES = 4_096
const PIECES_IN_WINDOW = 4

/** An object on its way out. */
export interface OutgoingObject {
  readonly namespace: string
  readonly index: number
  readonly bytes: Uint8Array
  /** As it goes into the header. */
  readonly waiting: number
  /** It has been handed to the network, or dropped. Once. */
  onDone(): void
  /** It did not arrive: its stream ended before. May come after {@link onDone}. */
  onLost(): void
}

/** An object that is out, and where it ends among all the bytes of its stream. */
interface Sent {
  readonly object: OutgoingObject
  readonly end: number
}

/** Sends objects to one neighbor: one after the other, in pieces. */
export class ObjectSender implements SideSource {
  readonly classes: readonly TrafficClass[] = ['bulk']
  readonly #sender: PacedSender
  readonly #maxPieceBytes: number
  readonly #queue: OutgoingObject[] = []
  /** Bytes of the first object that are out; undefined before its header is. */
  #sentBytes: number | undefined
  #isDropped = false
  /** Out, and not taken yet; the first first. */
  readonly #untaken: Sent[] = []
  /** Bytes of objects that went over this stream. */
  #outBytes = 0
  #takenBytes = 0
  #isWaking = false
  #isClosed = false

  constructor(link: NeighborLink, streams: SideStreams, clock: Clock, log: Logger) {
    this.#sender = new PacedSender(link, streams, clock, log, this)
    this.#maxPieceBytes = link.transport.startsWith('webrtc') ? MAX_WEBRTC_PIECE_BYTES : MAX_PIECE_BYTES
  }

  send(object: OutgoingObject): void {
    if (this.#isClosed) {
      object.onDone()
      return
    }
    this.#queue.push(object)
    if (this.#isWaking) return
    this.#isWaking = true
    // What is sent in the same turn goes out together.
    queueMicrotask(() => {
      this.#isWaking = false
      this.#sender.wake()
    })
  }

  /** It is no longer needed: what of it has not left stays here. */
  drop(namespace: string, index: number): void {
    const at = this.#queue.findIndex(object => object.namespace === namespace && object.index === index)
    if (at < 0) return
    if (at > 0 || this.#sentBytes === undefined) this.#queue.splice(at, 1)[0]?.onDone()
    else {
      this.#isDropped = true
      this.#sender.wake()
    }
  }

  /** What waits is dropped. */
  close(): void {
    this.#isClosed = true
    this.#sender.close()
  }

  next(_class: TrafficClass, windowBytes: number): PacedPiece | undefined {
    if (this.#queue.length === 0) return undefined
    const data = new Uint8ArrayList()
    const maxBytes = this.#pieceBytes(windowBytes)
    let counted = 0
    // One that is done may bring about another one, which comes along.
    for (
      let object = this.#queue[0];
      object !== undefined && data.byteLength < maxBytes;
      object = this.#queue[0]
    )
      counted += this.#append(data, object, maxBytes - counted)
    return { data, counted }
  }

  /** Appends of the first object what has room. @returns how many of its bytes */
  #append(data: Uint8ArrayList, object: OutgoingObject, maxBytes: number): number {
    const { bytes, namespace, index, waiting } = object
    if (this.#sentBytes === undefined)
      appendBlock(data, ObjectHeader.encode({ namespace, index, length: bytes.byteLength, waiting }))
    const start = this.#sentBytes ?? 0
    const end = this.#isDropped ? start : Math.min(bytes.byteLength, start + maxBytes)
    // Nothing instead of a piece says that no more of this object comes.
    if (end > start || this.#isDropped) appendBlock(data, bytes.subarray(start, end))
    this.#outBytes += end - start
    this.#sentBytes = end
    if (this.#isDropped || end === bytes.byteLength) this.#finish()
    return end - start
  }

  onTaken(bytes: number): void {
    this.#takenBytes += bytes
    while (this.#untaken[0] !== undefined && this.#untaken[0].end <= this.#takenBytes) this.#untaken.shift()
  }

  /** What was on the way is lost, what waits is dropped. */
  onReset(): void {
    this.#sentBytes = undefined
    this.#isDropped = false
    this.#outBytes = 0
    this.#takenBytes = 0
    const waiting = this.#queue.splice(0)
    for (const object of waiting) object.onDone()
    const lost = [...this.#untaken.splice(0).map(({ object }) => object), ...waiting]
    for (const object of lost) object.onLost()
  }

  #pieceBytes(windowBytes: number): number {
    const share = Math.floor(windowBytes / PIECES_IN_WINDOW)
    return Math.max(MIN_PIECE_BYTES, Math.min(this.#maxPieceBytes, share))
  }

  #finish(): void {
    const object = this.#queue.shift() as OutgoingObject
    if (!this.#isDropped) this.#untaken.push({ object, end: this.#outBytes })
    this.#sentBytes = undefined
    this.#isDropped = false
    object.onDone()
  }
}
