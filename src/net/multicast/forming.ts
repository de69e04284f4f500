import { pause } from '../pause.ts'
import type { CarriedStream } from './carried-stream.ts'
import type { StreamsRunner } from './streams-runner.ts'

/** How often it is looked, in ms. */
const LOOK_MS = 10

/**
 * Who waits for a stream has heard of it and said so within this and two round trips, in ms; and has its places in the trees within the second and four more, or is not waited for. What goes out before goes to
 * nobody, and has to be asked for piece by piece. Guesses. Measured, three viewers: 0.3 s on a local network, 1.6 s with round trips of 0.3 s.
 */
const LOOKING_MS = 150
const LOOKING_ROUND_TRIPS = 2
const FORMING_MS = 1_500
const FORMING_ROUND_TRIPS = 4

/** No neighbor is held to be farther, in ms, and one of which nothing is known so far. Guess. */
const LONGEST_RTT_MS = 500

/** Resolves when those who were waiting for a stream that begins can be pushed to, or nobody waits. @param isClosed it is not to begin any more */
export async function untilFormed(
  runner: StreamsRunner,
  carried: CarriedStream,
  isClosed: () => boolean
): Promise<void> {
  const { clock } = runner.host
  const startMs = clock.now()
  while (!isClosed() && !isOver(runner, carried, clock.now() - startMs)) await pause(clock, LOOK_MS)
}

function isOver({ roundTripsMs }: StreamsRunner, carried: CarriedStream, sinceMs: number): boolean {
  if (roundTripsMs.length === 0) return true
  const known = roundTripsMs.map(rttMs => Math.min(rttMs ?? LONGEST_RTT_MS, LONGEST_RTT_MS))
  const rttMs = Math.max(...known)
  if (sinceMs >= FORMING_MS + FORMING_ROUND_TRIPS * rttMs) return true
  return sinceMs >= LOOKING_MS + LOOKING_ROUND_TRIPS * rttMs && carried.isFormed
}
