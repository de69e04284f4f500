// The network side of the rendezvous server: reads requests, verifies signed peer records, asks the registry, answers.
import { randomBytes } from '@libp2p/crypto'
import type { Connection, Libp2p, Logger, PeerId, Stream } from '@libp2p/interface'
import { pbStream } from '@libp2p/utils'
import { type Clock, systemClock, type Timer } from '../net/clock.ts'
import { openPeerRecord, type SignedPeerRecord } from '../net/signed-peer-record.ts'
import { RENDEZVOUS_PROTOCOL } from '../wire/protocol-ids.ts'
import {
  type Discover,
  type DiscoverResponse,
  type Register,
  type RegisterResponse,
  RendezvousMessage
} from '../wire/rendezvous.ts'
import {
  MAX_REQUEST_BYTES,
  MAX_SIGNED_RECORD_BYTES,
  MessageType,
  ResponseStatus,
  statusName
} from '../wire/rendezvous-protocol.ts'
import { LIFE_BYTES } from './rendezvous-cookies.ts'
import { type Registered, RendezvousRegistry, type RendezvousRegistryInit } from './rendezvous-registry.ts'
import { RequestPace } from './request-pace.ts'

/** How long a client may take for one request, and leave its stream open without one, in ms: then the stream is reset (guess). */
const REQUEST_TIMEOUT_MS = 10_000

/** How often what has ended is freed, in ms. It is never answered in between. */
const EXPIRE_INTERVAL_MS = 10_000

/** One muxer frame (64 KiB) may bring several requests at once; nobody has a reason to send more ahead. */
const REQUEST_LIMITS = { maxDataLength: MAX_REQUEST_BYTES, maxBufferSize: 131_072 }

/** What the server needs of a libp2p node. */
export type RendezvousServerNode = Pick<
  Libp2p,
  'handle' | 'unhandle' | 'addEventListener' | 'removeEventListener' | 'logger'
>

/** How a {@link RendezvousServer} is made. */
export interface RendezvousServerInit extends Partial<Omit<RendezvousRegistryInit, 'life' | 'random'>> {
  libp2p: RendezvousServerNode
  /** May this peer register? A throw counts as no. @default everybody may */
  allow?: (peerID: PeerId) => boolean | Promise<boolean>
  /** @default {@link systemClock} */
  clock?: Clock
}

/** Serves `/rendezvous/1.0.0` on a libp2p node. The rules of what is registered and found are those of {@link RendezvousRegistry}. */
export class RendezvousServer {
  readonly #libp2p: RendezvousServerNode
  readonly #registry: RendezvousRegistry
  readonly #pace = new RequestPace()
  readonly #allow: (peerID: PeerId) => boolean | Promise<boolean>
  readonly #clock: Clock
  readonly #log: Logger
  #expiry: Timer | undefined

  constructor(init: RendezvousServerInit) {
    const { libp2p, allow, clock, ...limits } = init
    this.#libp2p = libp2p
    this.#registry = new RendezvousRegistry({ ...limits, life: randomBytes(LIFE_BYTES), random: Math.random })
    this.#allow = allow ?? (() => true)
    this.#clock = clock ?? systemClock
    this.#log = libp2p.logger.forComponent('netgroup:rendezvous-server')
  }

  /** Registrations held at this moment. */
  get registrations(): number {
    this.#registry.expire(this.#clock.now())
    return this.#registry.size
  }

  /** Begins to answer. */
  async start(): Promise<void> {
    this.#libp2p.addEventListener('peer:connect', this.#onConnect)
    this.#libp2p.addEventListener('peer:disconnect', this.#onDisconnect)
    this.#expireLater()
    await this.#libp2p.handle(RENDEZVOUS_PROTOCOL, this.#onStream)
  }

  /** Answers no more. Registrations are forgotten with the server. */
  async stop(): Promise<void> {
    this.#expiry?.cancel()
    this.#libp2p.removeEventListener('peer:connect', this.#onConnect)
    this.#libp2p.removeEventListener('peer:disconnect', this.#onDisconnect)
    await this.#libp2p.unhandle(RENDEZVOUS_PROTOCOL)
  }

