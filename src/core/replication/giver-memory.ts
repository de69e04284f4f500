import { MAX_DOUBTED_PEERS, MAX_REMEMBERED_RESULTS } from '../../wire/limits.ts'

/** So many results that were wanted again put a peer last (docs/PROTOCOL.md, section 12). */
const USELESS_RESULTS = 3

/** Who gave which object: when it is wanted again, it was of no use. */
export class GiverMemory {
  readonly #giverOf = new Map<number, string>()
  readonly #useless = new Map<string, number>()

  /** A result came from this peer. */
  remember(index: number, peer: string): void {
    this.#giverOf.delete(index)
    this.#giverOf.set(index, peer)
    trim(this.#giverOf, MAX_REMEMBERED_RESULTS)
  }

  /** These objects have been found good, or are nobody's matter any more. */
  forget(start: number, end: number): void {
    for (const [index] of this.#within(start, end)) this.#giverOf.delete(index)
  }

  /** These objects are wanted again: who gave them, each counted. */
  blame(start: number, end: number): [index: number, peer: string][] {
    const blamed = this.#within(start, end)
    for (const [index, peer] of blamed) {
      this.#giverOf.delete(index)
      this.#useless.set(peer, (this.#useless.get(peer) ?? 0) + 1)
      trim(this.#useless, MAX_DOUBTED_PEERS)
    }
    return blamed
  }

  isDoubted(peer: string): boolean {
    return (this.#useless.get(peer) ?? 0) >= USELESS_RESULTS
  }

  /** How much is kept now, for tests of the bounds. */
  get kept(): Readonly<Record<'results' | 'useless', number>> {
    return { results: this.#giverOf.size, useless: this.#useless.size }
  }

  #within(start: number, end: number): [number, string][] {
    if (end - start < this.#giverOf.size) {
      const found: [number, string][] = []
      for (let index = start; index <= end; index++) {
        const peer = this.#giverOf.get(index)
        if (peer !== undefined) found.push([index, peer])
      }
      return found
    }
    return [...this.#giverOf].filter(([index]) => index >= start && index <= end)
  }
}

/** Lets the oldest go. */
function trim(map: Map<unknown, unknown>, maxSize: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= maxSize) return
    map.delete(oldest)
  }
}
