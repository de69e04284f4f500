/**
 * Where a member keeps objects that it replicates: what it holds is offered to the others, what it fetches is kept in it. Indices are whole numbers from 0 to 2^53 − 1,
 * objects what can be sent in a group.
 */
export interface ObjectStore {
  /** Which objects it holds, as ranges with both ends. Asked once, at the start. */
  has(): Promise<Iterable<readonly [start: number, end: number]>>
  /** The object, or undefined when it is not there after all. */
  get(index: number): Promise<unknown>
  /** Keeps an object. A rejection means that it is not kept. */
  put(index: number, object: unknown): Promise<void>
}
