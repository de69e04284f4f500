import type { ComponentLogger, Libp2p, PrivateKey } from '@libp2p/interface'
import { NetGroupError } from '../core/errors.ts'
import { ConnectionCore } from '../net/connection-core.ts'
import { GroupHost } from '../net/group-host.ts'
import { IceServers } from '../net/ice-servers.ts'
import type { IceServer, Platform } from '../net/platform.ts'
import type { RelayState } from '../net/relay-keeper.ts'
import { type Endpoint, type ResolvedEndpoints, resolveEndpoints } from './endpoint.ts'
import { type PeerID, parsePeerID } from './names.ts'
import type { NetGroup } from './net-group.ts'
import type { ConnectionStatus, StatusInfo } from './status.ts'
import { type AbortOptions, StatusSource } from './status-target.ts'
import { withSignal } from './with-signal.ts'

/** How long `connect` waits for a relay, in ms. */
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000

/** Address changes are told together when this much time, in ms, has passed without another. Guess. */
const NETWORK_CHANGE_SETTLE_MS = 500

/** How to connect. */
export interface ConnectOptions extends AbortOptions {
  /** Who to be: from `loadIdentity`. @default a new key */
  identity?: PrivateKey
  /** STUN and TURN servers, beside those that the relays tell of. Node asks one STUN server for each connection: one of these, when there is one among them. @default none: nobody is contacted but the relays, what they name, and members */
  iceServers?: IceServer[]
  /** Ask the router of this network (UPnP) to let members in, once connected to a relay on the internet. Node only. @default true */
  portMapping?: boolean
  /** Multiaddrs to listen on. @default any free ports */
  listen?: string[]
  /** Wait for a relay before resolving. `false`: resolve at once and keep trying. With `'lan:'` among the endpoints it is `false`. @default true */
  requireRelay?: boolean
  /** How long to wait for a relay, in ms. @default 10,000 */
  connectTimeoutMs?: number
  /** A node of your own, made with {@link netgroupServices}. `close()` leaves it running. */
  libp2p?: Libp2p
  /** Where logs go. @default libp2p's: `DEBUG=netgroup:*` */
  logger?: ComponentLogger
  /** Hears everything from the first moment, also what happens while `connect` is under way. */
  onStatus?: (info: StatusInfo<ConnectionStatus>) => void
}

/** What {@link coreOf} finds. */
let readCore: (connection: NetConnection) => ConnectionCore | undefined
let addGroup: (connection: NetConnection, group: NetGroup) => () => void
let addCloser: (connection: NetConnection, close: () => Promise<void>) => () => void

/**
 * What stands behind a connection. @param doing what was being done, for the error @throws TypeError when it is none, NetGroupError CLOSED when it was closed
 * @internal
 */
export function coreOf(connection: NetConnection, doing = 'join'): ConnectionCore {
  const core = typeof connection === 'object' && connection !== null ? readCore(connection) : undefined
  if (core === undefined)
    throw new TypeError(`Cannot ${doing}: give a NetConnection, from NetConnection.connect()`)
  if (!connection.connected)
    throw new NetGroupError('CLOSED', `Cannot ${doing}: the connection was closed`, {})
  return core
}

/**
 * Puts a group on its connection's list, and says how to take it off.
 * @internal
 */
export function listGroup(connection: NetConnection, group: NetGroup): () => void {
  return addGroup(connection, group)
}

/**
 * Closes this before the connection, and says how to have it off.
 * @internal
 */
export function closeBefore(connection: NetConnection, close: () => Promise<void>): () => void {
  return addCloser(connection, close)
}

/** A peer in the network, and the way to its groups. From `NetConnection.connect()`. */
export class NetConnection extends StatusSource<ConnectionStatus> {
  readonly #core: ConnectionCore
  readonly #ownsNode: boolean
  readonly #groups = new Set<NetGroup>()
  /** Of what is used through this connection in no group. */
  readonly #closers = new Set<() => Promise<void>>()
  readonly #blocked = new Set<PeerID>()
  /** What was told last of each relay. */
  readonly #toldOfRelays = new Map<string, RelayState['state']>()
  #relays: readonly RelayState[] | undefined
  #multiaddrs: readonly string[] | undefined
  #groupList: readonly NetGroup[] | undefined
  #blockedList: readonly PeerID[] | undefined
  #networkTimer: { cancel(): void } | undefined
  #closing: Promise<void> | undefined

