import { generateKeyPair } from '@libp2p/crypto/keys'
import type { AbortOptions, PrivateKey } from '@libp2p/interface'
import { NetGroupError } from '../core/errors.ts'
import { systemClock } from '../net/clock.ts'
import type { IceServer } from '../net/platform.ts'
import { AnnouncedAddresses } from './announced-addresses.ts'
import { circuitsOf, circuitsThrough } from './circuits.ts'
import { DepartedReservations } from './departed-reservations.ts'
import { type PeerLoad, type RelayPermission, relayGater } from './relay-gater.ts'
import { RelayHttp } from './relay-http.ts'
import { RelayInfoServer, requireTellable } from './relay-info-server.ts'
import { type RelayLimits, relayLimits } from './relay-limits.ts'
import { createRelayNode, type RelayNode } from './relay-node.ts'
import { DEFAULT_DISCONNECT_GRACE_MS } from './rendezvous-registry.ts'
import { RendezvousServer } from './rendezvous-server.ts'
import { StunServer } from './stun-server.ts'
import { type HttpHandler, WebSocketHttp } from './websocket-http.ts'

/**
 * TCP, WebSocket and, for pages that may use no WebSocket without TLS, WebRTC-direct, on every interface of both families. A family that this host does not have is passed over, and
 * likewise a port that is taken, as long as there is another.
 */
export const DEFAULT_RELAY_LISTEN: readonly string[] = [
  '/ip4/0.0.0.0/tcp/4001',
  '/ip4/0.0.0.0/tcp/4002/ws',
  '/ip6/::/tcp/4001',
  '/ip6/::/tcp/4002/ws',
  '/ip4/0.0.0.0/udp/4003/webrtc-direct'
]

/** Options of {@link RelayServer.start}. */
export interface RelayOptions extends AbortOptions {
  /** Multiaddrs: TCP, WebSocket (`/ws`), WebRTC-direct. @default {@link DEFAULT_RELAY_LISTEN} */
  listen?: string[]
  /** What to tell others instead of where it listens: behind a NAT or a proxy for TLS. */
  announce?: string[]
  /** Who the relay is. Its address contains it, so keep it. @default a new Ed25519 key */
  identity?: PrivateKey
  /**
   * Serve `/.well-known/netgroup` and `/health` over HTTP here. The port of a `/ws` address in `listen` is shared with it, and then the relay works behind whatever passes on
   * HTTP; 0 shares that of the first `/ws` address, and takes any free one when there is none. A port that is not shared is opened on every interface. @default no HTTP
   */
  httpPort?: number
  /** Answers every other HTTP request there: a page, for instance. @default 404 */
  onRequest?: HttpHandler
  /**
   * Answer STUN on this UDP port, on every interface, and tell members of it, so that two behind ordinary NATs come to reach each other directly; 0: a free port. @default no STUN
   */
  stunPort?: number
  /** Other STUN and TURN servers that members are to use. @default none */
  iceServers?: IceServer[]
  /** @default DEFAULT_RELAY_LIMITS */
  limits?: Partial<RelayLimits>
  /** May this peer do that? A throw or a rejection counts as no. `peerID` as text. @default everybody may do everything */
  allow?: RelayPermission
}

/** A relay's figures at one moment. */
export interface RelayStats {
  readonly connections: number
  readonly reservations: number
  readonly circuits: number
  readonly registrations: number
}

/**
 * A relay for netgroup: members find each other at it (libp2p rendezvous) and reach each other through it (circuit relay v2). It is in no
 * group: it sees opaque names, who talks to whom, and how much, but no message.
 */
export class RelayServer {
  readonly #node: RelayNode
  readonly #rendezvous: RendezvousServer
  readonly #departed: DepartedReservations
  readonly #addresses: AnnouncedAddresses
  #http: RelayHttp | undefined
  #stun: StunServer | undefined
  #info: RelayInfoServer | undefined
  #closing: Promise<void> | undefined

