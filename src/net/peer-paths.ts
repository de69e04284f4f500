import type { Connection, Logger, PeerId } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import { TCP, WebRTCDirect } from '@multiformats/multiaddr-matcher'
import type { Clock } from './clock.ts'
import { type DialStep, dialPlan, directPlan } from './dial-plan.ts'
import { DialFailure, DialRace, hasBegun } from './dial-race.ts'
import type { HostComponents } from './group-host.ts'
import { isCircuit, isOnLocalNetwork, isWebRTCAddress, passesRelay } from './path.ts'

/** Protocol by which two peers introduce themselves for WebRTC: who speaks it can be dialed that way. */
const WEBRTC_SIGNALING = '/webrtc-signaling/0.0.1'

/** Head start of direct addresses before WebRTC is tried beside them, in ms. Guess: a round trip and a handshake. */
const DIRECT_HEAD_START_MS = 1_000

/** The same for a peer that others can dial, in ms: the other side learns of its address by identify, and tries within 1.25 s. */
const REACHABLE_HEAD_START_MS = 2_000

/**
 * With more handshakes than this under way at once, further addresses of a peer wait longer for those before them: handshakes are late because there are so many, and more would make them
 * later. Guess; with thirty members starting on two processors, each handshake took seconds without it.
 */
const HANDSHAKES_AT_EASE = 2

/** How {@link PeerPaths} is made. */
export interface PeerPathsInit {
  readonly components: HostComponents
  readonly clock: Clock
  readonly log: Logger
}

/**
 * The ways to each peer: which connections can be relied on, how a first one is made, and a better one. It goes past libp2p's dial queue, which dials a peer's addresses one after the other
 * and is content with a relayed connection once there is one.
 */
export class PeerPaths {
  readonly #init: PeerPathsInit
  /** Connections over which something has come. */
  readonly #identified = new WeakSet<Connection>()
  /** Handshakes with peers that are being dialed. */
  #handshakes = 0
  /** First dials under way, by peer: groups that want the same peer share one. */
  readonly #dialing = new Map<string, Promise<Connection>>()

  constructor(init: PeerPathsInit) {
    this.#init = init
    init.components.events.addEventListener('peer:identify', ({ detail }) =>
      this.#identified.add(detail.connection)
    )
  }

  /**
   * Can it be relied on? When a WebRTC dial fails, the side that was dialed holds a connection that looks open, and is dead (libp2p-notes §4): there, one counts once
   * something has come over it.
   */
  isUsable(connection: Connection): boolean {
    if (connection.status !== 'open') return false
    const isDoubtful = connection.direction === 'inbound' && isWebRTCAddress(connection.remoteAddr)
    return !isDoubtful || this.#identified.has(connection)
  }

  /** The best connection to this peer that can be relied on: not through a relay if there is such, the newest of several. */
  best(peerID: PeerId): Connection | undefined {
    const usable = this.connectionsTo(peerID).filter(connection => this.isUsable(connection))
    return usable.findLast(connection => !isCircuit(connection)) ?? usable.at(-1)
  }

  /** All connections to this peer, dead ones among them, the oldest first. */
  connectionsTo(peerID: PeerId): Connection[] {
    return this.#init.components.connectionManager.getConnections(peerID)
  }

