import { FILE_CHUNK_BYTES } from '../../core/files/file-layout.ts'
import type { BytePace } from '../../shared/byte-pace.ts'
import { MAX_CHUNKS_UNDER_WAY } from '../../wire/limits.ts'
import type { Clock, Timer } from '../clock.ts'

/** How often it is looked for what a limit lets in, in ms: a fifth of what it lets in at once. */
const PACE_MS = 50

/** How {@link RequestBudget} is made. */
export interface RequestBudgetInit {
  readonly clock: Clock
  /** The limit of what comes in; undefined: none. */
  readonly pace: BytePace | undefined
  /** For how many ms others come first. */
  readonly waitMs: (nowMs: number) => number
  /** How many more may be asked for. */
  readonly allow: (requests: number) => void
}

/** How many chunks a fetch may ask for: so few are under way that memory stays bounded, so fast as its limit is, and none while others come first. */
export class RequestBudget {
  readonly #init: RequestBudgetInit
  /** Requests under way, by index: near the end one object may be asked for at several. */
  readonly #asked = new Map<number, number>()
  #writing = 0
  #timer: Timer | undefined
  #isClosed = false

  constructor(init: RequestBudgetInit) {
    this.#init = init
  }

  onAsked(index: number): void {
    this.#asked.set(index, (this.#asked.get(index) ?? 0) + 1)
    this.#init.pace?.spend(FILE_CHUNK_BYTES, this.#init.clock.now())
  }

  /** A request came to nothing. */
  onFailed(index: number): void {
    const requests = this.#asked.get(index)
    if (requests === undefined) return
    if (requests > 1) this.#asked.set(index, requests - 1)
    else this.#asked.delete(index)
    this.update()
  }

  /** It has come; all other requests for it are over. */
  onCome(index: number): void {
    this.#asked.delete(index)
    this.#writing += 1
  }

  /** Its memory is free again. */
  onDone(): void {
    this.#writing -= 1
    this.update()
  }

  /** Says how many more there may be. */
  update(): void {
    if (this.#isClosed) return
    this.#timer?.cancel()
    const { clock, pace, waitMs, allow } = this.#init
    const nowMs = clock.now()
    const othersMs = waitMs(nowMs)
    const paceMs = pace?.waitMs(nowMs) ?? 0
    const laterMs = Math.max(othersMs, paceMs)
    if (laterMs > 0 || pace !== undefined)
      this.#timer = clock.setTimer(() => this.update(), Math.max(laterMs, PACE_MS))
    if (laterMs > 0) {
      allow(0)
      return
    }
    const room = Math.max(0, MAX_CHUNKS_UNDER_WAY - this.#asked.size - this.#writing)
    allow(Math.min(room, Math.ceil((pace?.room(nowMs) ?? Number.POSITIVE_INFINITY) / FILE_CHUNK_BYTES)))
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }
}
