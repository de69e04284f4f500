import type { Clock, Timer } from '../../src/testing.ts'

/** Longest step of {@link VirtualClock.advance}, in ms: shorter than any pause after which a link is given up. */
const STEP_MS = 1_000

/** Turns of the event loop after each step, so that what the timers sent has arrived and been answered over the memory transport. */
const TURNS = 20

/** Steps of {@link VirtualClock.during}, in ms. */
const PACE_MS = 5

/** A clock that stands still until it is moved. Starts in 2033: nothing that reads this machine's clock by mistake goes unnoticed. */
export class VirtualClock implements Clock {
  #nowMs: number
  #elapsedMs = 0
  readonly #timers = new Set<{ atMs: number; callback: () => void }>()

  constructor(startMs = 2_000_000_000_000) {
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  setTimer(callback: () => void, afterMs: number): Timer {
    const timer = { atMs: this.#elapsedMs + afterMs, callback }
    this.#timers.add(timer)
    return { cancel: () => this.#timers.delete(timer) }
  }

  /** Lets time pass: timers fire in their order, and what they set off takes its course before the next. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms
    while (this.#elapsedMs < untilMs) {
      const next = [...this.#timers].sort((a, b) => a.atMs - b.atMs)[0]
      const toMs = Math.max(
        this.#elapsedMs,
        Math.min(next?.atMs ?? untilMs, this.#elapsedMs + STEP_MS, untilMs)
      )
      this.#nowMs += toMs - this.#elapsedMs
      this.#elapsedMs = toMs
      for (const timer of this.#timers) {
        if (timer.atMs > toMs) continue
        this.#timers.delete(timer)
        timer.callback()
      }
      for (let turn = 0; turn < TURNS; turn++) await new Promise(resolve => setImmediate(resolve))
    }
  }

  /** Lets time pass at its usual pace until this has come about. */
  async during<T>(outcome: Promise<T>): Promise<T> {
    let isPending = true
    const settle = (): void => {
      isPending = false
    }
    outcome.then(settle, settle)
    for (let last = Date.now(); isPending; ) {
      await new Promise(resolve => setTimeout(resolve, PACE_MS))
      const now = Date.now()
      await this.advance(now - last)
      last = now
    }
    return await outcome
  }

  /** Sets the time of day: no timer notices. */
  set(nowMs: number): void {
    this.#nowMs = nowMs
  }
}
