import type { FragmentStore } from './fragment-store.ts'
import type { MulticastNeighbor } from './multicast-neighbor.ts'
import type { MulticastParameters } from './multicast-parameters.ts'
import type { StreamRate } from './stream-rate.ts'

/** What all parts of an engine look at. */
export interface StreamState {
  readonly isPublisher: boolean
  /** How many there are. */
  readonly stripes: number
  readonly random: () => number
  readonly digest: number
  readonly store: FragmentStore
  readonly rate: StreamRate
  /** Round trips to all neighbors in the group, in ms, by peer: who does not carry the stream may be about to. */
  readonly links: ReadonlyMap<string, number>
  /** Those that carry the stream, by peer. */
  readonly neighbors: Map<string, MulticastNeighbor>
  parameters: MulticastParameters
  /** The own uplink, in kbit/s, as it is told. */
  uplinkKbps: number
}

/** Children that one stripe has in a shallow tree. Guess: as many as {@link PUSH_NEIGHBOR_LIMIT}. */
const FAN_OUT = 4

/**
 * To how many stripes a member of this uplink can be near the publisher: it has slots for so many whole families. Who takes more near the publisher makes a chain
 * of them. (Measured, bench/swarm/multicast.ts, N = 50: where four neighbors took all stripes of the publisher, trees were 4 to 8 deep instead of 3.)
 */
export function fairShare(uplinkKbps: number, rateKbps: number, stripes: number): number {
  return Math.max(1, Math.floor((0.9 * uplinkKbps * stripes) / rateKbps / FAN_OUT))
}

export function bitCount(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1
  return count
}

/** The first number after `number` that belongs to the stripe. */
export function nextOf(stripe: number, number: number, stripes: number): number {
  const next = number + 1
  return next + ((((stripe - next) % stripes) + stripes) % stripes)
}
