import { isMultiaddr, type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { parseGroupspec } from '../core/groupspec/groupspec.ts'
import { multiaddrOf } from '../net/addresses.ts'
import { namedRelay, type RelaySource, relaysOf, webRelay } from '../net/relay-source.ts'

/**
 * Where to look for others: `'lan:'`; a relay, as a multiaddr or as `https://…` whose `/.well-known/netgroup` names its multiaddrs; or a groupspec or invite link, for
 * the relays in it.
 */
export type Endpoint = 'lan:' | Multiaddr | (string & {})

/** What endpoints come to. */
export interface ResolvedEndpoints {
  readonly lan: boolean
  /** Several addresses of one relay are one. */
  readonly relays: readonly RelaySource[]
}

/** @throws TypeError for what is no endpoint, GroupspecError for a broken groupspec */
export function resolveEndpoints(endpoint: Endpoint | readonly Endpoint[]): ResolvedEndpoints {
  const endpoints = (Array.isArray(endpoint) ? endpoint : [endpoint]) as readonly unknown[]
  if (endpoints.length === 0)
    throw new TypeError("Cannot connect to no endpoint: give 'lan:' or a relay's address")
  let lan = false
  const relays: Multiaddr[] = []
  const urls: URL[] = []
  for (const one of endpoints) {
    if (one === 'lan:') lan = true
    else if (isMultiaddr(one)) relays.push(one)
    else if (typeof one === 'string') readText(one, relays, urls)
    else throw new TypeError(`Cannot connect to ${String(one)}: ${EXPECTED}`)
  }
  return { lan, relays: [...relaysOf(relays).map(namedRelay), ...urls.map(webRelay)] }
}

const EXPECTED = "give 'lan:', a relay's multiaddr or https:// address, a groupspec or an invite link"

function readText(text: string, relays: Multiaddr[], urls: URL[]): void {
  if (text.startsWith('/')) {
    relays.push(parseMultiaddr(text))
    return
  }
  if (text.startsWith('G:') || text.includes('#')) {
    const named = parseGroupspec(text).relays.flatMap(bytes => multiaddrOf(bytes) ?? [])
    if (named.length === 0)
      throw new TypeError(
        "Cannot connect by this groupspec: it names no relay. Add one with addRelay(), or connect to 'lan:'"
      )
    relays.push(...named)
    return
  }
  if (/^https?:\/\//.test(text)) urls.push(new URL(text))
  else throw new TypeError(`Cannot connect to ${JSON.stringify(text)}: ${EXPECTED}`)
}

function parseMultiaddr(text: string): Multiaddr {
  try {
    return multiaddr(text)
  } catch (error) {
    throw new TypeError(`Cannot connect to ${JSON.stringify(text)}: it is no multiaddr`, { cause: error })
  }
}
