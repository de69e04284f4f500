import type { Logger, Stream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { ObjectHeader } from '../wire/objects.ts'
import type { Clock } from './clock.ts'
import { DelayWindow } from './delay-window.ts'
import type { NeighborLink } from './neighbor-link.ts'
import type { SideStreams } from './side-streams.ts'
import { StreamReader } from './stream-reader.ts'

/** Objects are cut in pieces of this at most, so that nothing waits behind a whole one; at least, and so many fill the window. Over WebRTC a message holds no more than 16 KiB. */
const MAX_PIECE_BYTES = 65_536
const MAX_WEBRTC_PIECE_BYTES = 16_384
const MIN_PIECE_BYTES = 4_096
const PIECES_IN_WINDOW = 4

const LENGTH_BYTES = 4

/** Bytes of acknowledgements that may wait to be read: one is awaited for each piece that is out. */
const MAX_UNREAD_BYTES = 16_384

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

/**
 * Sends objects to one neighbor, over a stream that is opened for the first one: one after the other, in pieces, behind all that is more urgent on that connection, and no more at once
 * than the path carries without a queue.
 */
export class ObjectSender {
  readonly #link: NeighborLink
  readonly #streams: SideStreams
  readonly #clock: Clock
  readonly #log: Logger
  readonly #maxPieceBytes: number
  readonly #queue: OutgoingObject[] = []
  #stream: Stream | undefined
  #isOpening = false
  #window = new DelayWindow()
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
    this.#link = link
    this.#streams = streams
    this.#clock = clock
    this.#log = log
    this.#maxPieceBytes = link.transport.startsWith('webrtc') ? MAX_WEBRTC_PIECE_BYTES : MAX_PIECE_BYTES
  }

  send(object: OutgoingObject): void {
    if (this.#isClosed) {
      object.onDone()
      return
    }
    this.#queue.push(object)
    if (this.#stream !== undefined) this.#wake()
    else if (!this.#isOpening) void this.#open()
  }

  /** It is no longer needed: what of it has not left stays here. */
  drop(namespace: string, index: number): void {
    const at = this.#queue.findIndex(object => object.namespace === namespace && object.index === index)
    if (at < 0) return
    if (at > 0 || this.#sentBytes === undefined) this.#queue.splice(at, 1)[0]?.onDone()
    else {
      this.#isDropped = true
      this.#wake()
    }
  }

  /** What waits is dropped. */
  close(): void {
    this.#isClosed = true
    const stream = this.#stream
    this.#reset()
    stream?.close().catch(error => stream.abort(error))
  }

  async #open(): Promise<void> {
    this.#isOpening = true
    try {
      const stream = await this.#streams.open(this.#link)
      this.#isOpening = false
      if (this.#isClosed) stream.abort(new Error('No longer needed'))
      else this.#use(stream)
    } catch (error) {
      this.#isOpening = false
      this.#log('no stream for objects to %p - %e', this.#link.peerID, error)
      this.#reset()
    }
  }

  #use(stream: Stream): void {
    this.#stream = stream
    this.#window = new DelayWindow()
    void this.#readTaken(stream)
    stream.addEventListener('close', () => {
      if (this.#stream === stream) this.#reset()
    })
    if (stream.status !== 'open') this.#reset()
    else this.#wake()
  }

  /** The other side says how much it has taken, each time as a number of 4 bytes. */
  async #readTaken(stream: Stream): Promise<void> {
    const reader = new StreamReader(stream, MAX_UNREAD_BYTES)
    try {
      for (;;) {
        const bytes = await reader.read(LENGTH_BYTES)
        this.#onTaken(viewOf(bytes).getUint32(0))
      }
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #onTaken(bytes: number): void {
    this.#window.onTaken(bytes, this.#clock.now())
    this.#takenBytes += bytes
    while (this.#untaken[0] !== undefined && this.#untaken[0].end <= this.#takenBytes) this.#untaken.shift()
    this.#wake()
  }

  #wake(): void {
    const stream = this.#stream
    if (stream === undefined || this.#queue.length === 0) return
    // A stream that has ended may be asked once more before the scheduler hears of it: what waits then is for the next one.
    const source = (): Uint8ArrayList | undefined => (this.#stream === stream ? this.#nextPiece() : undefined)
    this.#link.scheduler.pull(stream, source, 'bulk')
  }

  #nextPiece(): Uint8ArrayList | undefined {
    const [object] = this.#queue
    if (object === undefined || this.#window.room === 0) return undefined
    const { bytes, namespace, index, waiting } = object
    const out = new Uint8ArrayList()
    if (this.#sentBytes === undefined)
      appendBlock(out, ObjectHeader.encode({ namespace, index, length: bytes.byteLength, waiting }))
    const start = this.#sentBytes ?? 0
    const end = this.#isDropped ? start : Math.min(bytes.byteLength, start + this.#pieceBytes())
    // Nothing instead of a piece says that no more of this object comes.
    if (end > start || this.#isDropped) appendBlock(out, bytes.subarray(start, end))
    this.#window.onSent(end - start, this.#clock.now())
    this.#outBytes += end - start
    this.#sentBytes = end
    if (this.#isDropped || end === bytes.byteLength) this.#finish()
    return out
  }

  #pieceBytes(): number {
    const share = Math.floor(this.#window.bytes / PIECES_IN_WINDOW)
    return Math.max(MIN_PIECE_BYTES, Math.min(this.#maxPieceBytes, share))
  }

  #finish(): void {
    const object = this.#queue.shift() as OutgoingObject
    if (!this.#isDropped) this.#untaken.push({ object, end: this.#outBytes })
    this.#sentBytes = undefined
    this.#isDropped = false
    object.onDone()
  }

  /** What was on the way is lost, what waits is dropped. The next one opens another stream. */
  #reset(): void {
    this.#stream = undefined
    this.#sentBytes = undefined
    this.#isDropped = false
    this.#outBytes = 0
    this.#takenBytes = 0
    const waiting = this.#queue.splice(0)
    for (const object of waiting) object.onDone()
    const lost = [...this.#untaken.splice(0).map(({ object }) => object), ...waiting]
    for (const object of lost) object.onLost()
  }
}

/** A block is a length of 4 bytes, and so many bytes. */
function appendBlock(out: Uint8ArrayList, bytes: Uint8Array): void {
  const length = new Uint8Array(LENGTH_BYTES)
  viewOf(length).setUint32(0, bytes.byteLength)
  out.append(length)
  out.append(bytes)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset)
}
