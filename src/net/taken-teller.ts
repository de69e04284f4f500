import type { Stream } from '@libp2p/interface'
import type { ClassScheduler } from './class-scheduler.ts'
import type { Clock, Timer } from './clock.ts'

/** How much is taken before the sender hears of it, in bytes, or after how long, in ms: each word costs both sides a packet. */
export interface Telling {
  readonly bytes: number
  readonly afterMs: number
}

/** Of what should be as fast as can be. Measured (two processes on one machine): a word for each packet takes a third of the receiver's time. */
const PROMPT: Telling = { bytes: 1_048_576, afterMs: 3 }

/**
 * Of a stream of fragments, which come one by one: a half of the least that may be on its way, so that one or two such streams on a connection never wait for a word; three and more, of as many groups, may for as long
 * as it takes at most. A word for each fragment took a tenth of a viewer's processor time.
 */
export const UNHURRIED: Telling = { bytes: 8_192, afterMs: 500 }

/** Tells the sender of a side stream how much has been taken, each time as a number of 4 bytes. */
export class TakenTeller {
  readonly #stream: Stream
  readonly #scheduler: ClassScheduler
  readonly #clock: Clock
  readonly #telling: Telling
  #bytes = 0
  #timer: Timer | undefined

  constructor(stream: Stream, scheduler: ClassScheduler, clock: Clock, telling: Telling = PROMPT) {
    this.#stream = stream
    this.#scheduler = scheduler
    this.#clock = clock
    this.#telling = telling
  }

  add(bytes: number): void {
    const { bytes: toldBytes, afterMs } = this.#telling
    this.#bytes += bytes
    if (this.#bytes >= toldBytes) this.#tell()
    else if (this.#bytes > 0) this.#timer ??= this.#clock.setTimer(() => this.#tell(), afterMs)
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
