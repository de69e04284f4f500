/**
 * When operations take longer than this in the mean, in ms, the disk is slow. Guess: what is in the system's memory takes a fiftieth of it, what comes from a turning disk ten times as long.
 */
const SLOW_MS = 1

/**
 * After so many operations that held up the process one is left to a thread: what reads a file from end to end would else let nothing in between, no timer and no Ctrl-C, since whatever is done at once leaves
 * no pause. Guess: with their hashes 64 of 64 KiB take 4 ms where all is quick.
 */
const IN_A_ROW = 64

/** How much the latest operation counts in the mean: one of 8 ms says enough, a process that lost its processor for 5 ms does not. */
const GAIN = 1 / 8

/** For how long a disk is taken for slow, in ms: what tries it again then holds up the process once. Guess. */
const SLOW_FOR_MS = 500

/**
 * Whether files may be read and written at once, holding up the process, or by Node's threads. Most that is served has just been written or read, and is in the system's cache, where 64 KiB take 17 µs; by
 * a thread they take 40 µs of processor time, and the waking of the thread many times that where every processor is busy. Measured: a fetch of 256 MiB between two processes on two
 * processors spends 0.5 ms in each call of `FileHandle.read` and `write`, half of its time.
 */
export class DiskSpeed {
  readonly #nowMs: () => number
  #meanMs = 0
  #slowUntilMs = Number.NEGATIVE_INFINITY
  #inARow = 0

  /** @param nowMs never goes back */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /** Is it quick enough to wait for? */
  get isFast(): boolean {
    return this.#inARow < IN_A_ROW && this.#nowMs() >= this.#slowUntilMs
  }

  /** Something was left to a thread: meanwhile others had their turn. */
  onPause(): void {
    this.#inARow = 0
  }

  /** Does this at once, and looks how long it takes. */
  time<T>(work: () => T): T {
    const startMs = this.#nowMs()
    this.#inARow += 1
    try {
      return work()
    } finally {
      const endMs = this.#nowMs()
      this.#meanMs += (endMs - startMs - this.#meanMs) * GAIN
      if (this.#meanMs > SLOW_MS) {
        this.#meanMs = 0
        this.#slowUntilMs = endMs + SLOW_FOR_MS
      }
    }
  }
}
