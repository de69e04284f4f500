// The client's side of `/rendezvous/1.0.0`: one stream per request.
import type { AbortOptions, Libp2p, PeerId } from '@libp2p/interface'
import { pbStream } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Clock } from '../net/clock.ts'
import { RENDEZVOUS_PROTOCOL } from '../wire/protocol-ids.ts'
import { RendezvousMessage } from '../wire/rendezvous.ts'
import {
  DEFAULT_TTL_SECONDS,
  MAX_DISCOVER_LIMIT,
  MAX_RESPONSE_BYTES,
  MAX_TTL_SECONDS,
  MessageType,
  ResponseStatus,
  statusName
} from '../wire/rendezvous-protocol.ts'

/** How long one request may take, in ms, the dial included: libp2p's own limit for a dial. */
const REQUEST_TIMEOUT_MS = 10_000

/** How long leaving may take, in ms. The relay forgets us soon anyway. */
const UNREGISTER_TIMEOUT_MS = 1_000

const RESPONSE_LIMITS = { maxDataLength: MAX_RESPONSE_BYTES, maxBufferSize: 2 * MAX_RESPONSE_BYTES }
const DECODE_LIMITS = { discoverResponse: { registrations: MAX_DISCOVER_LIMIT } }

/** A request that the server refused, and why. */
export class RendezvousError extends Error {
  /** One of {@link ResponseStatus}, or a number of a newer version of the protocol. */
  readonly status: number

  constructor(request: string, status: number, statusText: string | undefined) {
    const why = statusText === undefined || statusText === statusName(status) ? '' : ` (${statusText})`
    super(`The relay refused to ${request}: ${statusName(status)}${why}`)
    this.name = 'RendezvousError'
    this.status = status
  }
}

/** Answer to a discover. */
export interface RendezvousPage {
  /** Signed peer records, not yet verified. */
  readonly records: Uint8Array[]
  /** For the next discover. */
  readonly cookie: Uint8Array | undefined
}

/**
 * Asks one rendezvous server. Dials it when there is no connection. Every method rejects with a {@link RendezvousError} when the server
 * says no, and with another error when it cannot be reached, answers nonsense or nothing in time.
 */
export class RendezvousClient {
  readonly #libp2p: Pick<Libp2p, 'dialProtocol'>
  readonly #server: Multiaddr | PeerId
  readonly #clock: Clock
  readonly #pending = new Set<AbortController>()

  constructor(libp2p: Pick<Libp2p, 'dialProtocol'>, server: Multiaddr | PeerId, clock: Clock) {
    this.#libp2p = libp2p
    this.#server = server
    this.#clock = clock
  }

  /** Ends what is being asked: it rejects. */
  abort(): void {
    for (const controller of this.#pending) controller.abort(new Error('no longer wanted'))
  }

  /**
   * Registers, or renews.
   *
   * @param ttlSeconds undefined: what the server thinks right
   * @returns how long it holds, in seconds
   */
  async register(namespace: string, record: Uint8Array, ttlSeconds?: number): Promise<number> {
    const ttl = ttlSeconds === undefined ? {} : { ttl: BigInt(ttlSeconds) }
    const register = { ns: namespace, signedPeerRecord: record, ...ttl }
    const { registerResponse } = await this.#ask({ type: MessageType.REGISTER, register })
    if (registerResponse === undefined) throw new Error('The relay answered a REGISTER with something else')
    refuseUnlessOk('register', registerResponse.status, registerResponse.statusText)
    const granted = registerResponse.ttl ?? 0n
    if (granted <= 0n) return ttlSeconds ?? DEFAULT_TTL_SECONDS
    return granted > MAX_TTL_SECONDS ? MAX_TTL_SECONDS : Number(granted)
  }

  /** Ends a registration. Resolves when the request is sent: the protocol has no answer to it. */
  async unregister(namespace: string): Promise<void> {
    await this.#within(UNREGISTER_TIMEOUT_MS, async options => {
      const stream = await this.#libp2p.dialProtocol(this.#server, RENDEZVOUS_PROTOCOL, options)
      const messages = pbStream(stream).pb(RendezvousMessage)
      await messages.write({ type: MessageType.UNREGISTER, unregister: { ns: namespace } }, options)
      await stream.close(options)
    })
  }

  /** One page of registrations: a sample without a cookie, what came after it with one. */
  async discover(namespace: string, cookie: Uint8Array | undefined): Promise<RendezvousPage> {
    const limit = BigInt(MAX_DISCOVER_LIMIT)
    const discover = { ns: namespace, limit, ...(cookie === undefined ? {} : { cookie }) }
    const { discoverResponse } = await this.#ask({ type: MessageType.DISCOVER, discover })
    if (discoverResponse === undefined) throw new Error('The relay answered a DISCOVER with something else')
    refuseUnlessOk('discover', discoverResponse.status, discoverResponse.statusText)
    const records = discoverResponse.registrations.flatMap(({ signedPeerRecord }) => signedPeerRecord ?? [])
    // The decoder's bytes are a view of the whole answer, and the cookie is kept.
    return { records, cookie: discoverResponse.cookie?.slice() }
  }

  #ask(request: RendezvousMessage): Promise<RendezvousMessage> {
    return this.#within(REQUEST_TIMEOUT_MS, async options => {
      const stream = await this.#libp2p.dialProtocol(this.#server, RENDEZVOUS_PROTOCOL, options)
      try {
        const messages = pbStream(stream, RESPONSE_LIMITS).pb(RendezvousMessage)
        await messages.write(request, options)
        const answer = await messages.read({ ...options, limits: DECODE_LIMITS })
        await stream.close(options)
        return answer
      } catch (error) {
        stream.abort(error instanceof Error ? error : new Error(String(error)))
        throw error
      }
    })
  }

  async #within<T>(timeoutMs: number, request: (options: AbortOptions) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    const expire = (): void => controller.abort(new Error(`no answer within ${timeoutMs} ms`))
    const timer = this.#clock.setTimer(expire, timeoutMs)
    this.#pending.add(controller)
    try {
      return await request({ signal: controller.signal })
    } finally {
      this.#pending.delete(controller)
      timer.cancel()
    }
  }
}

function refuseUnlessOk(request: string, status: number | undefined, text: string | undefined): void {
  if (status !== undefined && status !== ResponseStatus.OK) throw new RendezvousError(request, status, text)
}
