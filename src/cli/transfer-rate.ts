/** A rate is told over this long: longer, and it says too late that all stands still; shorter, and it jumps. Guess. */
const WINDOW_MS = 5_000

/** How fast something grows, over the last {@link WINDOW_MS}. */
export class TransferRate {
  readonly #samples: { atMs: number; bytes: number }[] = []

  /** @param bytes in all so far @param nowMs never goes back */
  add(bytes: number, nowMs: number): void {
    this.#samples.push({ atMs: nowMs, bytes })
    // One that is older than the window stays: from there the rate is counted.
    while ((this.#samples[1]?.atMs ?? nowMs) <= nowMs - WINDOW_MS) this.#samples.shift()
  }

  /** Bytes per second; 0 while there is nothing to tell it by. */
  at(nowMs: number): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (first === undefined || last === undefined || nowMs <= first.atMs) return 0
    const bytes = Math.max(0, last.bytes - first.bytes)
    return bytes / ((nowMs - first.atMs) / 1_000)
  }
}
