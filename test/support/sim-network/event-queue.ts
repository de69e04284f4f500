/** Who is told that an event is due. */
export interface SimTarget {
  /** @param code what it is, as the target counts it; @param data as it was scheduled */
  onEvent(code: number, data: unknown): void
}

/** Something that will happen. */
class SimEvent {
  readonly atMs: number
  readonly sequence: number
  readonly target: SimTarget
  readonly code: number
  readonly data: unknown

  constructor(atMs: number, sequence: number, target: SimTarget, code: number, data: unknown) {
    this.atMs = atMs
    this.sequence = sequence
    this.target = target
    this.code = code
    this.data = data
  }
}

const CALL: SimTarget = { onEvent: (_, callback) => (callback as () => void)() }

/**
 * When the virtual clock begins, in ms. Not 0: an engine that takes 0 for "long ago" would get away with it.
 */
export const START_MS = 1_000_000_000

/** The virtual clock and what is to happen: a binary heap by time, and by the order of scheduling for what is due at the same time. */
export class EventQueue {
  readonly #heap: SimEvent[] = []
  #nowMs = START_MS
  #sequence = 0
  #handled = 0

  get nowMs(): number {
    return this.#nowMs
  }

  /** Virtual ms since the beginning. */
  get elapsedMs(): number {
    return this.#nowMs - START_MS
  }

  /** Events that have happened. */
  get handled(): number {
    return this.#handled
  }

  /** Tells the target at this time; at once, but after all that is due now, when it has passed. */
  schedule(atMs: number, target: SimTarget, code: number, data: unknown): void {
    this.#push(new SimEvent(Math.max(atMs, this.#nowMs), ++this.#sequence, target, code, data))
  }

  /** Calls back after so many ms. For scenarios: what happens often has a target of its own. */
  after(ms: number, callback: () => void): void {
    this.schedule(this.#nowMs + ms, CALL, 0, callback)
  }

  /** Lets so much time pass. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#pop()
      this.#nowMs = next.atMs
      this.#handled += 1
      next.target.onEvent(next.code, next.data)
    }
    this.#nowMs = untilMs
  }

  #push(event: SimEvent): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above] as SimEvent
      if (!isBefore(event, parent)) break
      heap[at] = parent
      at = above
    }
    heap[at] = event
  }

  /** Takes out the first. The queue is not empty. */
  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as SimEvent
    const size = heap.length
    if (size === 0) return
    let at = 0
    for (let below = 1; below < size; below = 2 * at + 1) {
      if (below + 1 < size && isBefore(heap[below + 1] as SimEvent, heap[below] as SimEvent)) below += 1
      const child = heap[below] as SimEvent
      if (!isBefore(child, last)) break
      heap[at] = child
      at = below
    }
    heap[at] = last
  }
}

function isBefore(a: SimEvent, b: SimEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence)
}
