import type { Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { memberAddresses } from '../net/member-addresses.ts'
import { componentsOf } from './node-components.ts'

/** The addresses that a member's node announces: libp2p's `announceFilter`. */
export function announced(node: Libp2p, verified: readonly Multiaddr[]): Multiaddr[] {
  return memberAddresses(verified, componentsOf(node).transportManager.getAddrs(), node.peerId.toString())
}
