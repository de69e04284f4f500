/** How much may go at once after a rest, in s of the pace. Guess. */
const BURST_S = 0.25

/**
 * Lets bytes through at a pace. What has begun goes to its end: after it there is nothing until as much time has passed as it took.
 */
export class BytePace {
  readonly #bytesPerMs: number
  readonly #burstBytes: number
  #room: number
  #atMs: number | undefined

  /** @param bytesPerSecond in the long run; over 0, may be infinite */
  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond / 1_000
    this.#burstBytes = bytesPerSecond * BURST_S
    this.#room = this.#burstBytes
  }

  /** How many may go now; below 0 while more has gone than should have. */
  room(nowMs: number): number {
    if (this.#bytesPerMs === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
    const gained = Math.max(0, nowMs - (this.#atMs ?? nowMs)) * this.#bytesPerMs
    this.#room = Math.min(this.#burstBytes, this.#room + gained)
    this.#atMs = nowMs
    return this.#room
  }

  /** These go now. */
  spend(bytes: number, nowMs: number): void {
    if (this.room(nowMs) !== Number.POSITIVE_INFINITY) this.#room -= bytes
  }

  /** In how many ms something may go, 0 for now. */
  waitMs(nowMs: number): number {
    const room = this.room(nowMs)
    return room > 0 ? 0 : Math.ceil(-room / this.#bytesPerMs) + 1
  }
}

/** One of so many bytes per second; undefined: no limit. */
export function paceOf(bytesPerSecond: number | undefined): BytePace | undefined {
  return bytesPerSecond === undefined ? undefined : new BytePace(bytesPerSecond)
}
