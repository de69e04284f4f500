import { isLinkLocal, isLoopback, isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { relayOf, uniqueAddresses } from './addresses.ts'
import { isWebRTCAddress, passesRelay } from './path.ts'

/**
 * The addresses that a member tells others: those that libp2p has verified, and the public ones of this machine's own interfaces, which libp2p keeps back because it has nobody to verify them (libp2p-notes §5);
 * who dials one that a firewall closes comes through a relay instead. Of the many ways to one relay, one per kind is told. To be used as libp2p's `announceFilter`.
 *
 * @param verified as libp2p has them, with the peer id
 * @param listening where the transports listen, wildcards expanded
 */
export function memberAddresses(
  verified: readonly Multiaddr[],
  listening: readonly Multiaddr[],
  ownID: string
): Multiaddr[] {
  const suffix = `/p2p/${ownID}`
  const own = listening
    .filter(address => !passesRelay(address) && isPublic(address))
    .map(address => (address.toString().endsWith(suffix) ? address : address.encapsulate(suffix)))
  const direct = [...verified.filter(address => !passesRelay(address)), ...own]
  const circuits = verified.filter(address => passesRelay(address))
  return uniqueAddresses([...direct, ...onePerKind(circuits)])
}

function isPublic(address: Multiaddr): boolean {
  return !isPrivate(address) && !isLoopback(address) && !isLinkLocal(address)
}

/** A relay announces itself on every interface and transport; members need one for Node, one for pages, and to know that WebRTC is spoken. */
function onePerKind(circuits: readonly Multiaddr[]): Multiaddr[] {
  const kinds = new Map<string, Multiaddr>()
  for (const address of [...circuits].sort((a, b) => reachOf(b) - reachOf(a))) {
    const key = `${relayOf(address)?.peer} ${isWebRTCAddress(address) ? 'webrtc' : transportOf(address)}`
    if (!kinds.has(key)) kinds.set(key, address)
  }
  return [...kinds.values()]
}

/** How far an address is likely to reach. */
function reachOf(address: Multiaddr): number {
  if (isLoopback(address)) return 0
  return isPrivate(address) || isLinkLocal(address) ? 1 : 2
}

function transportOf(address: Multiaddr): string {
  const names = address.getComponents().map(({ name }) => name)
  return ['webrtc-direct', 'tls', 'wss', 'ws'].find(name => names.includes(name)) ?? 'tcp'
}
