import type { Connection, Libp2p, Listener, PeerId, Transport } from '@libp2p/interface'
import { componentsOf } from './node-components.ts'

/** Parts of libp2p that are not in its public types. Seen in libp2p 3.3.11 and @libp2p/circuit-relay-v2 4.2.13. */
interface CircuitTransport extends Transport {
  readonly reservationStore: {
    /** Relays that are never tried again, for the life of the process. */
    relayFilter: { has(relay: Uint8Array): boolean; add(relay: Uint8Array): void }
    /** `expire`: seconds since 1970. */
    getReservation(peerID: PeerId): { readonly expire: bigint } | undefined
  }
}

/** The listener of a relay: `listen` reserves, and may be called again. */
type CircuitListener = Listener & { listen(address: unknown): Promise<void> }

const CIRCUIT_TRANSPORT = '@libp2p/circuit-relay-v2-transport'

/** A place at a relay. */
export interface Reservation {
  readonly reservedUntil: Date
}

/**
 * Makes reservations at relays, again and again if need be: libp2p itself does not make one again after a relay restarts (js-libp2p #3601). One listener per
 * relay, however often: since every listener more would hear every event once more, and one beside a reservation that stands has no address.
 */
export class CircuitReservations {
  readonly #listeners = new WeakMap<Libp2p, Map<string, CircuitListener>>()

  /** Resolves when the node has an address at the relay at the other end of this connection. Rejects with the relay's or the network's reason. */
  async reserve(
    node: Libp2p,
    { remotePeer, remoteAddr }: Connection,
    signal: AbortSignal
  ): Promise<Reservation> {
    // A relay that was just starting, or was none then, may be one now.
    transportOf(node).reservationStore.relayFilter = { has: () => false, add: () => {} }
    const address = remoteAddr.encapsulate('/p2p-circuit')
    const peer = remotePeer.toString()
    const listener = this.#listenersOf(node).get(peer) ?? (await this.#listen(node, peer, address))
    // Also when the first time failed: a transport manager that tolerates faults keeps the reason to itself.
    if (listener.getAddrs().length === 0) await listener.listen(address)
    signal.throwIfAborted()
    const reservation = this.of(node, remotePeer)
    if (reservation === undefined || listener.getAddrs().length === 0)
      throw new Error('The relay gave no reservation')
    return reservation
  }

  /** The reservation that the node has at this relay; undefined when it has none. */
  of(node: Libp2p, relayID: PeerId): Reservation | undefined {
    const reservation = transportOf(node)?.reservationStore.getReservation(relayID)
    return reservation === undefined
      ? undefined
      : { reservedUntil: new Date(Number(reservation.expire) * 1_000) }
  }

  async #listen(node: Libp2p, peer: string, address: Connection['remoteAddr']): Promise<CircuitListener> {
    const { transportManager } = componentsOf(node)
    const before = new Set(transportManager.getListeners())
    const listening = transportManager.listen([address])
    // It is there before anything is waited for.
    const listener = transportManager.getListeners().find(each => !before.has(each)) as CircuitListener
    this.#listenersOf(node).set(peer, listener)
    await listening
    return listener
  }

  #listenersOf(node: Libp2p): Map<string, CircuitListener> {
    const listeners = this.#listeners.get(node) ?? new Map()
    this.#listeners.set(node, listeners)
    return listeners
  }
}

function transportOf(node: Libp2p): CircuitTransport {
  return componentsOf(node)
    .transportManager.getTransports()
    .find(({ [Symbol.toStringTag]: tag }) => tag === CIRCUIT_TRANSPORT) as CircuitTransport
}
