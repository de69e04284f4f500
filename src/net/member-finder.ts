import type { Libp2p, Logger, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Groupspec } from '../core/groupspec/groupspec.ts'
import type { GroupKeys } from '../core/groupspec/keys.ts'
import { MAX_CANDIDATES } from '../wire/limits.ts'
import { multiaddrOf } from './addresses.ts'
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
  readonly #addresses = new Map<string, Multiaddr[]>()
  #closed = false

  constructor(init: MemberFinderInit) {
    this.#init = init
  }

  /** Begins to look everywhere. Resolves when it is looking. */
  async start(): Promise<void> {
    const { relays, lan, groupspec } = this.#init
    for (const relay of relays) this.#relays.set(relay.toString(), relay)
    await this.#look({
      lan: lan && groupspec.capabilities.ipMulticastMemberUpdatesEnabled,
      relays,
      bootstrapPeers: groupspec.bootstrapPeers.flatMap(bytes => multiaddrOf(bytes) ?? [])
    })
  }

  /** Looks at one relay more. */
  addRelay(relay: Multiaddr): void {
    const key = relay.toString()
    if (this.#relays.has(key) || this.#closed) return
    this.#relays.set(key, relay)
    void this.#look({ lan: false, relays: [relay], bootstrapPeers: [] })
  }

  /** Where this peer may be dialed; empty when only libp2p may know. */
  addressesOf(peer: string): Multiaddr[] {
    return this.#addresses.get(peer) ?? []
  }

  /** Somebody says that this peer may be a member. Where it may be dialed, the platform decides. */
  hear({ peerID, multiaddrs, source }: DiscoveredPeer): void {
    const { libp2p, platform, lanOnly, onCandidate } = this.#init
    if (peerID.equals(libp2p.peerId) || this.#closed) return
    const around = { lanOnly, relays: [...this.#relays.values()] }
    const dialable = multiaddrs.filter(address => platform.mayDial(address, source, around))
    if (dialable.length === 0 && multiaddrs.length > 0) return
    const peer = peerID.toString()
    if (dialable.length > 0) this.#remember(peer, dialable)
    onCandidate(peer)
  }

  /** Looks nowhere any more. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#discoveries.map(discovery => discovery.stop()))
  }

  #remember(peer: string, addresses: Multiaddr[]): void {
    this.#addresses.delete(peer)
    this.#addresses.set(peer, addresses)
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
