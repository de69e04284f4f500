import type { Logger, Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import type { TrafficClass } from './class-scheduler.ts'
import type { Clock } from './clock.ts'
import { DelayWindow } from './delay-window.ts'
import type { NeighborLink } from './neighbor-link.ts'
import type { SideStreams } from './side-streams.ts'
import { StreamReader } from './stream-reader.ts'

/** A word about what was taken is a number of 4 bytes. */
const TAKEN_BYTES = 4

/** Bytes of such words that may wait to be read: one is awaited for each piece that is out. */
const MAX_UNREAD_BYTES = 16_384

/** A piece, and how many of its bytes the other side counts. */
export interface PacedPiece {
  readonly data: Uint8ArrayList
  readonly counted: number
}

/** What is sent. */
export interface PacedSource {
  /** In which classes, the most urgent first. */
  readonly classes: readonly TrafficClass[]
  /** The next piece of this class, at the moment when it can go; undefined: nothing now. @param windowBytes what may be on the way at once */
  next(trafficClass: TrafficClass, windowBytes: number): PacedPiece | undefined
  /** The other side has taken so many counted bytes more. */
  onTaken?(bytes: number): void
  /** The stream has ended, or cannot be opened: what is on the way is lost. The next {@link PacedSender.wake} opens another. */
  onReset(): void
}

/**
 * Sends over a side stream that is opened when there is something: behind all that is more urgent on that connection, and no more at once than the path carries without a queue
 * ({@link DelayWindow}).
 */
export class PacedSender {
  readonly #link: NeighborLink
  readonly #streams: SideStreams
  readonly #clock: Clock
  readonly #log: Logger
  readonly #source: PacedSource
  #stream: Stream | undefined
  #window = new DelayWindow()
  #isOpening = false
  #isClosed = false

  constructor(link: NeighborLink, streams: SideStreams, clock: Clock, log: Logger, source: PacedSource) {
    this.#link = link
    this.#streams = streams
    this.#clock = clock
    this.#log = log
    this.#source = source
  }

  /** There is something to send. */
  wake(): void {
    const stream = this.#stream
    if (this.#isClosed) return
    if (stream === undefined) {
      if (!this.#isOpening) void this.#open()
      return
    }
    for (const trafficClass of this.#source.classes) {
      // A stream that has ended may be asked once more before the scheduler hears of it: what waits then is for the next one.
      const source = (): Uint8ArrayList | undefined =>
        this.#stream === stream ? this.#next(trafficClass) : undefined
      this.#link.scheduler.pull(stream, source, trafficClass)
    }
  }

  /** Sends nothing any more. What is on the way may still arrive. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const stream = this.#stream
    this.#reset()
    stream?.close().catch(error => stream.abort(error))
  }

  #next(trafficClass: TrafficClass): Uint8ArrayList | undefined {
    if (this.#window.room === 0) return undefined
    const piece = this.#source.next(trafficClass, this.#window.bytes)
    if (piece === undefined) return undefined
    this.#window.onSent(piece.counted, this.#clock.now())
    return piece.data
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
      this.#log('no stream to %p - %e', this.#link.peerID, error)
      if (!this.#isClosed) this.#reset()
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
    else this.wake()
  }

  async #readTaken(stream: Stream): Promise<void> {
    const reader = new StreamReader(stream, MAX_UNREAD_BYTES)
    try {
      for (;;) {
        const bytes = await reader.read(TAKEN_BYTES)
        const taken = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
        this.#window.onTaken(taken, this.#clock.now())
        this.#source.onTaken?.(taken)
        this.wake()
      }
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #reset(): void {
    this.#stream = undefined
    this.#source.onReset()
  }
}
