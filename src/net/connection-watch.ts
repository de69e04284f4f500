import type { Connection, Libp2pEvents, Logger, TypedEventTarget } from '@libp2p/interface'
import type { Clock, Timer } from './clock.ts'
import type { NeighborLink } from './neighbor-link.ts'

/** A connection of which nothing has been heard for so long is asked for a sign of life, in ms. As libp2p's connection monitor has it. */
const SILENT_MS = 10_000

/** How long the answer may take, in ms. libp2p's is between 5 and 60 s, by what it has seen. */
const ANSWER_MS = 5_000

/** libp2p's ping: https://github.com/libp2p/specs/blob/master/ping/ping.md. */
const PING_PROTOCOL = '/ipfs/ping/1.0.0'
const PING_BYTES = 32

/** How {@link ConnectionWatch} is made. */
export interface ConnectionWatchInit {
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly clock: Clock
  readonly randomBytes: (length: number) => Uint8Array
  readonly log: Logger
  /** The links that this connection carries. */
  readonly linksOn: (connection: Connection) => readonly NeighborLink[]
}

/**
 * Ends connections that have died without a word, within 15 s, in place of libp2p's connection monitor. That one pings all connections of a node at the same moment, each on a stream of its own, whether
 * anything has been heard of them or not; where many nodes begin together that stops all of them each 10 s (measured, 40 viewers of a stream on two processors: half a second). Here each has its own
 * time, one whose links have heard something is left alone, and one that has links is asked over them.
 */
export class ConnectionWatch {
  readonly #init: ConnectionWatchInit
  readonly #timers = new Map<Connection, Timer>()
  readonly #ending = new AbortController()

  /** Watches every connection that opens from now on. */
  constructor(init: ConnectionWatchInit) {
    this.#init = init
    const { signal } = this.#ending
    init.events.addEventListener('connection:open', ({ detail }) => this.#wait(detail, SILENT_MS), { signal })
    init.events.addEventListener('connection:close', ({ detail }) => this.#forget(detail), { signal })
  }

  close(): void {
    this.#ending.abort()
    for (const connection of [...this.#timers.keys()]) this.#forget(connection)
  }

  #forget(connection: Connection): void {
    this.#timers.get(connection)?.cancel()
    this.#timers.delete(connection)
  }

  #wait(connection: Connection, afterMs: number): void {
    if (this.#ending.signal.aborted || connection.status !== 'open') return
    this.#timers.get(connection)?.cancel()
    this.#timers.set(
      connection,
      this.#init.clock.setTimer(() => this.#look(connection), afterMs)
    )
  }

  #look(connection: Connection): void {
    const { clock, linksOn } = this.#init
    const links = linksOn(connection)
    const heardAtMs = Math.max(...links.map(link => link.heardAtMs))
    const silentMs = clock.now() - heardAtMs
    if (silentMs < SILENT_MS) {
      this.#wait(connection, SILENT_MS - silentMs)
      return
    }
    this.#wait(connection, SILENT_MS)
    const [link] = links
    if (link !== undefined) link.probe()
    else void this.#ping(connection)
  }

  async #ping(connection: Connection): Promise<void> {
    const { clock, randomBytes } = this.#init
    const tooLate = new AbortController()
    const timer = clock.setTimer(
      () => tooLate.abort(new Error(`No answer within ${ANSWER_MS} ms`)),
      ANSWER_MS
    )
    const signal = AbortSignal.any([tooLate.signal, this.#ending.signal])
    const beganAtMs = clock.now()
    const answered = Promise.withResolvers<void>()
    // Where sending fails, nobody waits for it.
    answered.promise.catch(() => {})
    const giveUp = (): void => answered.reject(signal.reason)
    try {
      const stream = await connection.newStream(PING_PROTOCOL, { signal, runOnLimitedConnection: true })
      signal.addEventListener('abort', giveUp)
      stream.addEventListener('message', () => answered.resolve())
      stream.addEventListener('close', () => answered.reject(new Error('The stream closed unanswered')))
      const sentAtMs = clock.now()
      stream.send(randomBytes(PING_BYTES))
      await answered.promise
      connection.rtt = clock.now() - sentAtMs
      stream.close({ signal }).catch(error => stream.abort(error))
    } catch (error) {
      // Who does not speak the protocol says so in two round trips.
      if (isUnsupported(error)) connection.rtt = (clock.now() - beganAtMs) / 2
      else this.#onUnanswered(connection, error)
    } finally {
      timer.cancel()
      signal.removeEventListener('abort', giveUp)
    }
  }

  #onUnanswered(connection: Connection, reason: unknown): void {
    const error = reason instanceof Error ? reason : new Error(String(reason))
    if (this.#ending.signal.aborted || connection.status !== 'open') return
    this.#init.log('%p does not answer, its connection ends - %e', connection.remotePeer, error)
    connection.abort(error)
  }
}

function isUnsupported(error: unknown): boolean {
  return error instanceof Error && error.name === 'UnsupportedProtocolError'
}