  private constructor(node: RelayNode, rendezvous: RendezvousServer, addresses: AnnouncedAddresses) {
    this.#addresses = addresses
    this.#node = node
    this.#rendezvous = rendezvous
    const { reservations } = node.services.circuitRelay
    this.#departed = new DepartedReservations(reservations, systemClock, DEFAULT_DISCONNECT_GRACE_MS)
    node.addEventListener('peer:disconnect', event => {
      this.#departed.left(event.detail)
      // libp2p remembers for 6 h everybody who ever came.
      void node.peerStore.delete(event.detail).catch(() => {})
    })
    node.addEventListener('peer:connect', event => this.#departed.came(event.detail))
  }

  /**
   * Starts a relay. Resolves when it listens.
   *
   * @throws NetGroupError CONNECT_FAILED when it can listen on none of the addresses, or not on `httpPort` or `stunPort`
   * @throws RangeError for limits that are none, or for more ICE servers than members take
   * @throws the signal's reason when aborted; nothing stays open
   */
  static async start(options: RelayOptions = {}): Promise<RelayServer> {
    options.signal?.throwIfAborted()
    const limits = relayLimits(options.limits)
    requireTellable(options.iceServers)
    const listen = options.listen ?? [...DEFAULT_RELAY_LISTEN]
    const webSockets = new WebSocketHttp()
    const addresses = new AnnouncedAddresses()
    const load: PeerLoad = {
      connectionsOf: peerID => node.getConnections(peerID).length,
      // The request itself is one of the source's streams already.
      isFull: (source, destination) =>
        circuitsOf(node, source) > limits.maxCircuitsPerPeer ||
        circuitsOf(node, destination) >= limits.maxCircuitsPerPeer
    }
    const node: RelayNode = await createRelayNode({
      privateKey: options.identity ?? (await generateKeyPair('Ed25519')),
      listen,
      announce: options.announce ?? [],
      addresses,
      limits,
      webSockets,
      connectionGater: relayGater(options.allow, load)
    })
    const rendezvous = new RendezvousServer({
      libp2p: node,
      maxRegistrationsPerPeer: limits.maxRegistrationsPerPeer,
      allow: peerID => options.allow?.(peerID.toString(), 'register') ?? true
    })
    const relay = new RelayServer(node, rendezvous, addresses)
    try {
      await relay.#open(listen, webSockets, options)
      options.signal?.throwIfAborted()
      return relay
    } catch (error) {
      await relay.close()
      throw error
    }
  }

  /** Where it can be reached, each with its peer id. A new array at each call. */
  get multiaddrs(): readonly string[] {
    return this.#node.getMultiaddrs().map(String)
  }

  /** Where it listens, wildcards expanded to the interfaces, whatever it announces. A new array at each call. */
  get listening(): readonly string[] {
    return this.#addresses.listening.map(String)
  }

  /** Where it serves HTTP, as seen from this machine; undefined without `httpPort`. */
  get url(): string | undefined {
    return this.#http === undefined ? undefined : `http://localhost:${this.#http.port}`
  }

  /** The UDP port on which it answers STUN; undefined without `stunPort`. */
  get stunPort(): number | undefined {
    return this.#stun?.port
  }

  /** Its figures now. */
  get stats(): RelayStats {
    return {
      connections: this.#node.getConnections().length,
      reservations: this.#node.services.circuitRelay.reservations.size,
      circuits: circuitsThrough(this.#node),
      registrations: this.#rendezvous.registrations
    }
  }

  /** Stops: connections and circuits end, registrations are forgotten. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #open(listen: string[], webSockets: WebSocketHttp, options: RelayOptions): Promise<void> {
    const { httpPort, stunPort, iceServers = [] } = options
    await this.#node.start()
    if (this.#node.getMultiaddrs().length === 0) throw cannotListen(listen, 'no transport could listen there')
    await this.#rendezvous.start()
    if (stunPort !== undefined) this.#stun = await this.#answerStun(stunPort)
    this.#info = new RelayInfoServer(this.#node, this.#stun?.port, iceServers)
    await this.#info.start()
    if (httpPort !== undefined) this.#http = await this.#serveHttp(httpPort, webSockets, options.onRequest)
  }

  async #serveHttp(port: number, webSockets: WebSocketHttp, onRequest?: HttpHandler): Promise<RelayHttp> {
    return await RelayHttp.start({
      port,
      webSockets,
      peerID: this.#node.peerId.toString(),
      multiaddrs: () => this.multiaddrs,
      stats: () => this.stats,
      log: this.#node.logger.forComponent('netgroup:http'),
      ...(onRequest === undefined ? {} : { onRequest })
    }).catch(error => {
      throw cannotListen([`http port ${port}`], String(error), error)
    })
  }

  async #answerStun(port: number): Promise<StunServer> {
    const log = this.#node.logger.forComponent('netgroup:stun')
    return await StunServer.start({ port, log }).catch(error => {
      throw cannotListen([`stun port ${port}`], String(error), error)
    })
  }

  async #close(): Promise<void> {
    await this.#http?.close()
    await this.#stun?.close()
    if (this.#node.status === 'started') {
      await this.#info?.stop()
      await this.#rendezvous.stop()
    }
    await this.#node.stop()
    this.#departed.close()
  }
}

function cannotListen(addresses: string[], reason: string, cause?: unknown): NetGroupError<'CONNECT_FAILED'> {
  const attempts = addresses.map(address => ({ address, reason }))
  return new NetGroupError(
    'CONNECT_FAILED',
    `Cannot start a relay on ${addresses.join(', ')}: ${reason}`,
    { attempts },
    cause === undefined ? {} : { cause }
  )
}
