import { compareDistance, isSamePlace, type Place } from '../../shared/ring.ts'
import type { HeldMessage } from './pending-hops.ts'
import type { ReceiveMode, RoutedMessage } from './routing-engine.ts'
import { entryOf, includesEntry } from './trail.ts'

/** A member with whom there is a link. */
export interface RoutingNeighbor {
  readonly peer: string
  readonly place: Place
  /** Of its place, in trails. */
  readonly entry: Uint8Array
  /** 0: not known. */
  rttMs: number
  mode: ReceiveMode
  /** It did not acknowledge in time, and nothing of it has come since. */
  isSuspect: boolean
}

/** May a message be delivered to a member at this place that receives so? */
export function isFor(message: RoutedMessage, place: Place, mode: ReceiveMode): boolean {
  return (message.mode === 'nearest' && mode === 'nearest') || isSamePlace(place, message.target)
}

/** The neighbors, and which of them is nearest to what. */
export class RoutingNeighbors {
  readonly #byPeer = new Map<string, RoutingNeighbor>()

  /** A new one, or in the place of the one there was, whose receive mode it has until told otherwise. */
  set(peer: string, place: Place, rttMs: number): void {
    const mode = this.#byPeer.get(peer)?.mode ?? 'exact'
    this.#byPeer.set(peer, { peer, place, entry: entryOf(place), rttMs, mode, isSuspect: false })
  }

  delete(peer: string): void {
    this.#byPeer.delete(peer)
  }

  get(peer: string): RoutingNeighbor | undefined {
    return this.#byPeer.get(peer)
  }

  /** Changes what is known of one; nothing when it is no neighbor. */
  update(peer: string, change: Partial<Pick<RoutingNeighbor, 'rttMs' | 'mode' | 'isSuspect'>>): void {
    const neighbor = this.#byPeer.get(peer)
    if (neighbor !== undefined) Object.assign(neighbor, change)
  }

  /**
   * The one nearest to the target of those that a message may go to: those that have not had it, those for whom it may be, and none that was silent. With `than`
   * only one that is nearer than this place; with `mustTakeIt` only one for whom it may be. One pass, no sorting: this is done for each message.
   */
  nextFor(held: HeldMessage, than: Place | undefined, mustTakeIt: boolean): RoutingNeighbor | undefined {
    const { message, visited } = held.travel
    let nearest: RoutingNeighbor | undefined
    let place = than
    for (const neighbor of this.#byPeer.values()) {
      if (place !== undefined && compareDistance(message.target, neighbor.place, place) >= 0) continue
      const takesIt = isFor(message, neighbor.place, neighbor.mode)
      if (!takesIt && (mustTakeIt || includesEntry(visited, neighbor.entry))) continue
      if (isSilent(held, neighbor)) continue
      nearest = neighbor
      place = neighbor.place
    }
    return nearest
  }

  /** The one nearest to the target, if nearer than this place. */
  nearerTo(target: Place, than: Place): RoutingNeighbor | undefined {
    let nearest: RoutingNeighbor | undefined
    for (const neighbor of this.#byPeer.values())
      if (compareDistance(target, neighbor.place, nearest?.place ?? than) < 0) nearest = neighbor
    return nearest
  }

  /** The one with this entry in trails; the longest known, should there be two. */
  withEntry(entry: Uint8Array): RoutingNeighbor | undefined {
    for (const neighbor of this.#byPeer.values()) if (includesEntry(entry, neighbor.entry)) return neighbor
    return undefined
  }
}

/** Was it sent this message and did not answer? */
export function isSilent({ silent }: HeldMessage, { peer }: RoutingNeighbor): boolean {
  for (const other of silent) if (other.peer === peer) return true
  return false
}
