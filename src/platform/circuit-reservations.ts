import type { Connection, Libp2p, PeerId, Transport } from '@libp2p/interface'
import { componentsOf } from './node-components.ts'

/** Parts of libp2p that are not in its public types. Seen in libp2p 3.3.11 and @libp2p/circuit-relay-v2 4.2.13. */
interface CircuitTransport extends Transport {
  readonly reservationStore: {
    addRelay(peerID: PeerId, type: 'configured'): Promise<unknown>
    /** Relays that are never tried again, for the life of the process. */
    relayFilter: { has(relay: Uint8Array): boolean; add(relay: Uint8Array): void }
    /** `expire`: seconds since 1970. */
    getReservation(peerID: PeerId): { readonly expire: bigint } | undefined
  }
}

const CIRCUIT_TRANSPORT = '@libp2p/circuit-relay-v2-transport'

/** A place at a relay. */
export interface Reservation {
  readonly reservedUntil: Date
}

/**
 * Makes reservations at relays, again and again if need be: libp2p itself does not make one again after a relay restarts (js-libp2p #3601). The first at
 * a relay adds a listener; later ones reuse it, since every listener more would hear every event once more.
 */
export class CircuitReservations {
  readonly #listening = new WeakMap<Libp2p, Set<string>>()
  /** Why the last reservation at a relay failed: a transport manager that tolerates faults keeps that to itself. */
  readonly #failures = new WeakMap<Libp2p, Map<string, unknown>>()

  /** Resolves when the node has an address at the relay at the other end of this connection. Rejects with the relay's or the network's reason. */
  async reserve(
    node: Libp2p,
    { remotePeer, remoteAddr }: Connection,
    signal: AbortSignal
  ): Promise<Reservation> {
    const peer = remotePeer.toString()
    const listening = this.#listening.get(node) ?? new Set()
    this.#listening.set(node, listening)
    const failures = this.#failuresOf(node)
    failures.delete(peer)
    // A relay that was just starting, or was none then, may be one now.
    transportOf(node).reservationStore.relayFilter = { has: () => false, add: () => {} }
    if (listening.has(peer)) await transportOf(node).reservationStore.addRelay(remotePeer, 'configured')
    else {
      await componentsOf(node).transportManager.listen([remoteAddr.encapsulate('/p2p-circuit')])
      listening.add(peer)
    }
    signal.throwIfAborted()
    const reservation = this.of(node, remotePeer)
    if (reservation === undefined) throw failures.get(peer) ?? new Error('The relay gave no reservation')
    return reservation
  }

  #failuresOf(node: Libp2p): Map<string, unknown> {
    const failures = this.#failures.get(node) ?? keepFailures(transportOf(node))
    this.#failures.set(node, failures)
    return failures
  }

  /** The reservation that the node has at this relay; undefined when it has none. */
  of(node: Libp2p, relayID: PeerId): Reservation | undefined {
    const reservation = transportOf(node)?.reservationStore.getReservation(relayID)
    return reservation === undefined
      ? undefined
      : { reservedUntil: new Date(Number(reservation.expire) * 1_000) }
  }
}

/** Keeps what a store rejects with. */
function keepFailures({ reservationStore }: CircuitTransport): Map<string, unknown> {
  const failures = new Map<string, unknown>()
  const addRelay = reservationStore.addRelay.bind(reservationStore)
  reservationStore.addRelay = async (peerID, type) => {
    try {
      return await addRelay(peerID, type)
    } catch (error) {
      failures.set(peerID.toString(), error)
      throw error
    }
  }
  return failures
}

function transportOf(node: Libp2p): CircuitTransport {
  return componentsOf(node)
    .transportManager.getTransports()
    .find(({ [Symbol.toStringTag]: tag }) => tag === CIRCUIT_TRANSPORT) as CircuitTransport
}
