// The original's way, where the application forwards: which neighbor is next, and no more than that.
import { clockwise, compareDistance, isSamePlace, type Place } from '../../shared/ring.ts'
import type { ReceiveMode } from './routing-engine.ts'

/** A member as far as one hop goes: where it is, and what it takes. */
export interface Hop {
  readonly place: Place
  readonly receiveMode: ReceiveMode
}

/**
 * Who is next on the way to an address: of those that answer for it (its owner, and all that receive what is nearest to them; oneself among them) the nearest. Where
 * nobody answers, the neighbor nearest to it that is nearer than oneself; undefined when there is none either. Each step leads nearer, so no message goes round.
 */
export function nextHop<T extends Hop>(own: T, neighbors: Iterable<T>, target: Place): T | undefined {
  if (isSamePlace(own.place, target)) return own
  let best = own.receiveMode === 'nearest' ? own : undefined
  let nearer: T = own
  for (const hop of neighbors) {
    if (compareDistance(target, hop.place, nearer.place) < 0) nearer = hop
    const answers = hop.receiveMode === 'nearest' || isSamePlace(hop.place, target)
    if (answers && (best === undefined || compareDistance(target, hop.place, best.place) < 0)) best = hop
  }
  return best ?? (nearer === own ? undefined : nearer)
}

/** The first neighbor on the ring in increasing direction, or in decreasing; undefined when there is none. */
export function ringNeighbor<T extends Hop>(
  own: Place,
  neighbors: Iterable<T>,
  direction: 'increasing' | 'decreasing'
): T | undefined {
  let best: T | undefined
  let least = Number.POSITIVE_INFINITY
  for (const hop of neighbors) {
    const distance = direction === 'increasing' ? clockwise(own, hop.place) : clockwise(hop.place, own)
    if (distance < least) {
      least = distance
      best = hop
    }
  }
  return best
}