  static {
    readCore = connection => (#core in connection ? connection.#core : undefined)
    addGroup = (connection, group) => connection.#add(group)
    addCloser = (connection, close) => {
      connection.#closers.add(close)
      return () => connection.#closers.delete(close)
    }
  }

  /** Connections come from `NetConnection.connect()`. @internal */
  protected constructor(init: ConnectionInit) {
    const { libp2p, host, platform, endpoints, iceServers, options } = init
    super(libp2p.logger.forComponent('netgroup:connection'), options.onStatus)
    this.#ownsNode = options.libp2p === undefined
    this.#core = new ConnectionCore({
      libp2p,
      host,
      platform,
      lan: endpoints.lan,
      relays: endpoints.relays,
      iceServers,
      portMapping: options.portMapping ?? true,
      onRelayChange: state => this.#onRelayChange(state),
      onNetworkChange: () => this.#tellNetworkChange()
    })
    libp2p.addEventListener('self:peer:update', this.#onNetworkChange)
  }

  /** Own peer id. */
  get nearID(): PeerID {
    return this.libp2p.peerId.toString()
  }

  /** Not closed? It says nothing about relays: see {@link relays}. */
  get connected(): boolean {
    return this.#closing === undefined
  }

  /** How it stands with each relay. The same frozen array until something changes, as with all lists of this class. */
  get relays(): readonly RelayState[] {
    this.#relays ??= Object.freeze(this.#core.relays)
    return this.#relays
  }

  /** Own addresses, with the peer id, for others to connect to. */
  get multiaddrs(): readonly string[] {
    this.#multiaddrs ??= Object.freeze(this.libp2p.getMultiaddrs().map(String))
    return this.#multiaddrs
  }

  /** Groups joined through this connection and not closed. */
  get groups(): readonly NetGroup[] {
    this.#groupList ??= Object.freeze([...this.#groups])
    return this.#groupList
  }

  /** The libp2p node behind it. Outside semver. */
  get libp2p(): Libp2p {
    return this.#core.libp2p
  }

