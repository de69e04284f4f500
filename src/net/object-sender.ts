import type { Logger } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { ObjectHeader } from '../wire/objects.ts'
import { appendBlock } from './blocks.ts'
import type { PacedPiece, TrafficClass } from './class-scheduler.ts'
import type { Clock } from './clock.ts'
import type { NeighborLink } from './neighbor-link.ts'
import { PacedSender, type SideSource } from './paced-sender.ts'
import type { SideStreams } from './side-streams.ts'

/** Objects are cut in pieces of this at most, so that nothing waits behind a whole one; at least, and so many fill the window. Over WebRTC a message holds no more than 16 KiB. */
const MAX_PIECE_BYTES = 65_536
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
    this.#sender.wake()
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
    const [object] = this.#queue
    if (object === undefined) return undefined
    const { bytes, namespace, index, waiting } = object
    const data = new Uint8ArrayList()
    if (this.#sentBytes === undefined)
      appendBlock(data, ObjectHeader.encode({ namespace, index, length: bytes.byteLength, waiting }))
    const start = this.#sentBytes ?? 0
    const end = this.#isDropped ? start : Math.min(bytes.byteLength, start + this.#pieceBytes(windowBytes))
    // Nothing instead of a piece says that no more of this object comes.
    if (end > start || this.#isDropped) appendBlock(data, bytes.subarray(start, end))
    this.#outBytes += end - start
    this.#sentBytes = end
    if (this.#isDropped || end === bytes.byteLength) this.#finish()
    return { data, counted: end - start }
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
