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

  /** All of them, now. */
  get all(): IceServer[] {
    const told = [...this.#told.values()].flat()
    // The application's word counts more than a relay's.
    const byURL = new Map([...told, ...this.#named].map(server => [String(server.urls), server]))
    return [...byURL.values()]
  }

  /** What a relay tells, in place of what it told before. True when that is something else. */
  tell(relay: string, servers: readonly IceServer[]): boolean {
    const isNews = JSON.stringify(this.#told.get(relay) ?? []) !== JSON.stringify(servers)
    this.#told.set(relay, servers)
    return isNews
  }
}