  /** Ends the peer's links, and refuses its dials and posts from now on, for this peer only. @throws TypeError for no peer id */
  block(peerID: PeerID): void {
    const peer = parsePeerID(peerID, 'block')
    if (this.#blocked.has(peer.toString())) return
    this.#blocked.add(peer.toString())
    this.#core.host.block(peer)
    this.#blockedList = undefined
    this.changed()
  }

  /** Lets a blocked peer in again. @throws TypeError for no peer id */
  unblock(peerID: PeerID): void {
    const peer = parsePeerID(peerID, 'unblock')
    if (!this.#blocked.delete(peer.toString())) return
    this.#core.host.unblock(peer)
    this.#blockedList = undefined
    this.changed()
  }

  /** Who is blocked by this connection. */
  get blocked(): readonly PeerID[] {
    this.#blockedList ??= Object.freeze([...this.#blocked])
    return this.#blockedList
  }

  /** Leaves all groups and ends the connection; nothing of it is left that keeps a process alive. Idempotent. */
  close(options: AbortOptions = {}): Promise<void> {
    this.#closing ??= this.#close()
    return withSignal(this.#closing, options.signal)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    const closers = [...this.#closers]
    await Promise.all([...[...this.#groups].map(group => group.close()), ...closers.map(close => close())])
    this.#networkTimer?.cancel()
    this.libp2p.removeEventListener('self:peer:update', this.#onNetworkChange)
    for (const peerID of this.#blocked) this.#core.host.unblock(parsePeerID(peerID, 'unblock'))
    await this.#core.close()
    if (this.#ownsNode) await this.libp2p.stop()
    this.#relays = undefined
    this.changed()
    this.dispatchStatus('NetConnection.Connect.Closed', {})
    this.endStatuses()
  }

  /** Begins to look after the relays, and waits for the first when asked to. @internal */
  protected async open(endpoints: ResolvedEndpoints, options: ConnectOptions): Promise<void> {
    const mustWait = endpoints.relays.length > 0 && !endpoints.lan && options.requireRelay !== false
    const first = mustWait ? this.#firstRelay(options) : undefined
    this.#core.start()
    await first
    // What later changes are told against.
    this.#multiaddrs = Object.freeze(this.libp2p.getMultiaddrs().map(String))
    this.dispatchStatus('NetConnection.Connect.Success', {})
  }

  async #firstRelay({
    connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS,
    signal
  }: ConnectOptions): Promise<void> {
    const connected = Promise.withResolvers<void>()
    const stop = this.subscribe(() => {
      if (this.relays.some(({ state }) => state === 'connected')) connected.resolve()
    })
    const timer = setTimeout(() => void this.#connectFailed().then(connected.reject), connectTimeoutMs)
    try {
      await withSignal(connected.promise, signal)
    } finally {
      clearTimeout(timer)
      stop()
    }
  }

  async #connectFailed(): Promise<NetGroupError> {
    const attempts = await this.#core.attempts()
    const each = attempts.map(({ address, reason }) => `${address}: ${reason}`).join('; ')
    return new NetGroupError('CONNECT_FAILED', `Cannot connect to a relay. ${each}`, { attempts })
  }

  #onRelayChange(relay: RelayState): void {
    this.#relays = Object.freeze(this.#core.relays)
    this.changed()
    const { address, state, reason, retryAt } = relay
    // It is 'connecting' between its tries, and 'connected' anew when a reservation was renewed: neither is news.
    if (state === 'connecting' || state === this.#toldOfRelays.get(address)) return
    this.#toldOfRelays.set(address, state)
    if (state === 'connected') this.dispatchStatus('NetConnection.Relay.Connect', { address })
    else if (reason !== undefined && retryAt !== undefined)
      this.dispatchStatus('NetConnection.Relay.Disconnect', { address, reason, retryAt })
  }

  readonly #onNetworkChange = (): void => {
    const now = Object.freeze(this.libp2p.getMultiaddrs().map(String))
    if (this.#multiaddrs === undefined || this.#multiaddrs.join() === now.join()) return
    this.#multiaddrs = now
    this.changed()
    this.#tellNetworkChange()
  }

  /** Once for all that changes within a moment. */
  #tellNetworkChange(): void {
    this.#networkTimer?.cancel()
    this.#networkTimer = this.#core.host.clock.setTimer(
      () => this.dispatchStatus('NetConnection.Connect.NetworkChange', {}),
      NETWORK_CHANGE_SETTLE_MS
    )
  }

  #add(group: NetGroup): () => void {
    const update = (change: () => void): void => {
      change()
      this.#groupList = undefined
      this.changed()
    }
    update(() => this.#groups.add(group))
    return () => update(() => this.#groups.delete(group))
  }
}

/** What a connection is made of. */
interface ConnectionInit {
  readonly libp2p: Libp2p
  readonly host: GroupHost
  readonly platform: Platform
  readonly endpoints: ResolvedEndpoints
  readonly iceServers: IceServers
  readonly options: ConnectOptions
}

/** The class as applications see it: made by `connect`, never by `new`. */
export interface NetConnectionClass {
  readonly prototype: NetConnection
  /**
   * Connects to the LAN, to relays, or to both. With relays only, resolves when one of them holds a reservation; with `'lan:'` at once. From then on the
   * connection looks after its relays by itself.
   *
   * @throws TypeError for what is no endpoint; rejects NetGroupError CONNECT_FAILED with each address and its own reason after `connectTimeoutMs`,
   *   PLATFORM_UNSUPPORTED for `'lan:'` in a browser, GroupspecError for a broken groupspec
   */
  connect(endpoint: Endpoint | readonly Endpoint[], options?: ConnectOptions): Promise<NetConnection>
}

/** The NetConnection class for a platform. Each entry of the package binds its own. */
export function netConnectionFor(platform: Platform): NetConnectionClass {
  const Bound = class NetConnectionOnPlatform extends NetConnection {
    static async connect(
      endpoint: Endpoint | readonly Endpoint[],
      options: ConnectOptions = {}
    ): Promise<NetConnection> {
      options.signal?.throwIfAborted()
      const endpoints = resolveEndpoints(endpoint)
      if (endpoints.lan && !platform.hasLan) throw noLan()
      const iceServers = new IceServers(options.iceServers)
      const libp2p = await createNode(platform, endpoints, iceServers, options)
      try {
        const host = GroupHost.of(libp2p)
        if (host === undefined) throw notOurNode()
        const connection = new Bound({ libp2p, host, platform, endpoints, iceServers, options })
        try {
          await connection.open(endpoints, options)
          options.signal?.throwIfAborted()
        } catch (error) {
          await connection.close()
          throw error
        }
        return connection
      } catch (error) {
        if (options.libp2p === undefined) await libp2p.stop()
        throw error
      }
    }
  }
  return Bound as unknown as NetConnectionClass
}

async function createNode(
  platform: Platform,
  endpoints: ResolvedEndpoints,
  iceServers: IceServers,
  options: ConnectOptions
): Promise<Libp2p> {
  if (options.libp2p !== undefined) return options.libp2p
  return await platform.createNode({
    lanOnly: endpoints.lan && endpoints.relays.length === 0,
    identity: options.identity,
    listen: options.listen,
    iceServers,
    logger: options.logger
  })
}

function noLan(): NetGroupError {
  return new NetGroupError(
    'PLATFORM_UNSUPPORTED',
    "Cannot connect to 'lan:' from a browser: pages cannot use mDNS. Run `netgroup relay` in this network and connect to it",
    { feature: 'lan:' }
  )
}

function notOurNode(): TypeError {
  return new TypeError(
    'Cannot connect with this libp2p node: make it with services: { ...netgroupServices() }, so that its pubsub is behind the membership gate'
  )
}
