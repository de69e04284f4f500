import type { Connection, Logger, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Clock, Timer } from './clock.ts'
import { isCircuit } from './path.ts'
import type { PeerPaths } from './peer-paths.ts'

/**
 * How long looking for a better path may take, in ms, at first and later. ICE takes a second or two where it works. A WebRTC dial that fails at once is noticed by libp2p only when its time is over, and such there are: on fast
 * networks libdatachannel (node-datachannel 0.33.4) now and then starts DTLS before it has kept the other side's fingerprint, and refuses it (one dial in ten on loopback under load).
 */
const FIRST_TIMEOUT_MS = 5_000
const TIMEOUT_MS = 10_000

/** Pauses between tries for a better path, in ms; the last one repeats. Guess: NATs do not change, but routers restart. */
const RETRY_MS = [1_000, 5_000, 15_000, 30_000, 60_000, 120_000, 300_000] as const

/** A new connection is used by the side that made it; if it does not, the other side does after this, in ms. Guess. */
const OTHER_SIDE_MS = 2_000

/**
 * Pause before a better path is looked for when the one there was has died, in ms. It is seldom back at once; and late packets of a WebRTC connection end the next one between the same ports (seen with
 * node-datachannel 0.33.4 on loopback, in one of four), which libp2p notices only when the dial's time is over.
 */
const AFTER_FALLBACK_MS = 2_000

/** How long a circuit stays when nothing runs over it any more, in ms: until both sides have moved everything. Guess. */
const LINGER_MS = 5_000

/** Protocols that go on by themselves over another connection. */
const MOVABLE = /^\/(meshsub|floodsub|netgroup\/link|ipfs\/(id|ping)|libp2p\/circuit|webrtc-signaling)\b/

/** A group with regard to its paths. */
export interface PathUser {
  /** The connection that carries its link with this peer. */
  connectionTo(peer: string): Connection | undefined
  /** Where the peer may be reached without a relay, and may be dialed. */
  directAddressesOf(peerID: PeerId): Promise<Multiaddr[]>
  /** Takes its link to a better connection. */
  move(connection: Connection): Promise<void>
}

/** How {@link PathKeeper} is made. */
export interface PathKeeperInit {
  readonly paths: PeerPaths
  /** All groups, as they are at the moment. */
  readonly users: () => Iterable<PathUser>
  readonly clock: Clock
  /** 0 ≤ x < 1. */
  readonly random: () => number
  readonly log: Logger
}

/** A neighbor that is reached through a relay. */
interface Watched {
  readonly peerID: PeerId
  failures: number
  timer: Timer | undefined
  abort: AbortController | undefined
}

/**
 * Sees to it that neighbors who are reached through a relay come to be reached without one: looks for a better path at once and then with growing pauses, moves the links of all groups to it, and ends the circuit when
 * nothing uses it. A try that fails changes nothing for those who talk over the relay (js-libp2p #3015).
 */
export class PathKeeper {
  readonly #init: PathKeeperInit
  readonly #watched = new Map<string, Watched>()
  readonly #tidying = new Map<string, Timer>()
  #isClosed = false

  constructor(init: PathKeeperInit) {
    this.#init = init
  }

