// Which addresses are worth telling on the local link, and which of those heard there are worth dialing.
import { getNetConfig, isLinkLocal, isLoopback, isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Is this an address of the local network itself: an IP address of a private range or loopback, and nothing relayed? */
export function isLanAddress(address: Multiaddr): boolean {
  const components = address.getComponents()
  const isIp = components[0]?.name === 'ip4' || components[0]?.name === 'ip6'
  // An IPv6 link-local address says nothing without the name of the receiver's interface.
  const isUsable = !(components[0]?.name === 'ip6' && isLinkLocal(address))
  return isIp && isUsable && isPrivate(address) && !components.some(({ name }) => name === 'p2p-circuit')
}

/**
 * The LAN addresses among these, best first, as many as fit into `maxBytes` at `bytesOf` each.
 * Loopback comes last, and before it short ones come first: plain TCP before what carries certificate hashes.
 */
export function fittingLanAddresses(
  addresses: readonly Multiaddr[],
  maxBytes: number,
  bytesOf: (address: Multiaddr) => number
): Multiaddr[] {
  const order = (address: Multiaddr): number => (isLoopback(address) ? 1_000_000 : 0) + bytesOf(address)
  let left = maxBytes
  return addresses
    .filter(isLanAddress)
    .sort((a, b) => order(a) - order(b))
    .filter(address => {
      left -= bytesOf(address)
      return left >= 0
    })
}

/**
 * The addresses of another peer that can lead to it. Its loopback addresses lead to *our* host: they are kept only when it may be on this
 * host, which is when it has an address of ours, or it or we have no other than loopback.
 */
export function reachableLanAddresses(theirs: readonly Multiaddr[], ours: readonly Multiaddr[]): Multiaddr[] {
  const lan = theirs.filter(isLanAddress)
  const others = lan.filter(address => !isLoopback(address))
  const ourHosts = new Set(ours.filter(address => isLanAddress(address) && !isLoopback(address)).map(hostOf))
  const mayBeHere =
    others.length === 0 || ourHosts.size === 0 || others.some(address => ourHosts.has(hostOf(address)))
  return mayBeHere ? lan : others
}

function hostOf(address: Multiaddr): string {
  return getNetConfig(address).host
}
