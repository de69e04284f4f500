import { checkIndex, rangesOf } from '../core/replication/ranges-of.ts'
import type { ObjectStore } from './object-store.ts'

/** Objects in memory, as they are: neither copied nor encoded. They are gone when the program ends. */
export class MemoryObjectStore implements ObjectStore {
  readonly #objects: Map<number, unknown>

  /** @param objects what it holds at the start, by index */
  constructor(objects: Iterable<readonly [index: number, object: unknown]> = []) {
    this.#objects = new Map(objects)
    for (const index of this.#objects.keys()) checkIndex(index)
  }

  /** How many objects it holds. */
  get size(): number {
    return this.#objects.size
  }

  async has(): Promise<Iterable<readonly [start: number, end: number]>> {
    return rangesOf([...this.#objects.keys()].sort((a, b) => a - b))
  }

  async get(index: number): Promise<unknown> {
    checkIndex(index)
    return this.#objects.get(index)
  }

  async put(index: number, object: unknown): Promise<void> {
    checkIndex(index)
    this.#objects.set(index, object)
  }
}
