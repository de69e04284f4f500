import type { Libp2p } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'

/** The parts of a libp2p node: there at run time, not in its public type. Seen in libp2p 3.3.11. */
export function componentsOf(node: Libp2p): { readonly transportManager: TransportManager } {
  return (node as unknown as { components: { transportManager: TransportManager } }).components
}
