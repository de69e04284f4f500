/** A step of more than this, forth or back, is a stream that was put together: guess. */
const MAX_STEP_US = 10_000_000

/** Turns the times that are written in a stream into times from its beginning that never go back. */
export class StreamClock {
  #raw: number | undefined
  #nowUs = 0

  /** The time of the stream now, in µs from its beginning. */
  get nowUs(): number {
    return this.#nowUs
  }

  /** The stream says that it is now so late, in µs of its own. Where it jumps, time stands still for that step. */
  tell(us: number): void {
    // What a broken stream has for a time is none.
    if (!Number.isFinite(us)) return
    const step = us - (this.#raw ?? us)
    // A little back is the order of pictures: wait until it has caught up.
    if (step < 0 && step > -MAX_STEP_US) return
    this.#raw = us
    if (step > 0 && step <= MAX_STEP_US) this.#nowUs += step
  }
}
