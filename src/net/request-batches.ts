import type { Clock, Timer } from './clock.ts'

/** Least time between two frames of requests to one neighbor, in ms: what is asked for meanwhile goes into one. Measured (two processes on one machine): a frame each takes a fifth of the asker's time. */
const PAUSE_MS = 2

/** Indices that a frame may have: as many as a neighbor may have waiting. */
const MAX_INDICES = 64

/** Requests on their way to neighbors: the first at once, what follows closely together. */
export class RequestBatches {
  readonly #clock: Clock
  readonly #send: (peer: string, indices: number[]) => void
  /** What waits for the end of its neighbor's pause. */
  readonly #waiting = new Map<string, { indices: number[]; readonly timer: Timer }>()

  constructor(clock: Clock, send: (peer: string, indices: number[]) => void) {
    this.#clock = clock
    this.#send = send
  }

  add(peer: string, index: number): void {
    const waiting = this.#waiting.get(peer)
    if (waiting === undefined) {
      this.#send(peer, [index])
      this.#pause(peer)
      return
    }
    waiting.indices.push(index)
    if (waiting.indices.length >= MAX_INDICES) this.#send(peer, waiting.indices.splice(0))
  }

  /** It need not be asked for any more. @returns had it not been asked for yet? */
  remove(peer: string, index: number): boolean {
    const waiting = this.#waiting.get(peer)
    const at = waiting?.indices.indexOf(index) ?? -1
    if (at >= 0) waiting?.indices.splice(at, 1)
    return at >= 0
  }

  /** Nothing more goes to this neighbor. */
  forget(peer: string): void {
    this.#waiting.get(peer)?.timer.cancel()
    this.#waiting.delete(peer)
  }

  close(): void {
    for (const peer of [...this.#waiting.keys()]) this.forget(peer)
  }

  #pause(peer: string): void {
    const timer = this.#clock.setTimer(() => {
      const indices = this.#waiting.get(peer)?.indices ?? []
      this.#waiting.delete(peer)
      if (indices.length === 0) return
      this.#send(peer, indices)
      this.#pause(peer)
    }, PAUSE_MS)
    this.#waiting.set(peer, { indices: [], timer })
  }
}
