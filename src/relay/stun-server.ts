import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { Logger } from '@libp2p/interface'
import { type Clock, systemClock } from '../net/clock.ts'
import { answerStun } from './stun-message.ts'

/**
 * Answers to one IP address per {@link WINDOW_MS}: ICE asks once per connection and interface and repeats what is lost, and a school behind one NAT has hundreds of
 * members (guess). Beyond it no answer is given.
 */
const MAX_ANSWERS_PER_ADDRESS = 400

/** How long answers are counted together, in ms. */
const WINDOW_MS = 10_000

/** Addresses counted at once: beyond, nobody new is answered before the window ends. */
const MAX_COUNTED_ADDRESSES = 65_536

/** How {@link StunServer} is made. */
export interface StunServerInit {
  /** UDP, on every interface of both families; 0: any free one. */
  readonly port: number
  readonly log: Logger
  /** @default {@link systemClock} */
  readonly clock?: Clock
}

/**
 * Tells whoever asks under which address its datagrams arrive here (RFC 8489, Binding): with that, two members behind ordinary NATs can reach each other without a third party. An answer is at most some 30 bytes longer
 * than its question, so it is no use for amplifying floods.
 */
export class StunServer {
  readonly #sockets: readonly Socket[]
  readonly #init: StunServerInit
  readonly #answered = new Map<string, number>()
  #windowEndsMs = 0

  private constructor(sockets: readonly Socket[], init: StunServerInit) {
    this.#sockets = sockets
    this.#init = init
    for (const socket of sockets) {
      socket.on('message', (message, from) => this.#onMessage(socket, message, from))
      // What a network refuses to carry is nobody's fault here.
      socket.on('error', error => init.log.error('STUN socket - %e', error))
    }
  }

  /** Begins to answer. A family that this host does not have is passed over. @throws Error when the port is taken or not allowed */
  static async start(init: StunServerInit): Promise<StunServer> {
    const v4 = await bind('udp4', init.port)
    // The same port for both families, since one number is told.
    const v6 = await bind('udp6', v4.address().port).catch(() => undefined)
    return new StunServer(v6 === undefined ? [v4] : [v4, v6], init)
  }

  /** The UDP port that it listens on. */
  get port(): number {
    return this.#sockets[0]?.address().port ?? 0
  }

  /** Answers no more. */
  async close(): Promise<void> {
    await Promise.all(
      this.#sockets.map(socket => new Promise<void>(resolve => socket.close(() => resolve())))
    )
  }

  #onMessage(socket: Socket, message: Buffer, from: RemoteInfo): void {
    const answer = this.#mayAnswer(from.address) ? answerStun(message, from) : undefined
    // Port 0 is nobody's, and sending there throws.
    if (answer === undefined || from.port === 0) return
    socket.send(answer, from.port, from.address, error => {
      if (error) this.#init.log('no answer to %s - %e', from.address, error)
    })
  }

  #mayAnswer(address: string): boolean {
    const nowMs = (this.#init.clock ?? systemClock).now()
    if (nowMs >= this.#windowEndsMs) {
      this.#answered.clear()
      this.#windowEndsMs = nowMs + WINDOW_MS
    }
    const count = this.#answered.get(address) ?? 0
    if (count >= MAX_ANSWERS_PER_ADDRESS || (count === 0 && this.#answered.size >= MAX_COUNTED_ADDRESSES))
      return false
    this.#answered.set(address, count + 1)
    return true
  }
}

async function bind(type: 'udp4' | 'udp6', port: number): Promise<Socket> {
  const socket = createSocket({ type, ipv6Only: type === 'udp6' })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, () => {
      socket.off('error', reject)
      resolve()
    })
  })
  return socket
}