  #expireLater(): void {
    this.#expiry = this.#clock.setTimer(() => {
      this.#registry.expire(this.#clock.now())
      this.#pace.expire(this.#clock.now())
      this.#expireLater()
    }, EXPIRE_INTERVAL_MS)
  }

  readonly #onConnect = (event: CustomEvent<PeerId>): void => {
    this.#registry.peerCame(event.detail.toString(), this.#clock.now())
  }

  readonly #onDisconnect = (event: CustomEvent<PeerId>): void => {
    this.#registry.peerLeft(event.detail.toString(), this.#clock.now())
  }

  /** Requests of one stream, one after the other, until the client closes it. */
  readonly #onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    const messages = pbStream(stream, REQUEST_LIMITS).pb(RendezvousMessage)
    try {
      for (;;) {
        const request = await messages.read({ signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
        await this.#waitForTurn(connection.remotePeer)
        const answer = await this.#answer(request, connection)
        if (answer !== undefined)
          await messages.write(answer, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
      }
    } catch (error) {
      if (error instanceof Error && error.name === 'UnexpectedEOFError') return closeQuietly(stream)
      this.#log('reset the stream of %p - %e', connection.remotePeer, error)
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** @throws Error when the peer asks far too often */
  async #waitForTurn(peerID: PeerId): Promise<void> {
    const waitMs = this.#pace.next(peerID.toString(), this.#clock.now())
    if (waitMs === undefined) throw new Error('Too many requests')
    if (waitMs > 0) await new Promise<void>(resolve => this.#clock.setTimer(resolve, waitMs))
  }

  /** @throws Error when the message is none that a client sends */
  async #answer(request: RendezvousMessage, connection: Connection): Promise<RendezvousMessage | undefined> {
    const type = request.type ?? MessageType.REGISTER
    if (type === MessageType.REGISTER && request.register !== undefined)
      return {
        type: MessageType.REGISTER_RESPONSE,
        registerResponse: await this.#register(request.register, connection)
      }
    if (type === MessageType.DISCOVER && request.discover !== undefined)
      return { type: MessageType.DISCOVER_RESPONSE, discoverResponse: this.#discover(request.discover) }
    if (type !== MessageType.UNREGISTER || request.unregister === undefined)
      throw new Error(`Not a request: a message of type ${type} without its content`)
    this.#registry.unregister(connection.remotePeer.toString(), request.unregister.ns)
    return undefined
  }

  async #register(request: Register, connection: Connection): Promise<RegisterResponse> {
    const { status, ttlSeconds } = await this.#tryToRegister(request, connection)
    const response: RegisterResponse = { status, statusText: statusName(status) }
    return ttlSeconds === undefined ? response : { ...response, ttl: BigInt(ttlSeconds) }
  }

  async #tryToRegister(request: Register, connection: Connection): Promise<Registered> {
    const record = await openRecord(request.signedPeerRecord)
    if (record === undefined) return { status: ResponseStatus.E_INVALID_SIGNED_PEER_RECORD }
    if (!record.peerID.equals(connection.remotePeer) || !(await this.#isAllowed(connection.remotePeer)))
      return { status: ResponseStatus.E_NOT_AUTHORIZED }
    // It may have closed meanwhile, and 'peer:disconnect' does not come again.
    if (connection.status !== 'open') return { status: ResponseStatus.E_UNAVAILABLE }
    const registering = {
      peer: connection.remotePeer.toString(),
      namespace: request.ns,
      // The decoder's bytes are a view of everything that was received with them, and a Buffer's slice() is one more.
      signedPeerRecord: Uint8Array.from(record.bytes),
      addresses: record.multiaddrs.map(String).sort().join(),
      ttl: request.ttl
    }
    return this.#registry.register(registering, this.#clock.now())
  }

  #discover(request: Discover): DiscoverResponse {
    const asking = { namespace: request.ns, limit: request.limit, cookie: request.cookie }
    const { status, registrations, cookie } = this.#registry.discover(asking, this.#clock.now())
    const response: DiscoverResponse = {
      registrations: registrations.map(({ namespace, signedPeerRecord, ttlSeconds }) => ({
        ns: namespace,
        signedPeerRecord,
        ttl: BigInt(ttlSeconds)
      })),
      status,
      statusText: statusName(status)
    }
    return cookie === undefined ? response : { ...response, cookie }
  }

  async #isAllowed(peerID: PeerId): Promise<boolean> {
    try {
      return await this.#allow(peerID)
    } catch (error) {
      this.#log.error('could not ask whether %p may register - %e', peerID, error)
      return false
    }
  }
}

async function openRecord(
  bytes: Uint8Array | undefined
): Promise<(SignedPeerRecord & { bytes: Uint8Array }) | undefined> {
  if (bytes === undefined || bytes.byteLength > MAX_SIGNED_RECORD_BYTES) return undefined
  try {
    return { ...(await openPeerRecord(bytes)), bytes }
  } catch {
    return undefined
  }
}

async function closeQuietly(stream: Stream): Promise<void> {
  await stream.close({ signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) }).catch(() => {})
}
