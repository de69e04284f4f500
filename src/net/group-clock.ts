import type { Clock } from './clock.ts'

/** A difference to the neighbors' clocks that matters: below it, the own clock counts. */
const SKEW_MS = 30_000

/**
 * The group's time: the own clock, corrected by the median difference to the neighbors' clocks when that is over 30 s, so that a wrong clock does
 * not cut its owner off. The skew is told once, when it is first found.
 */
export class GroupClock {
  readonly #clock: Clock
  readonly #onSkew: (offsetMs: number) => void
  #correctionMs = 0
  #isTold = false

  constructor(clock: Clock, onSkew: (offsetMs: number) => void) {
    this.#clock = clock
    this.#onSkew = onSkew
  }

  /** ms since 1970. */
  now(): number {
    return this.#clock.now() + this.#correctionMs
  }

  /** @param offsetsMs each neighbor's clock minus ours */
  update(offsetsMs: readonly number[]): void {
    const median = medianOf(offsetsMs)
    this.#correctionMs = Math.abs(median) > SKEW_MS ? median : 0
    if (this.#correctionMs === 0 || this.#isTold) return
    this.#isTold = true
    this.#onSkew(median)
  }
}

/** 0 of none; of two in the middle the one nearer to 0, so that of two neighbors one liar is not enough to move the clock. */
function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const low = sorted[(sorted.length - 1) >> 1] ?? 0
  const high = sorted[sorted.length >> 1] ?? 0
  return Math.abs(low) < Math.abs(high) ? low : high
}
