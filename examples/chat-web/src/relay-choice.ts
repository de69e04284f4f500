// Which relay a new group's link names. A page cannot know it by itself: whoever serves the page may run one beside it, or the user names one.

/** The relay beside this page's web server, as its web address; undefined when there is none. */
export async function relayOfThisPage(): Promise<string | undefined> {
  const addresses = await ask(location.origin).catch(() => [])
  return addresses.length === 0 ? undefined : location.origin
}

/** The multiaddr for the link, of a web address or a multiaddr. @throws Error that says what is wrong with it */
export async function relayAddress(text: string): Promise<string> {
  if (text.startsWith('/')) return text
  const url = /^https?:\/\//.test(text) ? text : `https://${text}`
  const addresses = (await ask(url)).filter(address => /\/(ws|wss|webrtc-direct)\b/.test(address))
  const best = addresses.toSorted((a, b) => rank(a, new URL(url)) - rank(b, new URL(url)))[0]
  if (best === undefined)
    throw new Error(`The relay at ${url} has no address for a browser: it must listen on WebSocket`)
  return best
}

async function ask(url: string): Promise<string[]> {
  const response = await fetch(new URL('/.well-known/netgroup', url), { signal: AbortSignal.timeout(5_000) })
  if (!response.ok) throw new Error(`There is no relay at ${url}`)
  const { multiaddrs } = (await response.json()) as { multiaddrs?: unknown }
  return Array.isArray(multiaddrs) ? multiaddrs.filter(address => typeof address === 'string') : []
}

/** Others must reach it too: the host as it was named, unless that is this machine; then one of its addresses in the network; loopback last. */
function rank(address: string, { hostname }: URL): number {
  const isLoopback = address.includes('/127.0.0.1/') || address.includes('/ip6/::1/')
  if (isLoopback) return 3
  if (address.includes(`/${hostname}/`)) return 0
  return address.startsWith('/ip6/') ? 2 : 1
}
