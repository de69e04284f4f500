import { SlidingExtremes } from './sliding-extremes.ts'

/** How long a device's best time counts, in ms: so slowly its clock may drift. Guess. */
const WINDOW_MS = 10_000

/** A device whose times jump by more than this, in µs, has begun anew. */
const JUMP_US = 1_000_000

/**
 * Brings the times of a device to the page's. Devices count from anywhere (Chromium's cameras from the start of the machine, its microphones from their own), and what they gave comes with a varying delay: the least of the last
 * seconds is taken, so that sound and pictures of one moment get one time.
 */
export class CaptureClock {
  readonly #delays = new SlidingExtremes(WINDOW_MS)
  #lastUs = -1

  /** Something came at this moment of the page. @param deviceUs its time, as the device says */
  arrived(deviceUs: number, nowMs: number): void {
    const delayUs = nowMs * 1_000 - deviceUs
    if (delayUs - this.#delays.min > JUMP_US) this.#delays.clear()
    this.#delays.add(delayUs, nowMs)
  }

  /** The same as the page has it: whole µs from 0, each later than the one before. Something must have come. */
  timeOf(deviceUs: number): number {
    const us = Math.max(0, Math.round(deviceUs + this.#delays.min), this.#lastUs + 1)
    this.#lastUs = us
    return us
  }
}
