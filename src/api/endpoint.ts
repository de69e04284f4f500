import { isMultiaddr, type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { isNetGroupError, NetGroupError } from '../core/errors.ts'
import { parseGroupspec } from '../core/groupspec/groupspec.ts'
import { multiaddrOf } from '../net/addresses.ts'

/**
 * Where to look for others: `'lan:'`; a relay, as a multiaddr or as `https://…` whose `/.well-known/netgroup` names its multiaddrs; or a groupspec or invite link, for
 * the relays in it.
 */
export type Endpoint = 'lan:' | Multiaddr | (string & {})

/** What endpoints come to. */
export interface ResolvedEndpoints {
  readonly lan: boolean
  readonly relays: readonly Multiaddr[]
  /** Web addresses whose relays are still to be asked for. */
  readonly urls: readonly URL[]
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
  return { lan, relays, urls }
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

/**
 * Asks a relay's web server for its multiaddrs: `GET /.well-known/netgroup` answers `{ "multiaddrs": ["/…", …] }`.
 *
 * @throws NetGroupError CONNECT_FAILED with the reason
 */
export async function askForRelays(url: URL, signal: AbortSignal): Promise<Multiaddr[]> {
  const wellKnown = new URL('/.well-known/netgroup', url)
  try {
    const response = await fetch(wellKnown, { signal })
    if (!response.ok) throw new Error(`${wellKnown} answered ${response.status}`)
    const { multiaddrs } = (await response.json()) as { multiaddrs?: unknown }
    if (!Array.isArray(multiaddrs) || multiaddrs.length === 0) throw new Error(`${wellKnown} names no relay`)
    return multiaddrs.map(text => multiaddr(text as string))
  } catch (error) {
    if (isNetGroupError(error)) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new NetGroupError(
      'CONNECT_FAILED',
      `Cannot connect to ${url.href}: ${reason}`,
      { attempts: [{ address: url.href, reason }] },
      { cause: error }
    )
  }
}
