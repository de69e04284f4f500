import type { Libp2p, PeerId, Transport } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import { CODE_P2P, type Multiaddr } from '@multiformats/multiaddr'

/** Parts of libp2p that are not in its public types. Seen in libp2p 3.3.11 and @libp2p/circuit-relay-v2 4.2.13. */
interface CircuitTransport extends Transport {
  readonly reservationStore: { addRelay(peerID: unknown, type: 'configured'): Promise<unknown> }
}

const CIRCUIT_TRANSPORT = '@libp2p/circuit-relay-v2-transport'

/**
 * Makes reservations at relays, again and again if need be: libp2p itself does not make one again after a relay restarts (js-libp2p #3601). The first at
 * a relay adds a listener; later ones reuse it, since every listener more would hear every event once more.
 */
export class CircuitReservations {
  readonly #listening = new WeakMap<Libp2p, Set<string>>()

  /** Resolves with the relay's peer id when the node has an address there. Rejects with the relay's or the network's reason. */
  async reserve(node: Libp2p, relay: Multiaddr, signal: AbortSignal): Promise<PeerId> {
    // First, since a relay that fails to be dialed below is never tried again for the life of the process.
    const connection = await node.dial(relay, { signal })
    const peer = connection.remotePeer.toString()
    const { transportManager } = (node as unknown as { components: { transportManager: TransportManager } })
      .components
    const listening = this.#listening.get(node) ?? new Set()
    this.#listening.set(node, listening)
    if (listening.has(peer)) {
      const transport = transportManager
        .getTransports()
        .find(({ [Symbol.toStringTag]: tag }) => tag === CIRCUIT_TRANSPORT) as CircuitTransport
      await transport.reservationStore.addRelay(connection.remotePeer, 'configured')
    } else {
      const address = hasPeer(relay) ? relay : relay.encapsulate(`/p2p/${peer}`)
      await transportManager.listen([address.encapsulate('/p2p-circuit')])
      listening.add(peer)
    }
    if (!hasCircuitAddress(node, peer)) throw new Error('The relay gave no reservation')
    return connection.remotePeer
  }
}

/** Has the node an address at this relay at the moment? */
export function hasCircuitAddress(node: Libp2p, relayPeer: string): boolean {
  return node.getMultiaddrs().some(address => {
    const text = address.toString()
    return text.includes('/p2p-circuit') && text.includes(`/p2p/${relayPeer}`)
  })
}

function hasPeer(address: Multiaddr): boolean {
  return address.getComponents().some(({ code }) => code === CODE_P2P)
}
