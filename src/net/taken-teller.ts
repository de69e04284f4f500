import type { Stream } from '@libp2p/interface'
import type { ClassScheduler } from './class-scheduler.ts'
import type { Clock, Timer } from './clock.ts'

/**
 * How much is taken before the sender hears of it, in bytes, or after how long, in ms: each word costs both sides a packet. Measured (two processes on one machine): one for each packet
 * takes a third of the receiver's time.
 */
const TOLD_BYTES = 1_048_576
const TELL_AFTER_MS = 3

/** Tells the sender of a side stream how much has been taken, each time as a number of 4 bytes. */
export class TakenTeller {
  readonly #stream: Stream
  readonly #scheduler: ClassScheduler
  readonly #clock: Clock
  #bytes = 0
  #timer: Timer | undefined

  constructor(stream: Stream, scheduler: ClassScheduler, clock: Clock) {
    this.#stream = stream
    this.#scheduler = scheduler
    this.#clock = clock
  }

  add(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes >= TOLD_BYTES) this.#tell()
    else if (this.#bytes > 0) this.#timer ??= this.#clock.setTimer(() => this.#tell(), TELL_AFTER_MS)
  }

  close(): void {
    this.#timer?.cancel()
  }

  #tell(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const taken = new Uint8Array(4)
    new DataView(taken.buffer).setUint32(0, this.#bytes)
    this.#bytes = 0
    this.#scheduler.send(this.#stream, taken, 'control')
  }
}
