import type { Stream } from '@libp2p/interface'
import type { Clock } from './clock.ts'

/** How long a node that stops waits for what it has sent last to be read, in ms. Guess: a round trip over a slow relay; whoever does not answer then is gone, or too busy. */
const LAST_READ_MS = 500

/**
 * Streams that this side has ended and the other side has not: what was sent on them last may not be read yet. A node waits for them before it ends its connections: a TCP socket that is closed while the other side
 * sends is reset, and that side's next write fails (ECONNRESET, EPIPE), at which libp2p gives up the connection with all that has arrived and was not read (measured: 12 of 150 posts made right before leaving were lost so, on loopback).
 */
export class EndingStreams {
  readonly #clock: Clock
  readonly #streams = new Set<Stream>()
  #onNone: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Its writing side is closed now, or will be in a moment. The other side answers in kind when it has read all. */
  add(stream: Stream): void {
    if (stream.status !== 'open' || this.#streams.has(stream)) return
    this.#streams.add(stream)
    const onClose = (): void => {
      this.#streams.delete(stream)
      if (this.#streams.size === 0) this.#onNone?.()
    }
    stream.addEventListener('close', onClose, { once: true })
  }

  /** Resolves when all have been read to their end, after {@link LAST_READ_MS} at the latest. */
  async untilRead(): Promise<void> {
    if (this.#streams.size === 0) return
    await new Promise<void>(resolve => {
      const timer = this.#clock.setTimer(resolve, LAST_READ_MS)
      this.#onNone = () => {
        timer.cancel()
        resolve()
      }
    })
  }
}
