// What the fetches and shares of one membership have to know of each other: what is here already, and whose turn it is.
import type { Manifest } from '../../core/files/manifest.ts'

/** In which order the fetches of a group get what there is. */
export type FilePriority = 'low' | 'normal' | 'high'

const RANKS: Readonly<Record<FilePriority, number>> = { low: 0, normal: 1, high: 2 }

/** A fetch gives way while one of a higher priority has got something within this, in ms. Guess: longer than a swarm's pauses, shorter than patience. */
const YIELD_MS = 2_000

/** A whole manifest with its chunks, in this process. */
export interface LocalFile {
  readonly manifest: Manifest
  /** The chunk, not verified; undefined when it is there no more. At once where that is quick. @throws (or rejects) when it cannot be read */
  read(chunk: number): Uint8Array | undefined | Promise<Uint8Array | undefined>
}

/** A fetch, as others see it. */
export interface PrioritizedFetch {
  readonly priority: FilePriority
  /** Whether it is its turn has changed, or may have. */
  onTurn(): void
}

/** The files of a membership. */
export class GroupFiles {
  readonly #shared = new Map<string, Set<LocalFile>>()
  readonly #fetches = new Map<PrioritizedFetch, number>()

  /** One that can be read here, without the network. */
  sharedHere(manifestID: string): LocalFile | undefined {
    return this.#shared.get(manifestID)?.values().next().value
  }

  addShared(file: LocalFile): void {
    const { id } = file.manifest
    const same = this.#shared.get(id) ?? new Set()
    this.#shared.set(id, same.add(file))
  }

  removeShared(file: LocalFile): void {
    const { id } = file.manifest
    const same = this.#shared.get(id)
    same?.delete(file)
    if (same?.size === 0) this.#shared.delete(id)
  }

  addFetch(fetch: PrioritizedFetch): void {
    this.#fetches.set(fetch, Number.NEGATIVE_INFINITY)
  }

  /** It wants nothing any more. */
  removeFetch(fetch: PrioritizedFetch): void {
    this.#fetches.delete(fetch)
    this.#tellLower(fetch)
  }

  /** It has got something. */
  onGot(fetch: PrioritizedFetch, nowMs: number): void {
    const beforeMs = this.#fetches.get(fetch)
    if (beforeMs === undefined) return
    this.#fetches.set(fetch, nowMs)
    if (nowMs - beforeMs >= YIELD_MS) this.#tellLower(fetch)
  }

  /** For how many ms it has to wait at least, 0 when it is its turn. */
  waitMs(fetch: PrioritizedFetch, nowMs: number): number {
    let waitMs = 0
    for (const [other, gotAtMs] of this.#fetches)
      if (RANKS[other.priority] > RANKS[fetch.priority]) waitMs = Math.max(waitMs, gotAtMs + YIELD_MS - nowMs)
    return waitMs
  }

  #tellLower(fetch: PrioritizedFetch): void {
    for (const other of [...this.#fetches.keys()])
      if (RANKS[other.priority] < RANKS[fetch.priority]) other.onTurn()
  }
}
