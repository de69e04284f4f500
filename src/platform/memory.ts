import { randomBytes } from '@libp2p/crypto'
import type { Libp2p } from '@libp2p/interface'
import { memory } from '@libp2p/memory'
import { plaintext } from '@libp2p/plaintext'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { type Clock, systemClock } from '../net/clock.ts'
import type { Discovery, OnPeer } from '../net/discovery.ts'
import type { FileSystem } from '../net/files/file-system.ts'
import type { DiscoveryInit, NodeInit, Platform } from '../net/platform.ts'
import { Faults } from './faults.ts'
import { createServices } from './services.ts'

/** How {@link MemoryPlatform} is made. */
export interface MemoryPlatformInit {
  /** 0 ≤ x < 1. */
  readonly random: () => number
  /** @default {@link systemClock} */
  readonly clock?: Clock
}

/**
 * A network in this process, for tests: real libp2p nodes over the memory transport, without encryption of connections, and with faults. Members of a group
 * find each other at once, as on a LAN, unless a partition is between them.
 */
export class MemoryPlatform implements Platform {
  readonly clock: Clock
  readonly randomBytes: (length: number) => Uint8Array = randomBytes
  readonly hasLan = true
  readonly faults: Faults
  readonly #nodes = new Set<Libp2p>()
  /** Who looks for whom, by the group's service name. */
  readonly #lookouts = new Map<string, Set<Lookout>>()

  constructor({ random, clock = systemClock }: MemoryPlatformInit) {
    this.clock = clock
    this.faults = new Faults(random, clock)
  }

  async createNode({ identity, logger }: NodeInit): Promise<Libp2p> {
    const name = bytesToText(randomBytes(12), 'base32')
    const isCutOff = (peer: { toString(): string }): boolean =>
      !this.faults.isReachable(node.peerId.toString(), peer.toString())
    const node: Libp2p = await createLibp2p({
      ...(identity === undefined ? {} : { privateKey: identity }),
      ...(logger === undefined ? {} : { logger }),
      addresses: { listen: [`/memory/${name}`] },
      transports: [memory()],
      connectionEncrypters: [plaintext()],
      streamMuxers: [() => this.faults.wrap(yamux()())],
      connectionMonitor: { enabled: false },
      connectionManager: {
        inboundConnectionThreshold: Number.POSITIVE_INFINITY,
        maxIncomingPendingConnections: Number.POSITIVE_INFINITY
      },
      connectionGater: {
        denyDialPeer: isCutOff,
        denyInboundEncryptedConnection: isCutOff
      },
      services: createServices(this)
    })
    this.#nodes.add(node)
    node.addEventListener('stop', () => this.#nodes.delete(node))
    return node
  }

  discoveries({ libp2p, keys, lan, onPeer }: DiscoveryInit): Discovery[] {
    if (!lan) return []
    const lookout: Lookout = { libp2p, onPeer }
    return [
      {
        start: async () => this.#post(keys.mdnsService, lookout),
        stop: async () => {
          this.#lookouts.get(keys.mdnsService)?.delete(lookout)
        }
      }
    ]
  }

  mayDial(): boolean {
    return true
  }

  async reserve(): Promise<never> {
    throw new Error('There are no relays in a network in memory')
  }

  reservationOf(): undefined {
    return undefined
  }

  /** In Node, for tests that fetch to the disk; a page has none. */
  async files(): Promise<FileSystem | undefined> {
    if (!('process' in globalThis)) return undefined
    return (await import('./files/node-file-system.ts')).nodeFileSystem
  }

  onNetworkChange(): () => void {
    return () => {}
  }

  /** Cuts all connections between the sides, and lets none be made. */
  partition(sides: readonly (readonly string[])[]): void {
    this.faults.partition(sides)
    for (const node of this.#nodes)
      for (const connection of node.getConnections())
        if (!this.faults.isReachable(node.peerId.toString(), connection.remotePeer.toString()))
          connection.abort(new Error('The network is partitioned'))
  }

  /** Ends a partition; everybody hears of everybody again. */
  heal(): void {
    this.faults.heal()
    for (const lookouts of this.#lookouts.values())
      for (const lookout of lookouts) this.#introduce(lookout, lookouts)
  }

  #post(service: string, lookout: Lookout): void {
    const lookouts = this.#lookouts.get(service) ?? new Set()
    this.#lookouts.set(service, lookouts)
    lookouts.add(lookout)
    this.#introduce(lookout, lookouts)
  }

  /** The newcomer hears of all, and all of the newcomer, as mDNS has it. */
  #introduce(newcomer: Lookout, lookouts: ReadonlySet<Lookout>): void {
    for (const other of lookouts) {
      const [a, b] = [newcomer.libp2p.peerId, other.libp2p.peerId]
      if (a.equals(b) || !this.faults.isReachable(a.toString(), b.toString())) continue
      newcomer.onPeer(found(other.libp2p))
      other.onPeer(found(newcomer.libp2p))
    }
  }
}

interface Lookout {
  readonly libp2p: Libp2p
  readonly onPeer: OnPeer
}

function found(libp2p: Libp2p): Parameters<OnPeer>[0] {
  const multiaddrs = libp2p.getMultiaddrs().map(address => multiaddr(address.toString()))
  return { peerID: libp2p.peerId, multiaddrs, source: 'mdns' }
}
