import type { Logger, Stream } from '@libp2p/interface'
import type { Clock } from './clock.ts'
import type { NeighborLink } from './neighbor-link.ts'
import { MAX_UNREAD_WORD_BYTES, type PacedSource, PacedStream } from './paced-stream.ts'
import type { SideStreams } from './side-streams.ts'
import { StreamReader } from './stream-reader.ts'

/** What is sent over side streams. */
export interface SideSource extends PacedSource {
  /** The stream has ended, or cannot be opened: what is on the way is lost. The next {@link PacedSender.wake} opens another. */
  onReset(): void
}

/** Sends at the path's pace ({@link PacedStream}) over a side stream that is opened when there is something. */
export class PacedSender {
  readonly #link: NeighborLink
  readonly #streams: SideStreams
  readonly #clock: Clock
  readonly #log: Logger
  readonly #source: SideSource
  #paced: PacedStream | undefined
  #isOpening = false
  #isClosed = false

  constructor(link: NeighborLink, streams: SideStreams, clock: Clock, log: Logger, source: SideSource) {
    this.#link = link
    this.#streams = streams
    this.#clock = clock
    this.#log = log
    this.#source = source
  }

  /** There is something to send. */
  wake(): void {
    if (this.#isClosed) return
    if (this.#paced !== undefined) this.#paced.wake()
    else if (!this.#isOpening) void this.#open()
  }

  /** Sends nothing any more. What is on the way may still arrive. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const stream = this.#paced?.stream
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
      this.#log('no stream to %p - %e', this.#link.peerID, error)
      if (!this.#isClosed) this.#reset()
    }
  }

  #use(stream: Stream): void {
    const reader = new StreamReader(stream, MAX_UNREAD_WORD_BYTES)
    const { scheduler } = this.#link
    const paced = new PacedStream({ stream, reader, scheduler, clock: this.#clock, source: this.#source })
    this.#paced = paced
    stream.addEventListener('close', () => {
      if (this.#paced === paced) this.#reset()
    })
    if (stream.status !== 'open') this.#reset()
    else this.wake()
  }

  #reset(): void {
    this.#paced = undefined
    this.#source.onReset()
  }
}
