import type { Stream } from '@libp2p/interface'
import Denque from 'denque'
import type { ClassScheduler, PacedPiece, TrafficClass } from './class-scheduler.ts'
import type { Clock } from './clock.ts'
import type { StreamReader } from './stream-reader.ts'

/** A word is a number of 4 bytes: how many bytes have been taken, or with its highest bit something else. */
const WORD_BYTES = 4
const NOT_TAKEN = 0x8000_0000

/** Bytes of words that may wait to be read: one is awaited for each piece that is out. */
export const MAX_UNREAD_WORD_BYTES = 16_384

/** What is sent. */
export interface PacedSource {
  /** In which classes, the most urgent first. */
  readonly classes: readonly TrafficClass[]
  /** A word about fewer bytes was waited with at the other side: how long it took says nothing of the path. @default 0 */
  readonly leastTimedBytes?: number
  /** The next piece of this class, at the moment when it can go; undefined: nothing now. @param windowBytes what may be on the way at once */
  next(trafficClass: TrafficClass, windowBytes: number): PacedPiece | undefined
  /** The other side has taken so many counted bytes more. */
  onTaken?(bytes: number): void
  /** It has said something else, in 31 bits. Without this, such a word ends the stream. */
  onWord?(bits: number): void
}

/** How {@link PacedStream} is made. */
export interface PacedStreamInit {
  readonly stream: Stream
  /** Of that stream: the words are read from it. */
  readonly reader: StreamReader
  readonly scheduler: ClassScheduler
  readonly clock: Clock
  readonly source: PacedSource
}

/**
 * Sends over one stream at the path's pace: behind all that is more urgent on that connection, and only what the connection's window has room for. The other side tells how much it has taken, in words
 * of 4 bytes. What is on the way when the stream ends is lost.
 */
export class PacedStream {
  readonly stream: Stream
  readonly #init: PacedStreamInit
  /** On the way, the oldest first. */
  readonly #pieces = new Denque<{ bytes: number; readonly sentAtMs: number }>()
  #inFlight = 0
  #isEnded = false

  constructor(init: PacedStreamInit) {
    this.#init = init
    this.stream = init.stream
    void this.#readWords()
    init.stream.addEventListener('close', () => this.#end())
    if (init.stream.status !== 'open') this.#end()
  }

  /** Bytes that are out and of which nothing has been heard. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** There is something to send. */
  wake(): void {
    const { scheduler, source, stream } = this.#init
    if (this.#isEnded) return
    for (const trafficClass of source.classes)
      scheduler.pull(stream, () => this.#next(trafficClass), trafficClass)
  }

  #next(trafficClass: TrafficClass): PacedPiece | undefined {
    const { scheduler, source, clock } = this.#init
    const piece = this.#isEnded ? undefined : source.next(trafficClass, scheduler.windowBytes)
    if (piece === undefined || piece.counted === 0) return piece
    this.#inFlight += piece.counted
    this.#pieces.push({ bytes: piece.counted, sentAtMs: clock.now() })
    return piece
  }

  async #readWords(): Promise<void> {
    const { reader, source, stream } = this.#init
    try {
      for (;;) {
        const bytes = await reader.read(WORD_BYTES)
        const word = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
        if (word < NOT_TAKEN) this.#onTaken(word)
        else if (source.onWord === undefined) throw new RangeError('A word that is none here')
        else source.onWord(word - NOT_TAKEN)
      }
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #onTaken(bytes: number): void {
    const { scheduler, clock, source } = this.#init
    if (bytes > this.#inFlight) throw new RangeError('More bytes taken than were sent')
    if (this.#isEnded || bytes === 0) return
    this.#inFlight -= bytes
    const nowMs = clock.now()
    const rttMs = nowMs - this.#takeOff(bytes)
    source.onTaken?.(bytes)
    if (bytes < (source.leastTimedBytes ?? 0)) scheduler.takenUntimed(bytes)
    else scheduler.taken(bytes, rttMs, nowMs)
  }

  /** @returns when the last of them went out */
  #takeOff(bytes: number): number {
    let rest = bytes
    let sentAtMs = 0
    while (rest > 0) {
      const piece = this.#pieces.peekFront()
      if (piece === undefined) break
      sentAtMs = piece.sentAtMs
      const part = Math.min(rest, piece.bytes)
      rest -= part
      piece.bytes -= part
      if (piece.bytes === 0) this.#pieces.shift()
    }
    return sentAtMs
  }

  #end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    const lost = this.#inFlight
    this.#inFlight = 0
    this.#pieces.clear()
    this.#init.scheduler.lost(lost)
  }
}

/** A word that says something else than what was taken. @param bits 31 of them */
export function wordOf(bits: number): Uint8Array {
  const word = new Uint8Array(WORD_BYTES)
  new DataView(word.buffer).setUint32(0, NOT_TAKEN + bits)
  return word
}
