import type { ComponentLogger, Connection, Libp2p, PeerId, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { GroupKeys } from '../core/groupspec/keys.ts'
import type { Clock } from './clock.ts'
import type { DiscoveredPeer, Discovery, OnPeer } from './discovery.ts'
import type { FileSystem } from './files/file-system.ts'
import type { Hash } from './files/hash.ts'
import type { IceServers } from './ice-servers.ts'

/** A STUN or TURN server, as WebRTC has it. */
export interface IceServer {
  urls: string | string[]
  username?: string
  credential?: string
}

/** What a libp2p node is to be like. */
export interface NodeInit {
  /** Touch nothing outside the local links. */
  readonly lanOnly: boolean
  readonly identity: PrivateKey | undefined
  /** Multiaddrs to listen on; undefined: the platform's own choice. */
  readonly listen: readonly string[] | undefined
  /** Asked at each WebRTC dial: relays tell of servers later. */
  readonly iceServers: IceServers
  readonly logger: ComponentLogger | undefined
}

/** What a group is to be found by. */
export interface DiscoveryInit {
  readonly libp2p: Libp2p
  readonly privateKey: PrivateKey
  readonly keys: GroupKeys
  /** Look on the LAN. */
  readonly lan: boolean
  /** Look at these relays. */
  readonly relays: readonly Multiaddr[]
  /** Members that the groupspec names. */
  readonly bootstrapPeers: readonly Multiaddr[]
  readonly onPeer: OnPeer
}

/** `'other'`: other addresses, another network, or none; `'doubtful'`: the machine or the page was asleep, and connections may have died meanwhile. */
export type NetworkChange = 'other' | 'doubtful'

/** The one seam between the house and the machine it stands on: Node, a browser, or memory (for tests). */
export interface Platform {
  readonly clock: Clock
  readonly randomBytes: (length: number) => Uint8Array
  /** Can it find peers on the LAN by itself? */
  readonly hasLan: boolean
  /** A started node with netgroup's services. */
  createNode(init: NodeInit): Promise<Libp2p>
  /** The ways in which a group is found here. Not started. */
  discoveries(init: DiscoveryInit): Discovery[]
  /** May this address be dialed, given who told it? */
  mayDial(
    address: Multiaddr,
    source: DiscoveredPeer['source'],
    around: { lanOnly: boolean; relays: readonly Multiaddr[] }
  ): boolean
  /** Makes a reservation at the relay at the other end of this connection, so that others reach this node through it. Rejects with the reason. */
  reserve(node: Libp2p, relay: Connection, signal: AbortSignal): Promise<{ readonly reservedUntil: Date }>
  /** The reservation that the node has at this relay now. */
  reservationOf(node: Libp2p, relayID: PeerId): { readonly reservedUntil: Date } | undefined
  /**
   * Asks the router of this network to let others in, for as long as it is not told to stop; undefined where there is nothing to ask. What comes of it shows in the node's addresses.
   *
   * @returns ends it
   */
  mapPorts?(node: Libp2p): () => Promise<void>
  /** Files by their paths; undefined where there are none. Loaded when it is called. */
  files?(): Promise<FileSystem | undefined>
  /** A faster SHA-256 than WebCrypto's; undefined where there is none. */
  readonly hash?: Hash
  /** Calls back when the network may be another one than before, or any connection dead without a word. Answers how to stop it. */
  onNetworkChange(listener: (change: NetworkChange) => void): () => void
}
