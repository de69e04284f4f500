/** How long something must wait unbroken until what leaves meanwhile is a measure of the uplink, in ms. Guess: several fragments to each child. */
const BUSY_MS = 500

/** A part of a new measure that counts. Guess. */
const GAIN = 0.5

/** What is assumed when nothing is known: so many copies of the stream. Guess: a member that gives as much as it takes, and a little more. */
const FIRST_COPIES = 2

/** The part of the uplink that pushes may take. Rule M1. */
const PUSHED_PART = 0.9

/** What this member can send, measured while more waits than leaves. */
export class Uplink {
  #kbps: number | undefined
  #busySinceMs: number | undefined
  #busyBytes = 0
  #isMeasured = false
  #isTold = false

  constructor(bitsPerSecond: number | undefined) {
    this.#kbps = bitsPerSecond === undefined ? undefined : bitsPerSecond / 1_000
  }

  /** Was it measured? Until then it is a guess. */
  get isMeasured(): boolean {
    return this.#isMeasured
  }

  kbps(rateKbps: number): number {
    return this.#kbps ?? FIRST_COPIES * rateKbps
  }

  /** Stripes that can be pushed. Rule M1. */
  slots(rateKbps: number, stripes: number): number {
    return Math.floor((PUSHED_PART * this.kbps(rateKbps) * stripes) / rateKbps)
  }

  /** Somebody else has measured it. */
  onTold(bitsPerSecond: number): void {
    this.#kbps = bitsPerSecond / 1_000
    this.#isMeasured = true
    this.#isTold = true
  }

  /** It carries so many slots without a queue: at least that, unless somebody else has measured it. What was measured here may have been a busy moment. */
  onSlots(slots: number, rateKbps: number, stripes: number): void {
    if (this.#isTold) return
    // A little more, so that rounding does not take it away.
    const kbps = (slots * rateKbps) / stripes / PUSHED_PART + 1
    this.#kbps = Math.max(this.kbps(rateKbps), kbps)
  }

  /** Something waits behind what is being sent. */
  onBusy(nowMs: number): void {
    if (this.#busySinceMs !== undefined) return
    this.#busySinceMs = nowMs
    this.#busyBytes = 0
  }

  onSent(bytes: number, nowMs: number): void {
    if (this.#busySinceMs === undefined) return
    this.#busyBytes += bytes
    const busyMs = nowMs - this.#busySinceMs
    if (busyMs < BUSY_MS) return
    const measured = (8 * this.#busyBytes) / busyMs
    this.#kbps =
      this.#isMeasured && this.#kbps !== undefined ? this.#kbps + GAIN * (measured - this.#kbps) : measured
    this.#isMeasured = true
    this.#busySinceMs = nowMs
    this.#busyBytes = 0
  }

  /** Nothing waits. */
  onIdle(): void {
    this.#busySinceMs = undefined
  }
}
