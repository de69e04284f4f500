import type { StreamState } from './stream-state.ts'
import type { Uplink } from './uplink.ts'

/** When the oldest push waits so long, the uplink carries too much, in ms; and when it carries more. Rule M7. */
const CROWDED_MS = 350
const ROOMY_MS = 120

/** A queue this long is no burst, whatever was measured, in ms: a keyframe takes 200. Guess. */
const OVERFULL_MS = 800

/** Between two that are shed, in ms. Rule M7: faster takes away more slots than there is surplus. */
const SHED_EVERY_MS = 1_000

/** How long the queue must be short until one more slot is tried, in ms; and after one was shed, or where the uplink has been measured. Rule M7: "after seconds". */
const GROW_AFTER_MS = 4_000
const GROW_LATER_MS = 15_000

/** Slots a member always has, whatever is measured. Guess: who gives nothing would still hand on what nobody else has. */
const MIN_SLOTS = 1

/** The least part of the uplink that is counted on for pulls. Guess: between pushes there is always some room. */
const LEAST_SPARE = 0.05

/** How many stripes this member can push, and to how many more or fewer. Rules M1, M7. */
export class Slots {
  readonly #state: StreamState
  readonly #uplink: Uplink
  #count = MIN_SLOTS
  #shedMs = 0
  #growMs = 0

  constructor(state: StreamState, uplink: Uplink) {
    this.#state = state
    this.#uplink = uplink
  }

  get count(): number {
    return this.#count
  }

  /** What pushes leave of the uplink, in kbit/s. @param used slots that are taken */
  spareKbps(used: number, nowMs: number): number {
    const { rate, stripes } = this.#state
    const rateKbps = rate.kbps(nowMs)
    const uplinkKbps = this.#uplink.kbps(rateKbps)
    return Math.max(LEAST_SPARE * uplinkKbps, uplinkKbps - (used * rateKbps) / stripes)
  }

  /** Counts anew. */
  update(nowMs: number): void {
    const { stripes, isPublisher, parameters, rate } = this.#state
    const most = parameters.multicastPushNeighborLimit * stripes
    const slots = Math.max(MIN_SLOTS, this.#uplink.slots(rate.kbps(nowMs), stripes))
    // A publisher's stripes are alike: one that has no slot would starve.
    this.#count = Math.min(isPublisher ? Math.max(slots, stripes) : slots, most)
  }

  /** Looks at the queue. @param longestMs how long the oldest push has been waiting @returns is a child to be given up? */
  watch(longestMs: number, used: number, nowMs: number): boolean {
    if (longestMs > ROOMY_MS || used < this.#count)
      this.#growMs = Math.max(this.#growMs, nowMs + this.#growAfterMs)
    const isOver = used > this.#count || longestMs > OVERFULL_MS
    if (longestMs > CROWDED_MS && isOver && nowMs - this.#shedMs >= SHED_EVERY_MS) {
      this.#shedMs = nowMs
      this.#growMs = nowMs + GROW_LATER_MS
      return true
    }
    if (nowMs >= this.#growMs) {
      const { rate, stripes } = this.#state
      const rateKbps = rate.kbps(nowMs)
      this.#uplink.onSlots(used + 1, rateKbps, stripes)
      this.#growMs = nowMs + this.#growAfterMs
    }
    return false
  }

  get #growAfterMs(): number {
    return this.#uplink.isMeasured ? GROW_LATER_MS : GROW_AFTER_MS
  }
}
