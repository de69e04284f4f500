/** How often it is looked how much was left out, in ms. */
const PERIOD_MS = 1_000

/** Of the pictures of a period, how many may have to be left out without consequence. Guess: one in ten is not seen. */
const TOLERATED = 0.1

/** What the bitrate is multiplied with when more were, and when none were for {@link CALM_MS}. Guess, after TCP: down fast, up slowly. */
const LESS = 0.75
const MORE = 1.1
const CALM_MS = 5_000

/** Below it pictures are of no use, in bits per second: then fewer of them is better. Guess. */
const MIN_BITRATE = 100_000

/** With how many bits pictures are encoded, from how many of them the network could not take. */
export class PicturePace {
  readonly #target: number
  #bitrate: number
  #periodAtMs: number
  #cutAtMs = Number.NEGATIVE_INFINITY
  #pictures = 0
  #leftOut = 0

  /** @param target in bits per second, which it begins with, and never exceeds */
  constructor(target: number, nowMs: number) {
    this.#target = target
    this.#bitrate = target
    this.#periodAtMs = nowMs
  }

  /** In bits per second. */
  get bitrate(): number {
    return this.#bitrate
  }

  /** A picture has come. @param isLeftOut the network has no room for it @returns is the bitrate another one now? */
  picture(isLeftOut: boolean, nowMs: number): boolean {
    this.#pictures += 1
    if (isLeftOut) this.#leftOut += 1
    if (nowMs - this.#periodAtMs < PERIOD_MS) return false
    const before = this.#bitrate
    this.#endPeriod(nowMs)
    return this.#bitrate !== before
  }

  #endPeriod(nowMs: number): void {
    if (this.#leftOut > this.#pictures * TOLERATED) {
      this.#bitrate = Math.min(this.#target, Math.max(MIN_BITRATE, Math.round(this.#bitrate * LESS)))
      this.#cutAtMs = nowMs
    } else if (nowMs - this.#cutAtMs >= CALM_MS) {
      this.#bitrate = Math.min(this.#target, Math.round(this.#bitrate * MORE))
    }
    this.#periodAtMs = nowMs
    this.#pictures = 0
    this.#leftOut = 0
  }
}
