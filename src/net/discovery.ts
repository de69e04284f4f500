import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A peer that may be a member of the group: only the handshake of a neighbor link proves it. */
export interface DiscoveredPeer {
  /** Never the own one. The addresses are proven by its signature only when `source` is `'rendezvous'` or `'report'`. */
  readonly peerID: PeerId
  /** Where it says it can be reached. Each ends with `/p2p/<peerID>`, so whoever answers a dial has to be that peer. */
  readonly multiaddrs: Multiaddr[]
  /** Who told: decides which kinds of addresses may be dialed. */
  readonly source: 'mdns' | 'rendezvous' | 'bootstrap' | 'hint' | 'report'
}

/** One way of finding members of one group. Started by join, stopped by leave. */
export interface Discovery {
  /** Resolves when it is looking, not when it has found. What fails later is logged and tried again. */
  start(): Promise<void>
  /** Resolves when no timer, listener or socket of it is left and nothing more will be told. Safe to call twice. */
  stop(): Promise<void>
}

/** Hears of candidates. The same peer may be told again, at the latest when its addresses change. Must not throw. */
export type OnPeer = (peer: DiscoveredPeer) => void
