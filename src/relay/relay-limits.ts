/** What a relay gives to its clients at most. What is over a limit is refused; nobody who is served already is cut off for it. */
export interface RelayLimits {
  /** Peers that may be reached through this relay at a time. */
  maxReservations: number
  /** Relayed connections that one peer may have at a time, as the one who dials and as the one who is dialed together. */
  maxCircuitsPerPeer: number
  /** How long one relayed connection may last, in ms. */
  circuitDurationMs: number
  /** How much one relayed connection may carry, in bytes, both ways together. */
  circuitBytes: number
  /** Groups that one peer may register in. */
  maxRegistrationsPerPeer: number
}

/**
 * libp2p's own (15 reservations, 2 minutes, 128 KiB) are for a first introduction before hole punching; a netgroup relay carries members
 * who cannot become direct.
 *
 * - `maxReservations` 1,024: a reservation is a connection, and most systems give a process 1,024 to 4,096 open files by default, of which
 *   members without a reservation need some too.
 * - `maxCircuitsPerPeer` 64: a member of a large group has about log2 N + 13 neighbors (28 of 30,000), so this is two such groups with
 *   nobody direct.
 * - `circuitDurationMs` 1 hour: a lesson, a meeting; then the circuit is made again, which takes a second. It is what ends circuits whose
 *   ends have both forgotten them.
 * - `circuitBytes` 256 MiB: an hour at 0.6 Mbit/s, so that chat, files of ordinary size and audio pass and a film does not.
 * - `maxRegistrationsPerPeer` 64: a registration per group, and few people are in more than a dozen.
 */
export const DEFAULT_RELAY_LIMITS: RelayLimits = {
  maxReservations: 1_024,
  maxCircuitsPerPeer: 64,
  circuitDurationMs: 3_600_000,
  circuitBytes: 268_435_456,
  maxRegistrationsPerPeer: 64
}

/** Longest timer of JavaScript, in ms: what is over it would fire at once. */
const MAX_TIMER_MS = 2_147_483_647

/**
 * The given limits over {@link DEFAULT_RELAY_LIMITS}.
 *
 * @throws RangeError for what is no positive integer, or a duration over 24 days
 */
export function relayLimits(given: Partial<RelayLimits> = {}): RelayLimits {
  const limits = { ...DEFAULT_RELAY_LIMITS, ...withoutUndefined(given) }
  for (const [name, value] of Object.entries(limits))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(
        `Cannot start a relay: limits.${name} is ${value}, it has to be a positive integer`
      )
  if (limits.circuitDurationMs > MAX_TIMER_MS)
    throw new RangeError(`Cannot start a relay: limits.circuitDurationMs is over ${MAX_TIMER_MS} ms`)
  return limits
}

function withoutUndefined(limits: Partial<RelayLimits>): Partial<RelayLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}
