import { isLinkLocalIp, isPrivateIp } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { peerOf, relayOf } from '../net/addresses.ts'
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
 * May an address that somebody told be dialed? Of a circuit, the relay is what gets dialed. Whoever tells addresses can make others knock at them, so: nothing unspecified or multicast; loopback and
 * link-local only if mDNS found them, or the application named them; private ranges only on own links, unless the application named them; and with
 * `lanOnly` nothing but own links at all.
 */
export function mayDial(
  address: Multiaddr,
  source: DiscoveredPeer['source'],
  { lanOnly, relays }: DialSurroundings,
  isOnLocalLink: IsOnLocalLink
): boolean {
  const relay = relayOf(address)
  if (relay !== undefined && lanOnly) return false
  // There is a connection to it already, and that is used.
  if (relay?.peer !== undefined && relays.some(inUse => peerOf(inUse) === relay.peer)) return true
  const host = hostOf(address)
  if (host === undefined) return !lanOnly && (isNamed(source) || isOverTLS(address))
  const { ip, family } = host
  if (isNobody(ip)) return false
  if (isLoopback(ip)) return source === 'mdns' || isNamed(source) || relays.some(isOnThisHost)
  if (isLinkLocalIp(ip)) return source === 'mdns'
  if (lanOnly) return isOnLocalLink(ip, family)
  return isNamed(source) || isPrivateIp(ip) !== true || isOnLocalLink(ip, family)
}

/** Did the application, or the groupspec, name it? */
function isNamed(source: DiscoveredPeer['source']): boolean {
  return source === 'bootstrap' || source === 'hint'
}

/** A name may lead to any address, also one that would be refused: strangers' names are dialed only where somebody has to prove that the name is its own. */
function isOverTLS(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'tls' || name === 'wss')
}

/** May a node that keeps to its links dial this address, whoever told it? */
export function isLanAddress(address: Multiaddr, isOnLocalLink: IsOnLocalLink): boolean {
  return mayDial(address, 'mdns', { lanOnly: true, relays: [] }, isOnLocalLink)
}

function hostOf(address: Multiaddr): { ip: string; family: 4 | 6 } | undefined {
  for (const { name, value } of address.getComponents()) {
    if (value !== undefined && name === 'ip4') return { ip: value, family: 4 }
    if (value !== undefined && name === 'ip6') {
      const mapped = mappedIp(value)
      return mapped === undefined ? { ip: value, family: 6 } : { ip: mapped, family: 4 }
    }
    if (name.startsWith('dns')) return undefined
  }
  return undefined
}

/** The IPv4 address that an IPv6 address of ::ffff:0:0/96 stands for: the system dials that one. */
function mappedIp(ip: string): string | undefined {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(ip) ?? []
  if (high === undefined || low === undefined) return undefined
  return [high, low]
    .map(group => Number.parseInt(group, 16))
    .flatMap(group => [group >> 8, group & 0xff])
    .join('.')
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