  /**
   * A connection to the peer: the best that stands, or a first one over these addresses. When they are undefined libp2p's own are tried.
   *
   * @throws DialFailure, or libp2p's error
   */
  async connect(
    peerID: PeerId,
    addresses: readonly Multiaddr[] | undefined,
    signal: AbortSignal
  ): Promise<Connection> {
    const standing = this.best(peerID)
    if (standing !== undefined) return standing
    const peer = peerID.toString()
    const underWay = this.#dialing.get(peer)
    if (underWay !== undefined) {
      const joined = await underWay.catch(() => undefined)
      // It was another's dial, with other addresses, and may have been given up by that one.
      if (joined !== undefined) return joined
      signal.throwIfAborted()
      return await this.connect(peerID, addresses, signal)
    }
    const dial =
      addresses === undefined
        ? this.#init.components.connectionManager.openConnection(peerID, { signal })
        : this.dial(dialPlan(this.#withoutDetours(addresses)), signal, peerID)
    this.#dialing.set(peer, dial)
    try {
      return await dial
    } finally {
      this.#dialing.delete(peer)
    }
  }

  /**
   * Looks for a path without a relay to a peer that is reached through one: its direct addresses, and WebRTC, for which the circuit carries the introduction.
   *
   * @returns the new connection, or undefined when there is nothing to try
   * @throws DialFailure with what was tried
   */
  async improve(
    peerID: PeerId,
    addresses: readonly Multiaddr[],
    signal: AbortSignal
  ): Promise<Connection | undefined> {
    const direct = directPlan(this.#withoutDetours(addresses))
    const webRTC = await this.#webRTCAddress(peerID)
    const afterMs = this.#isReachable ? REACHABLE_HEAD_START_MS : direct.length > 0 ? DIRECT_HEAD_START_MS : 0
    const steps = webRTC === undefined ? direct : [...direct, { address: webRTC, afterMs }]
    return steps.length === 0 ? undefined : await this.dial(steps, signal, peerID)
  }

  /** Dials by a plan, as far as the node's connection gater allows. @throws DialFailure */
  async dial(steps: readonly DialStep[], signal: AbortSignal, peerID?: PeerId): Promise<Connection> {
    const { connectionGater } = this.#init.components
    if (peerID !== undefined && (await connectionGater.denyDialPeer?.(peerID)) === true)
      throw new DialFailure(steps.map(step => refused(step)))
    const denied = await Promise.all(steps.map(({ address }) => connectionGater.denyDialMultiaddr?.(address)))
    const allowed = steps.filter((_, index) => denied[index] !== true)
    if (allowed.length === 0) throw new DialFailure(steps.map(step => refused(step)))
    return await DialRace.run({
      transports: { dial: this.#attempt },
      steps: allowed,
      clock: this.#init.clock,
      patience: () => Math.max(1, this.#handshakes / HANDSHAKES_AT_EASE),
      signal
    })
  }

  /** Dials, and counts the handshakes: an address that does not answer costs nothing, and nobody has to be patient for it. */
  readonly #attempt: TransportManager['dial'] = async (address, options) => {
    let hasAnswered = false
    const onProgress: NonNullable<typeof options>['onProgress'] = event => {
      if (!hasAnswered && hasBegun(event)) {
        hasAnswered = true
        this.#handshakes += 1
      }
      options?.onProgress?.(event)
    }
    try {
      return await this.#init.components.transportManager.dial(address, { ...options, onProgress })
    } finally {
      if (hasAnswered) this.#handshakes -= 1
    }
  }

  /** Has this machine a public address? Then others need no WebRTC to reach it. */
  get #isReachable(): boolean {
    const { transportManager } = this.#init.components
    return transportManager.getAddrs().some(address => !passesRelay(address) && !isOnLocalNetwork(address))
  }

  /** Who can dial TCP, and is told TCP addresses, needs no WebRTC-direct, which tells nobody when there is none: it would only be waited for. */
  #withoutDetours(addresses: readonly Multiaddr[]): readonly Multiaddr[] {
    const { transportManager } = this.#init.components
    const hasTcp = addresses.some(
      address => TCP.exactMatch(address) && transportManager.dialTransportForMultiaddr(address) !== undefined
    )
    return hasTcp ? addresses.filter(address => !WebRTCDirect.exactMatch(address)) : addresses
  }

  /** By which address to ask the peer for WebRTC over the circuit that stands; undefined when it cannot, or is the one to ask: the smaller id dials, so that it happens once. */
  async #webRTCAddress(peerID: PeerId): Promise<Multiaddr | undefined> {
    const { peerId, peerStore, transportManager } = this.#init.components
    if (peerId.toString() > peerID.toString()) return undefined
    const circuit = this.connectionsTo(peerID).find(connection => isCircuit(connection))
    if (circuit === undefined) return undefined
    const suffix = `/p2p/${peerID.toString()}`
    const address = circuit.remoteAddr.decapsulate(suffix).encapsulate(`/webrtc${suffix}`)
    if (transportManager.dialTransportForMultiaddr(address) === undefined) return undefined
    const { protocols } = await peerStore.get(peerID).catch(() => ({ protocols: [] as string[] }))
    return protocols.includes(WEBRTC_SIGNALING) ? address : undefined
  }
}

function refused({ address }: DialStep): { address: string; reason: string } {
  return { address: address.toString(), reason: 'this peer may not dial it' }
}