  /** A link has come to be on this connection. @param isFallback after the one that it was on before has died */
  onLink(connection: Connection, isFallback = false): void {
    const peer = connection.remotePeer.toString()
    if (isCircuit(connection)) {
      this.#watch(connection.remotePeer, isFallback ? AFTER_FALLBACK_MS : 0)
      return
    }
    if (this.#relayedUsers(peer).length === 0) this.#forget(peer)
    this.#tidyLater(peer, connection.remotePeer)
  }

  /** There is a connection that can be relied on. */
  onConnection(connection: Connection): void {
    const watched = this.#watched.get(connection.remotePeer.toString())
    if (watched === undefined || isCircuit(connection) || !this.#init.paths.isUsable(connection)) return
    this.#setTimer(watched, connection.direction === 'outbound' ? 0 : OTHER_SIDE_MS)
  }

  /** The network is another one than before: what could not be reached may be now. */
  hurry(): void {
    for (const watched of this.#watched.values()) {
      watched.failures = 0
      if (watched.abort === undefined) this.#setTimer(watched, 0)
    }
  }

  close(): void {
    this.#isClosed = true
    for (const peer of [...this.#watched.keys()]) this.#forget(peer)
    for (const timer of this.#tidying.values()) timer.cancel()
    this.#tidying.clear()
  }

  #watch(peerID: PeerId, afterMs: number): void {
    const peer = peerID.toString()
    if (this.#isClosed) return
    const known = this.#watched.get(peer)
    if (known !== undefined) {
      // It was away, or on another path, since the last try: what failed then may go now.
      known.failures = 0
      if (known.abort === undefined) this.#setTimer(known, afterMs)
      return
    }
    const watched: Watched = { peerID, failures: 0, timer: undefined, abort: undefined }
    this.#watched.set(peer, watched)
    this.#setTimer(watched, afterMs)
  }

  #forget(peer: string): void {
    const watched = this.#watched.get(peer)
    watched?.timer?.cancel()
    watched?.abort?.abort(new Error('No longer needed'))
    this.#watched.delete(peer)
  }

  #setTimer(watched: Watched, afterMs: number): void {
    watched.timer?.cancel()
    watched.timer = this.#init.clock.setTimer(() => void this.#tend(watched), afterMs)
  }

  /** Those whose link with this peer runs through a relay. */
  #relayedUsers(peer: string): PathUser[] {
    return [...this.#init.users()].filter(user => {
      const connection = user.connectionTo(peer)
      return connection !== undefined && isCircuit(connection)
    })
  }

  async #tend(watched: Watched): Promise<void> {
    if (watched.abort !== undefined) return
    const peer = watched.peerID.toString()
    const abort = new AbortController()
    watched.abort = abort
    const timeout = this.#init.clock.setTimer(
      () => abort.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
      watched.failures === 0 ? FIRST_TIMEOUT_MS : TIMEOUT_MS
    )
    try {
      await this.#moveToBetter(watched.peerID, abort.signal)
    } catch (error) {
      this.#init.log('no better path to %s - %e', peer, error)
    } finally {
      timeout.cancel()
      watched.abort = undefined
    }
    if (this.#watched.get(peer) !== watched) return
    if (this.#relayedUsers(peer).length === 0) this.#forget(peer)
    else this.#retry(watched)
  }

  async #moveToBetter(peerID: PeerId, signal: AbortSignal): Promise<void> {
    const { paths } = this.#init
    const users = this.#relayedUsers(peerID.toString())
    if (users.length === 0) return
    const best = paths.best(peerID)
    const better =
      best !== undefined && !isCircuit(best)
        ? best
        : await paths.improve(peerID, await addressesOf(users, peerID), signal)
    if (better !== undefined) await Promise.all(users.map(user => user.move(better)))
  }

  #retry(watched: Watched): void {
    const pauseMs = RETRY_MS[Math.min(watched.failures, RETRY_MS.length - 1)] ?? 0
    watched.failures += 1
    this.#setTimer(watched, pauseMs * (0.75 + this.#init.random() / 2))
  }

  #tidyLater(peer: string, peerID: PeerId): void {
    this.#tidying.get(peer)?.cancel()
    this.#tidying.set(
      peer,
      this.#init.clock.setTimer(() => {
        this.#tidying.delete(peer)
        this.#tidy(peerID)
      }, LINGER_MS)
    )
  }

  /** Ends circuits to a peer that is reached without them: relays have few, and they count what passes. */
  #tidy(peerID: PeerId): void {
    const { paths, users, log } = this.#init
    const best = paths.best(peerID)
    if (best === undefined || isCircuit(best)) return
    const inUse = new Set([...users()].map(user => user.connectionTo(peerID.toString())))
    for (const connection of paths.connectionsTo(peerID)) {
      if (!isCircuit(connection) || inUse.has(connection) || !hasOnlyMovable(connection)) continue
      connection.close().catch(error => {
        log('a circuit to %p did not close - %e', peerID, error)
        // Else it would look open, and carry nothing.
        connection.abort(error)
      })
    }
  }
}

async function addressesOf(users: readonly PathUser[], peerID: PeerId): Promise<Multiaddr[]> {
  return (await Promise.all(users.map(user => user.directAddressesOf(peerID)))).flat()
}

function hasOnlyMovable({ streams }: Connection): boolean {
  return streams.every(({ protocol }) => protocol === undefined || MOVABLE.test(protocol))
}
