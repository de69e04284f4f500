import type { MessageStream, Stream, StreamMuxerFactory } from '@libp2p/interface'
import type { Clock } from '../net/clock.ts'

/** What goes wrong in a network of tests. Everything can be changed while it runs. */
export class Faults {
  readonly #random: () => number
  readonly #clock: Clock
  readonly #sides = new Map<string, number>()
  /** Of the messages that peers send each other, how many vanish, 0 to 1. */
  loss = 0
  /** How long bytes are under way, in ms, one way. */
  latencyMs = 0

  /** @param random 0 ≤ x < 1: seeded, so that a run can be repeated */
  constructor(random: () => number, clock: Clock) {
    this.#random = random
    this.#clock = clock
  }

  /** Puts peers on sides that cannot reach each other. Who is on no side reaches everybody. */
  partition(sides: readonly (readonly string[])[]): void {
    this.#sides.clear()
    for (const [side, peers] of sides.entries()) for (const peer of peers) this.#sides.set(peer, side)
  }

  /** Ends a partition. */
  heal(): void {
    this.#sides.clear()
  }

  /** Can these two reach each other? */
  isReachable(a: string, b: string): boolean {
    const [sideA, sideB] = [this.#sides.get(a), this.#sides.get(b)]
    return sideA === undefined || sideB === undefined || sideA === sideB
  }

  /**
   * A muxer with faults: each message sent on an established protocol stream is lost with the probability {@link loss}, as a whole, and all bytes arrive
   * {@link latencyMs} late, in order. What libp2p itself says to set up connections and streams is late, but not lost.
   */
  wrap(factory: StreamMuxerFactory): StreamMuxerFactory {
    return {
      protocol: factory.protocol,
      createStreamMuxer: connection => {
        this.#delay(connection)
        const muxer = factory.createStreamMuxer(connection)
        const create = muxer.createStream.bind(muxer)
        muxer.createStream = async options => this.#lose(await create(options))
        // Not by a listener: the muxer keeps streams that come early only while it has none.
        const dispatch = muxer.dispatchEvent.bind(muxer)
        muxer.dispatchEvent = event => {
          if (event.type === 'stream') this.#lose((event as CustomEvent<Stream>).detail)
          return dispatch(event)
        }
        return muxer
      }
    }
  }

  #lose(stream: Stream): Stream {
    const send = stream.send.bind(stream)
    stream.send = data =>
      this.loss > 0 && isLossy(stream.protocol) && this.#random() < this.loss ? true : send(data)
    return stream
  }

  #delay(target: MessageStream): void {
    const send = target.send.bind(target)
    const late: Parameters<typeof send>[0][] = []
    target.send = data => {
      if (this.latencyMs <= 0 && late.length === 0) return send(data)
      late.push(data)
      this.#clock.setTimer(() => {
        const next = late.shift()
        if (next !== undefined && target.status === 'open') send(next)
      }, this.latencyMs)
      return true
    }
  }
}

/** Not while the protocol is negotiated, and not libp2p's own (identify, ping). */
function isLossy(protocol: string): boolean {
  return protocol !== '' && !protocol.startsWith('/ipfs/')
}
