import type { RoutingNeighbor } from './routing-neighbors.ts'

/** An acknowledgement is waited for so many round trips: rule T7. */
const ACK_ROUND_TRIPS = 3

/** So many for a neighbor that did not answer last time: it may be gone, and its link does not know yet. Guess: late ones are waited for seldom in vain. */
const SUSPECT_ROUND_TRIPS = 1.5

/** And not shorter than this, in ms. Guess: what a busy process or a phone takes to answer. */
const MIN_ACK_MS = 100

/** Nor longer, in ms: rule T7. As long for a neighbor whose round trip time is not known. */
const MAX_ACK_MS = 1_000

/** The last one that is left is waited for so long, in ms. Guess: its link lives, so it is more likely late than gone. */
const LAST_ACK_MS = 2_000

/** How long the acknowledgement of a neighbor is waited for, in ms. @param isLastTry nobody else is left */
export function ackWaitMs({ rttMs, isSuspect }: RoutingNeighbor, isLastTry: boolean): number {
  if (isLastTry) return LAST_ACK_MS
  const roundTrips = isSuspect ? SUSPECT_ROUND_TRIPS : ACK_ROUND_TRIPS
  const longestMs = (MAX_ACK_MS * roundTrips) / ACK_ROUND_TRIPS
  return rttMs > 0 ? Math.min(Math.max(roundTrips * rttMs, MIN_ACK_MS), longestMs) : longestMs
}
