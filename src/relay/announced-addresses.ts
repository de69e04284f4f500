import type { Libp2p, Listener } from '@libp2p/interface'
import { isLinkLocal, isLoopback } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * What a relay says about where it listens. libp2p announces a public address only once others have verified it, and a relay has nobody
 * to do that before it is announced; a relay is meant to be reached where it listens, so these addresses are announced as they are.
 */
export class AnnouncedAddresses {
  readonly #listeners = new Set<Listener>()

  /** Listens to the transports of a node. Call it before the node starts. */
  follow(libp2p: Pick<Libp2p, 'addEventListener'>): void {
    libp2p.addEventListener('transport:listening', event => this.#listeners.add(event.detail))
    libp2p.addEventListener('transport:close', event => this.#listeners.delete(event.detail))
  }

  /** Where the transports listen, wildcards expanded to the interfaces. */
  get listening(): Multiaddr[] {
    return [...this.#listeners].flatMap(listener => listener.getAddrs())
  }

  /**
   * The addresses to announce: those given (verified by libp2p, or configured), and where the transports listen, wildcards expanded to the
   * interfaces. Without link-local ones, and without loopback unless there is nothing else. To be used as libp2p's `announceFilter`.
   */
  complete(given: Multiaddr[], relayID: string): Multiaddr[] {
    const own = this.listening.map(address => withID(address, relayID))
    const all = new Map([...given, ...own].map(address => [address.toString(), address]))
    const usable = [...all.values()].filter(address => !isLinkLocal(address))
    const reachable = usable.filter(address => !isLoopback(address))
    return reachable.length > 0 ? reachable : usable
  }
}

function withID(address: Multiaddr, relayID: string): Multiaddr {
  const suffix = `/p2p/${relayID}`
  return address.toString().endsWith(suffix) ? address : address.encapsulate(suffix)
}
