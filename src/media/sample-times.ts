/** Times that differ from what the samples before them come to by more than this, in µs, are not those of the next sample: something is missing. Guess: above what devices' times vary, below what is heard. */
const TOLERANCE_US = 5_000

/** From a sample on, times are these. */
interface Stretch {
  /** How much sound was before it, in µs. */
  readonly positionUs: number
  readonly timeUs: number
}

/** The times of sound that an encoder gives out in pieces of another length than it takes. Encoders count samples, and do not notice when some are missing. */
export class SampleTimes {
  readonly #stretches: Stretch[] = []
  #inUs = 0
  #outUs = 0

  /** The encoder takes so much sound of this time. */
  put(timeUs: number, durationUs: number): void {
    const last = this.#stretches.at(-1)
    const expectedUs = last === undefined ? Number.NaN : last.timeUs + this.#inUs - last.positionUs
    if (!(Math.abs(timeUs - expectedUs) <= TOLERANCE_US))
      this.#stretches.push({ positionUs: this.#inUs, timeUs })
    this.#inUs += durationUs
  }

  /** It gives out so much. @returns its time: undefined when it has not taken anything yet */
  take(durationUs: number): number | undefined {
    for (;;) {
      const [first, second] = this.#stretches
      if (first === undefined) return undefined
      if (second === undefined || second.positionUs > this.#outUs) {
        const timeUs = first.timeUs + this.#outUs - first.positionUs
        this.#outUs += durationUs
        return timeUs
      }
      this.#stretches.shift()
    }
  }
}
