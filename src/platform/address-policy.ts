import { isLinkLocalIp, isPrivateIp } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { DiscoveredPeer } from '../net/discovery.ts'

/** What the policy needs to know of the host. */
export type IsOnLocalLink = (ip: string, family: 4 | 6) => boolean

/** What surrounds the decision. */
export interface DialSurroundings {
  /** Nothing outside the local links may be touched. */
  readonly lanOnly: boolean
  /** The relays in use: one on this very host means that others on this host come through it. */
  readonly relays: readonly Multiaddr[]
}

/**
 * May an address that somebody told be dialed? Whoever tells addresses can make others knock at them, so: nothing unspecified or multicast; loopback and
 * link-local only if mDNS found them, or the application named them; private ranges only on own links, unless the application named them; and with
 * `lanOnly` nothing but own links at all.
 */
export function mayDial(
  address: Multiaddr,
  source: DiscoveredPeer['source'],
  { lanOnly, relays }: DialSurroundings,
  isOnLocalLink: IsOnLocalLink
): boolean {
  if (address.toString().includes('/p2p-circuit')) return !lanOnly
  const host = hostOf(address)
  if (host === undefined) return !lanOnly
  const { ip, family } = host
  if (isNobody(ip)) return false
  const isNamed = source === 'bootstrap' || source === 'hint'
  if (isLoopback(ip)) return source === 'mdns' || isNamed || relays.some(isOnThisHost)
  if (isLinkLocalIp(ip)) return source === 'mdns'
  if (lanOnly) return isOnLocalLink(ip, family)
  return isNamed || isPrivateIp(ip) !== true || isOnLocalLink(ip, family)
}

/** May a node that keeps to its links dial this address, whoever told it? */
export function isLanAddress(address: Multiaddr, isOnLocalLink: IsOnLocalLink): boolean {
  return mayDial(address, 'mdns', { lanOnly: true, relays: [] }, isOnLocalLink)
}

function hostOf(address: Multiaddr): { ip: string; family: 4 | 6 } | undefined {
  for (const { name, value } of address.getComponents()) {
    if (value !== undefined && (name === 'ip4' || name === 'ip6'))
      return { ip: value, family: name === 'ip4' ? 4 : 6 }
    if (name.startsWith('dns')) return undefined
  }
  return undefined
}

function isOnThisHost(relay: Multiaddr): boolean {
  const host = hostOf(relay)
  return host !== undefined && isLoopback(host.ip)
}

function isLoopback(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1'
}

/** Unspecified, multicast, broadcast. */
function isNobody(ip: string): boolean {
  const first = Number(ip.split('.')[0])
  return ip.startsWith('0.') || ip === '::' || (ip.includes('.') && first >= 224) || /^ff/i.test(ip)
}
