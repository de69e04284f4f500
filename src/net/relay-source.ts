import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { peerOf } from './addresses.ts'

/** Most addresses that a relay's web server may name. */
const MAX_NAMED_ADDRESSES = 32

/** A relay as it was given: under what name it is known, and where it is to be found. */
export interface RelaySource {
  /** As it was given: its first multiaddr, or its web address. */
  readonly name: string
  /** Its peer id, where the address has it. */
  readonly peer: string | undefined
  /** Its addresses, in the order in which they are to be tried. Rejects when they cannot be found out. */
  addresses(signal: AbortSignal): Promise<readonly Multiaddr[]>
}

/** A relay whose multiaddrs were given. */
export function namedRelay(addresses: readonly Multiaddr[]): RelaySource {
  const [first] = addresses
  return { name: String(first), peer: first && peerOf(first), addresses: async () => addresses }
}

/** A relay whose web address was given: `GET /.well-known/netgroup` there names its multiaddrs, each time anew. */
export function webRelay(url: URL): RelaySource {
  return { name: url.href, peer: undefined, addresses: signal => askForAddresses(url, signal) }
}

/** Relays by their peer ids: several addresses of one are one relay. Those without an id stand alone. */
export function relaysOf(addresses: readonly Multiaddr[]): Multiaddr[][] {
  const byPeer = new Map<string, Multiaddr[]>()
  for (const address of addresses) {
    const key = peerOf(address) ?? address.toString()
    byPeer.set(key, [...(byPeer.get(key) ?? []), address])
  }
  return [...byPeer.values()]
}

async function askForAddresses(url: URL, signal: AbortSignal): Promise<readonly Multiaddr[]> {
  const wellKnown = new URL('/.well-known/netgroup', url)
  const response = await fetch(wellKnown, { signal, credentials: 'omit', cache: 'no-store' }).catch(error => {
    signal.throwIfAborted()
    throw new Error(`${wellKnown.href} cannot be read`, { cause: error })
  })
  if (!response.ok) throw new Error(`${wellKnown.href} answered ${response.status}`)
  const answer: unknown = await response.json().catch(() => undefined)
  const { peerID, multiaddrs, webSocket } = (answer ?? {}) as Record<string, unknown>
  const named = Array.isArray(multiaddrs) ? multiaddrs.slice(0, MAX_NAMED_ADDRESSES).flatMap(parse) : []
  const here = webSocket === true && isPeerID(peerID) ? parse(webSocketAddress(url, peerID)) : []
  if (here.length + named.length === 0) throw new Error(`${wellKnown.href} names no relay`)
  return [...here, ...named]
}

/** A relay that takes WebSocket connections on its web server's port is reached where that is reached: behind whatever proxy, and whatever it thinks its address is. */
function webSocketAddress({ hostname, port, protocol }: URL, peerID: string): string {
  const isSecure = protocol === 'https:'
  const ip = hostname.startsWith('[') ? `/ip6/${hostname.slice(1, -1)}` : `/ip4/${hostname}`
  const host = /^(\[.*\]|[\d.]+)$/.test(hostname) ? ip : `/dns/${hostname}`
  return `${host}/tcp/${port || (isSecure ? 443 : 80)}${isSecure ? '/tls' : ''}/ws/p2p/${peerID}`
}

function isPeerID(text: unknown): text is string {
  try {
    return typeof text === 'string' && peerIdFromString(text).toString() === text
  } catch {
    return false
  }
}

function parse(text: unknown): Multiaddr[] {
  try {
    return [multiaddr(text as string)]
  } catch {
    return []
  }
}
