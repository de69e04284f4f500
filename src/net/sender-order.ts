import { MAX_ORDERED_SENDERS, MAX_WAITING_PER_SENDER, ORDER_GAP_MS } from '../wire/limits.ts'
import type { Clock, Timer } from './clock.ts'

/** Where one sender is. */
interface SenderState<T> {
  /** The sequence number that is delivered next without waiting. */
  next: number
  /** What came before its turn; undefined when nothing did, as with nearly all of the many senders that are remembered. */
  waiting: Waiting<T> | undefined
  timer: Timer | undefined
}

/** By sequence number, in the order in which it came, and until when it waits. */
type Waiting<T> = Map<number, { item: T; untilMs: number }>

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
    if (sequence === state.next && state.waiting === undefined) {
      state.next += 1
      this.#deliver(item)
      return
    }
    state.waiting ??= new Map()
    if (!state.waiting.has(sequence))
      state.waiting.set(sequence, { item, untilMs: this.#clock.now() + ORDER_GAP_MS })
    this.#deliverContiguous(state)
    if (waitingOf(state).length > MAX_WAITING_PER_SENDER) this.#skipGap(state)
    this.#waitForGap(state)
  }

  /** Delivers nothing any more, and forgets what waits. */
  close(): void {
    for (const { timer } of this.#senders.values()) timer?.cancel()
    this.#senders.clear()
  }

  #stateOf(sender: string): SenderState<T> {
    const known = this.#senders.get(sender)
    const state: SenderState<T> = known ?? { next: 1, waiting: undefined, timer: undefined }
    // The longest silent is the first to be forgotten.
    this.#senders.delete(sender)
    this.#senders.set(sender, state)
    if (this.#senders.size > MAX_ORDERED_SENDERS) {
      const [oldest, forgotten] = this.#senders.entries().next().value as [string, SenderState<T>]
      forgotten.timer?.cancel()
      this.#senders.delete(oldest)
      for (const { item } of waitingOf(forgotten)) this.#deliver(item)
    }
    return state
  }

  #deliverContiguous(state: SenderState<T>): void {
    for (let next = nextOf(state); next !== undefined; next = nextOf(state)) {
      state.waiting?.delete(state.next)
      if (state.waiting?.size === 0) state.waiting = undefined
      state.next += 1
      this.#deliver(next.item)
    }
  }

  /** Gives up what is missing before the earliest that waits. */
  #skipGap(state: SenderState<T>): void {
    if (state.waiting === undefined) return
    state.next = Math.min(...state.waiting.keys())
    this.#deliverContiguous(state)
  }

  /** Sets the timer to the moment when the one that came first of those that wait has waited long enough. */
  #waitForGap(state: SenderState<T>): void {
    state.timer?.cancel()
    state.timer = undefined
    const [first] = waitingOf(state)
    if (first === undefined) return
    // Not longer when the time of day was set back meanwhile.
    const afterMs = Math.min(first.untilMs - this.#clock.now(), ORDER_GAP_MS)
    state.timer = this.#clock.setTimer(() => this.#onTimer(state, first.untilMs), afterMs)
  }

  /** Whatever has waited long enough goes out, and what precedes it goes before it, however many gaps there are. */
  #onTimer(state: SenderState<T>, dueMs: number): void {
    const isOverdue = (): boolean => waitingOf(state).some(({ untilMs }) => untilMs <= dueMs)
    while (isOverdue()) this.#skipGap(state)
    this.#waitForGap(state)
  }
}

function nextOf<T>({ waiting, next }: SenderState<T>): { item: T } | undefined {
  return waiting?.get(next)
}

function waitingOf<T>({ waiting }: SenderState<T>): { item: T; untilMs: number }[] {
  return [...(waiting?.values() ?? [])]
}
