import type { RelayReservation } from '@libp2p/circuit-relay-v2'
import type { PeerId } from '@libp2p/interface'
import type { Clock, Timer } from '../net/clock.ts'

/** What it needs of libp2p's store of reservations. */
export interface Reservations {
  get(peerID: PeerId): Pick<RelayReservation, 'signal'> | undefined
  delete(peerID: PeerId): void
}

/**
 * Ends the reservations of peers that are gone. libp2p keeps them for up to 2 h (circuit-relay-v2 4.2), and the places are few: they end
 * when registrations do.
 */
export class DepartedReservations {
  readonly #reservations: Reservations
  readonly #clock: Clock
  readonly #graceMs: number
  readonly #leaving = new Map<string, Timer>()

  /** @param graceMs how long a reservation outlives its peer's last connection */
  constructor(reservations: Reservations, clock: Clock, graceMs: number) {
    this.#reservations = reservations
    this.#clock = clock
    this.#graceMs = graceMs
  }

  /** The peer's last connection closed. */
  left(peerID: PeerId): void {
    if (this.#reservations.get(peerID) === undefined) return
    this.came(peerID)
    const end = (): void => {
      this.#leaving.delete(peerID.toString())
      // Its signal would otherwise, at its time, delete the reservation that the peer may have by then.
      this.#reservations.get(peerID)?.signal.clear()
      this.#reservations.delete(peerID)
    }
    this.#leaving.set(peerID.toString(), this.#clock.setTimer(end, this.#graceMs))
  }

  /** The peer has a connection again: its reservation stays. */
  came(peerID: PeerId): void {
    this.#leaving.get(peerID.toString())?.cancel()
    this.#leaving.delete(peerID.toString())
  }

  /** Forgets whom it waits for. */
  close(): void {
    for (const timer of this.#leaving.values()) timer.cancel()
    this.#leaving.clear()
  }
}
