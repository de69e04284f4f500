import type { IceServer } from './platform.ts'

/**
 * The STUN and TURN servers in use: those that the application named, and those that its relays told of. Nobody else is ever asked: where a list is not given, libp2p takes four public
 * STUN servers.
 */
export class IceServers {
  readonly #named: readonly IceServer[]
  readonly #told = new Map<string, readonly IceServer[]>()

  constructor(named: readonly IceServer[] = []) {
    this.#named = named
  }

  /** All of them, now, the application's first. A relay's word on the same server does not count. */
  get all(): IceServer[] {
    const byURL = new Map<string, IceServer>()
    for (const server of [...this.#named, ...[...this.#told.values()].flat()])
      if (!byURL.has(String(server.urls))) byURL.set(String(server.urls), server)
    return [...byURL.values()]
  }

  /** For a platform that asks one STUN server only, and takes any: all of them, but of the STUN servers only the application's when it named one. */
  get preferred(): IceServer[] {
    const isNamed = (server: IceServer): boolean => this.#named.includes(server)
    if (!this.#named.some(({ urls }) => [urls].flat().some(isStun))) return this.all
    return this.all.flatMap(server => (isNamed(server) ? server : withoutStun(server)))
  }

  /** What a relay tells, in place of what it told before. True when that is something else. */
  tell(relay: string, servers: readonly IceServer[]): boolean {
    const isNews = JSON.stringify(this.#told.get(relay) ?? []) !== JSON.stringify(servers)
    this.#told.set(relay, servers)
    return isNews
  }
}

function isStun(url: string): boolean {
  return /^stuns?:/i.test(url)
}

function withoutStun(server: IceServer): IceServer[] {
  const urls = [server.urls].flat().filter(url => !isStun(url))
  return urls.length === 0 ? [] : [{ ...server, urls }]
}
