/** What has come to one viewer. */
export interface ArrivalsFigures {
  /** From being sent to being there for the first time, in ms. */
  readonly delaysMs: readonly number[]
  /** Of all that came, duplicates too. */
  readonly bytes: number
}

/** Now, in ms since 1970, on a clock that runs evenly and that all processes of a machine share. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now()
}

/** The same in µs: a timestamp that says when something was sent. */
export function nowUs(): number {
  return Math.round(nowMs() * 1_000)
}

/** Takes down what comes to one viewer: frames, or their pieces. */
export class Arrivals {
  readonly #delays = new Map<number, number>()
  #bytes = 0

  /** @param key which one it is @param timestamp when it was sent, in µs */
  add(key: number, timestamp: number): void {
    if (!this.#delays.has(key)) this.#delays.set(key, nowMs() - timestamp / 1_000)
  }

  addBytes(bytes: number): void {
    this.#bytes += bytes
  }

  get figures(): ArrivalsFigures {
    return { delaysMs: [...this.#delays.values()], bytes: this.#bytes }
  }
}
