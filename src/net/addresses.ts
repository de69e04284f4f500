import { isLoopback } from '@libp2p/utils'
import { CODE_P2P, CODE_P2P_CIRCUIT, type Multiaddr, multiaddr } from '@multiformats/multiaddr'

/** The multiaddr that these bytes are; undefined when they are none: what others put into a groupspec is a hint, not a promise. */
export function multiaddrOf(bytes: Uint8Array): Multiaddr | undefined {
  try {
    return multiaddr(bytes)
  } catch {
    return undefined
  }
}

/** Each address once, in the order in which they came. */
export function uniqueAddresses(addresses: readonly Multiaddr[]): Multiaddr[] {
  return [...new Map(addresses.map(address => [address.toString(), address])).values()]
}

/** The peer that an address leads to; undefined when it does not say. */
export function peerOf(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value
}

/** The relay that an address goes through, or that introduces; undefined when there is none. */
export function relayOf(address: Multiaddr): { readonly peer: string | undefined } | undefined {
  const components = address.getComponents()
  const at = components.findIndex(({ code }) => code === CODE_P2P_CIRCUIT)
  return at < 0
    ? undefined
    : { peer: components.slice(0, at).findLast(({ code }) => code === CODE_P2P)?.value }
}

/** Loopback last: it is what may be left out when there is not room for all. */
export function usefulFirst(addresses: readonly Multiaddr[]): Multiaddr[] {
  return [...addresses.filter(address => !isLoopback(address)), ...addresses.filter(isLoopback)]
}
