import { NetGroupError } from '../core/errors.ts'
import { isRange, MAX_INDEX, RangeSet } from '../core/replication/range-set.ts'
import type { GroupMember } from '../net/group-member.ts'
import type { ObjectListener, ObjectSpace } from '../net/object-space.ts'
import type { ObjectStore } from '../net/object-store.ts'
import { decodeValue, encodeValue, type ValueClasses } from '../net/value.ts'
import type { NetGroupReplicationStrategy } from './object-set.ts'
import type { AbortOptions } from './status-target.ts'

/** Objects that may be asked for, or wait for the store, at once: what a slow store may hold up in memory. Guess. */
const MAX_IN_HAND = 256

/** How to replicate a store. */
export interface ReplicateOptions extends AbortOptions {
  /** Which index space, as with {@link NetGroup.objects}. @default '', that of the group's own methods */
  namespace?: string
  /** What to fetch from the first moment: ranges with both ends. Of these what the store holds already is not fetched. @default nothing */
  want?: Iterable<readonly [start: number, end: number]>
  /** Objects come from strangers: what fails is thrown away and fetched elsewhere. */
  validate?: (object: unknown, index: number) => boolean | Promise<boolean>
  /** @default `'rarestFirst'` */
  strategy?: NetGroupReplicationStrategy
}

/** How {@link Replica} is made. */
interface ReplicaInit extends ReplicateOptions {
  readonly member: GroupMember
  readonly classes: ValueClasses
  readonly store: ObjectStore
  readonly onClose: (replica: Replica) => void
}

/** A store that answers others' requests from what it holds, and keeps what it is told to fetch. From {@link NetGroup.replicate}; ends with its group. */
export class Replica {
  readonly #init: ReplicaInit
  readonly #space: ObjectSpace
  /** Wanted, and not stored yet. */
  readonly #missing = new RangeSet()
  readonly #held = new RangeSet()
  readonly #waiting = new Set<PromiseWithResolvers<void>>()
  /** Has come, and is being looked at or stored. */
  readonly #inHand = new RangeSet()
  /** What the store failed with, until somebody wants to go on. */
  #failure: { readonly error: unknown } | undefined
  #isClosed = false

  private constructor(init: ReplicaInit) {
    this.#init = init
    this.#space = init.member.replication.open(init.namespace ?? '', this.#listener)
    if (init.strategy !== undefined) this.#space.strategy = init.strategy
    this.#space.allow(MAX_IN_HAND)
  }

  /** @internal */
  static async start(init: ReplicaInit): Promise<Replica> {
    const replica = new Replica(init)
    try {
      for (const [start, end] of await orAborted(init.store.has(), init.signal)) {
        checkRange('offer', start, end)
        replica.#held.add(start, end)
        replica.#space.addHave(start, end)
      }
      for (const [start, end] of init.want ?? []) replica.want(start, end)
    } catch (error) {
      await replica.close()
      throw error
    }
    return replica
  }

  /** How many wanted objects are not in the store yet. */
  get missing(): number {
    return this.#missing.count
  }

  /** Fetches these, besides what the store holds. After a store's failure it also goes on with what is missing. @throws RangeError, NetGroupError CLOSED */
  want(start: number, end: number): void {
    checkRange('fetch', start, end)
    if (this.#isClosed) throw new NetGroupError('CLOSED', 'Cannot fetch objects: the replica was closed', {})
    this.#failure = undefined
    this.#missing.addAll(RangeSet.of([start, end]).minus(this.#held))
    // To want again what has just come would say that it was of no use.
    for (const [from, to] of this.#missing.minus(this.#inHand)) this.#space.addWant(from, to)
  }

  /** Fetches these no more. What is stored stays. @throws RangeError */
  unwant(start: number, end: number): void {
    checkRange('stop fetching', start, end)
    this.#missing.remove(start, end)
    this.#space.removeWant(start, end)
    this.#tellComplete()
  }

  /** Resolves when nothing is missing. Rejects with what the store failed with, NetGroupError CLOSED, or the signal's reason. */
  async complete({ signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    if (this.#missing.isEmpty) return
    if (this.#isClosed) throw closed()
    if (this.#failure !== undefined) throw this.#failure.error
    const waiting = Promise.withResolvers<void>()
    const onAbort = (): void => waiting.reject(signal?.reason)
    this.#waiting.add(waiting)
    signal?.addEventListener('abort', onAbort)
    try {
      await waiting.promise
    } finally {
      this.#waiting.delete(waiting)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Nothing is offered or fetched any more; the store is left as it is. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#space.close()
    this.#init.onClose(this)
    for (const waiting of this.#waiting) waiting.reject(closed())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  readonly #listener: ObjectListener = {
    onRequest: (index, requestID) => void this.#serve(index, requestID),
    onResult: (index, bytes) => void this.#take(index, bytes),
    onClosed: () => void this.close()
  }

  async #serve(index: number, requestID: number): Promise<void> {
    try {
      const object = await this.#init.store.get(index)
      if (object !== undefined) {
        if (this.#space.answer(requestID, encodeValue(object, this.#init.classes)) === 'taken') return
      } else this.#forget(index)
    } catch (error) {
      this.#init.member.log.error('object %d could not be read from its store - %e', index, error)
    }
    this.#space.deny(requestID)
  }

  /** It is not there after all. */
  #forget(index: number): void {
    this.#held.remove(index, index)
    this.#space.removeHave(index, index)
  }

  async #take(index: number, bytes: Uint8Array): Promise<void> {
    this.#inHand.add(index, index)
    this.#space.allow(Math.max(0, MAX_IN_HAND - this.#inHand.count))
    try {
      await this.#keep(index, bytes)
    } catch (error) {
      this.#onFailure(error)
    } finally {
      this.#inHand.remove(index, index)
      this.#space.allow(MAX_IN_HAND - this.#inHand.count)
    }
  }

  async #keep(index: number, bytes: Uint8Array): Promise<void> {
    const { store, validate, member, classes } = this.#init
    let object: unknown
    try {
      object = decodeValue(bytes, classes)
      if ((await validate?.(object, index)) === false) throw new TypeError('Not valid')
    } catch {
      member.reject('invalid object')
      if (this.#missing.has(index)) this.#space.addWant(index, index)
      return
    }
    try {
      await store.put(index, object)
    } catch (error) {
      this.#space.excuse(index, index)
      throw error
    }
    this.#held.add(index, index)
    this.#missing.remove(index, index)
    this.#space.addHave(index, index)
    this.#tellComplete()
  }

  /** The store takes no more: nothing is fetched until somebody wants it again. What is missing stays so. */
  #onFailure(error: unknown): void {
    this.#failure = { error }
    this.#space.removeWant(0, MAX_INDEX)
    for (const waiting of this.#waiting) waiting.reject(error)
    if (this.#waiting.size === 0) this.#init.member.log.error('a store does not take objects - %e', error)
  }

  #tellComplete(): void {
    if (this.#missing.isEmpty) for (const waiting of this.#waiting) waiting.resolve()
  }
}

/** What this gives, or the signal's reason as soon as it says no. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal?.reason)
  signal?.addEventListener('abort', onAbort)
  if (signal?.aborted === true) onAbort()
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

function closed(): NetGroupError<'CLOSED'> {
  return new NetGroupError('CLOSED', 'Cannot wait for objects: the replica was closed', {})
}

function checkRange(what: string, start: number, end: number): void {
  if (!isRange(start, end))
    throw new RangeError(
      `Cannot ${what} objects ${start} to ${end}: give two whole numbers from 0 to ${MAX_INDEX}, the first not the larger one`
    )
}
