import { MAX_ORDERED_SENDERS, MAX_WAITING_PER_SENDER, ORDER_GAP_MS } from '../wire/limits.ts'
import type { Clock, Timer } from './clock.ts'

/** Where one sender is. */
interface SenderState<T> {
  /** The sequence number that is delivered next without waiting. */
  next: number
  /** What came before its turn, in the order in which it came, and until when it waits. */
  readonly waiting: Map<number, { item: T; untilMs: number }>
  timer: Timer | undefined
}

/**
 * Puts the posts of each sender into the order in which they were sent. A gap is waited for, at most {@link ORDER_GAP_MS}; what comes later than that
 * is delivered late rather than never. The first post heard of a sender waits too unless it is the sender's first: one before it
 * may be on the way.
 */
export class SenderOrder<T> {
  readonly #clock: Clock
  readonly #deliver: (item: T) => void
  readonly #senders = new Map<string, SenderState<T>>()

  constructor(clock: Clock, deliver: (item: T) => void) {
    this.#clock = clock
    this.#deliver = deliver
  }

  /** One post has come. @param sender peer and session @param sequence from 1, contiguous */
  add(sender: string, sequence: number, item: T): void {
    const state = this.#stateOf(sender)
    if (sequence < state.next) {
      this.#deliver(item)
      return
    }
    if (!state.waiting.has(sequence))
      state.waiting.set(sequence, { item, untilMs: this.#clock.now() + ORDER_GAP_MS })
    this.#deliverContiguous(state)
    if (state.waiting.size > MAX_WAITING_PER_SENDER) this.#skipGap(state)
    this.#waitForGap(state)
  }

  /** Delivers nothing any more, and forgets what waits. */
  close(): void {
    for (const { timer } of this.#senders.values()) timer?.cancel()
    this.#senders.clear()
  }

  #stateOf(sender: string): SenderState<T> {
    const known = this.#senders.get(sender)
    const state: SenderState<T> = known ?? { next: 1, waiting: new Map(), timer: undefined }
    // The longest silent is the first to be forgotten.
    this.#senders.delete(sender)
    this.#senders.set(sender, state)
    if (this.#senders.size > MAX_ORDERED_SENDERS) {
      const [oldest, { timer, waiting }] = this.#senders.entries().next().value as [string, SenderState<T>]
      timer?.cancel()
      this.#senders.delete(oldest)
      for (const { item } of waiting.values()) this.#deliver(item)
    }
    return state
  }

  #deliverContiguous(state: SenderState<T>): void {
    for (let next = state.waiting.get(state.next); next !== undefined; next = state.waiting.get(state.next)) {
      state.waiting.delete(state.next)
      state.next += 1
      this.#deliver(next.item)
    }
  }

  /** Gives up what is missing before the earliest that waits. */
  #skipGap(state: SenderState<T>): void {
    if (state.waiting.size === 0) return
    state.next = Math.min(...state.waiting.keys())
    this.#deliverContiguous(state)
  }

  /** Sets the timer to the moment when the one that came first of those that wait has waited long enough. */
  #waitForGap(state: SenderState<T>): void {
    state.timer?.cancel()
    state.timer = undefined
    const [first] = state.waiting.values()
    if (first === undefined) return
    // Not longer when the time of day was set back meanwhile.
    const afterMs = Math.min(first.untilMs - this.#clock.now(), ORDER_GAP_MS)
    state.timer = this.#clock.setTimer(() => this.#onTimer(state, first.untilMs), afterMs)
  }

  /** Whatever has waited long enough goes out, and what precedes it goes before it, however many gaps there are. */
  #onTimer(state: SenderState<T>, dueMs: number): void {
    const isOverdue = (): boolean => [...state.waiting.values()].some(({ untilMs }) => untilMs <= dueMs)
    while (isOverdue()) this.#skipGap(state)
    this.#waitForGap(state)
  }
}
