import type { Libp2p, Logger, PeerId, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Groupspec } from '../core/groupspec/groupspec.ts'
import type { GroupKeys } from '../core/groupspec/keys.ts'
import { MAX_CANDIDATES } from '../wire/limits.ts'
import { multiaddrOf, peerOf, relayOf } from './addresses.ts'
import { directAddresses } from './dial-plan.ts'
import type { DiscoveredPeer, Discovery } from './discovery.ts'
import type { Platform } from './platform.ts'

/** How {@link MemberFinder} is made. */
export interface MemberFinderInit {
  readonly libp2p: Libp2p
  readonly privateKey: PrivateKey
  readonly platform: Platform
  readonly groupspec: Groupspec
  readonly keys: GroupKeys
  readonly lan: boolean
  readonly lanOnly: boolean
  readonly relays: readonly Multiaddr[]
  readonly log: Logger
  /** A peer that may be a member and may be dialed. */
  readonly onCandidate: (peer: string) => void
}

/** Finds who may be a member of one group: on the LAN, at relays, by the groupspec; and remembers where each may be dialed. */
export class MemberFinder {
  readonly #init: MemberFinderInit
  readonly #discoveries: Discovery[] = []
  readonly #relays = new Map<string, Multiaddr>()
  /** By peer, and by who told: news from one source replaces what that one said before. */
  readonly #addresses = new Map<string, Map<DiscoveredPeer['source'], Multiaddr[]>>()
  #closed = false

  constructor(init: MemberFinderInit) {
    this.#init = init
  }

  /** Begins to look everywhere. Resolves when it is looking. */
  async start(): Promise<void> {
    const { relays, lan, groupspec } = this.#init
    for (const relay of relays) this.#relays.set(keyOf(relay), relay)
    await this.#look({
      lan: lan && groupspec.capabilities.ipMulticastMemberUpdatesEnabled,
      relays,
      bootstrapPeers: groupspec.bootstrapPeers.flatMap(bytes => multiaddrOf(bytes) ?? [])
    })
  }

  /** Looks at one relay more. */
  addRelay(relay: Multiaddr): void {
    const key = keyOf(relay)
    const isKnown = this.#relays.has(key)
    if (this.#closed) return
    this.#relays.set(key, relay)
    if (isKnown) return
    void this.#look({ lan: false, relays: [relay], bootstrapPeers: [] })
  }

  /**
   * Where this peer may be dialed now: what was told of it, and the relays in use, where it may be as well; without those that are not connected: they are looked after, and dials to them would only wait. Undefined
   * when only libp2p may know.
   */
  addressesOf(peer: string): Multiaddr[] | undefined {
    const circuits = this.#init.lanOnly
      ? []
      : [...this.#relays.values()].map(relay => relay.encapsulate(`/p2p-circuit/p2p/${peer}`))
    const addresses = [...this.#toldOf(peer), ...circuits]
    return addresses.length === 0 ? undefined : addresses.filter(address => !this.#isRelayAway(address))
  }

  /** Where this peer may be dialed without a relay: what was told of it, and what it has said itself when it was met. */
  async directAddressesOf(peerID: PeerId): Promise<Multiaddr[]> {
    const { libp2p, platform } = this.#init
    const { addresses } = await libp2p.peerStore.get(peerID).catch(() => ({ addresses: [] }))
    const suffix = `/p2p/${peerID.toString()}`
    const met = addresses
      .map(({ multiaddr }) => multiaddr)
      .map(address => (address.toString().endsWith(suffix) ? address : address.encapsulate(suffix)))
      .filter(address => platform.mayDial(address, 'rendezvous', this.#surroundings))
    return directAddresses([...this.#toldOf(peerID.toString()), ...met])
  }

  #isRelayAway(address: Multiaddr): boolean {
    const relay = relayOf(address)?.peer
    if (relay === undefined || !this.#relays.has(relay)) return false
    return !this.#init.libp2p
      .getConnections()
      .some(({ remotePeer, status }) => status === 'open' && remotePeer.toString() === relay)
  }

  #toldOf(peer: string): Multiaddr[] {
    return [...(this.#addresses.get(peer)?.values() ?? [])].flat()
  }

  /** Somebody says that this peer may be a member; of those whom neighbors report, the topology hears beside this. Where it may be dialed, the platform decides. */
  hear({ peerID, multiaddrs, source }: DiscoveredPeer): void {
    const { libp2p, platform, onCandidate } = this.#init
    if (peerID.equals(libp2p.peerId) || this.#closed) return
    const dialable = multiaddrs.filter(address => platform.mayDial(address, source, this.#surroundings))
    if (dialable.length === 0 && multiaddrs.length > 0) return
    const peer = peerID.toString()
    if (dialable.length > 0) this.#remember(peer, source, dialable)
    if (source !== 'report') onCandidate(peer)
  }

  /** Looks nowhere any more. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#discoveries.map(discovery => discovery.stop()))
  }

  get #surroundings(): { lanOnly: boolean; relays: readonly Multiaddr[] } {
    return { lanOnly: this.#init.lanOnly, relays: [...this.#relays.values()] }
  }

  #remember(peer: string, source: DiscoveredPeer['source'], addresses: Multiaddr[]): void {
    const bySource = this.#addresses.get(peer) ?? new Map()
    this.#addresses.delete(peer)
    this.#addresses.set(peer, bySource.set(source, addresses))
    if (this.#addresses.size > MAX_CANDIDATES)
      this.#addresses.delete(this.#addresses.keys().next().value as string)
  }

  async #look(where: {
    lan: boolean
    relays: readonly Multiaddr[]
    bootstrapPeers: Multiaddr[]
  }): Promise<void> {
    const { libp2p, privateKey, platform, groupspec, keys, log } = this.#init
    const discoveries = platform.discoveries({
      libp2p,
      privateKey,
      keys,
      lan: where.lan,
      relays: groupspec.capabilities.serverChannelEnabled ? where.relays : [],
      bootstrapPeers: where.bootstrapPeers,
      onPeer: peer => this.hear(peer)
    })
    this.#discoveries.push(...discoveries)
    await Promise.all(
      discoveries.map(discovery =>
        discovery.start().catch(error => log.error('a way of finding members failed - %e', error))
      )
    )
  }
}

/** A relay is the same one at whatever address it is reached. */
function keyOf(relay: Multiaddr): string {
  return peerOf(relay) ?? relay.toString()
}
