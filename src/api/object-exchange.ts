import { NetGroupError } from '../core/errors.ts'
import { isRange, MAX_INDEX } from '../core/replication/range-set.ts'
import type { GroupMember } from '../net/group-member.ts'
import type { ObjectListener, ObjectSpace } from '../net/object-space.ts'
import { decodeValue, encodeValue, type ValueClasses } from '../net/value.ts'
import { MAX_OBJECT_BYTES } from '../wire/limits.ts'
import { NetGroupReplicationStrategy, type ObjectSet, type ObjectStatus } from './object-set.ts'

type Fields<C extends keyof ObjectStatus> = Omit<ObjectStatus[C], 'level'>

/** How {@link ObjectExchange} is made. */
export interface ObjectExchangeInit {
  readonly member: GroupMember
  readonly namespace: string
  readonly classes: ValueClasses
  readonly tell: <C extends keyof ObjectStatus>(code: C, fields: Fields<C>) => void
  readonly onClosed?: () => void
}

/** Objects of one face of a group in one namespace: values in, values out. */
export class ObjectExchange implements ObjectSet {
  readonly #init: ObjectExchangeInit
  readonly #space: ObjectSpace
  #isClosed = false

  constructor(init: ObjectExchangeInit) {
    this.#init = init
    this.#space = init.member.replication.open(init.namespace, this.#listener)
  }

  addHaveObjects(start: number, end: number): void {
    this.#check('offer', start, end)
    this.#space.addHave(start, end)
  }

  removeHaveObjects(start: number, end: number): void {
    this.#check('withdraw', start, end)
    this.#space.removeHave(start, end)
  }

  addWantObjects(start: number, end: number): void {
    this.#check('fetch', start, end)
    this.#space.addWant(start, end)
  }

  removeWantObjects(start: number, end: number): void {
    this.#check('stop fetching', start, end)
    this.#space.removeWant(start, end)
  }

  writeRequestedObject(requestID: number, object: unknown): void {
    const cannot = `Cannot answer request ${requestID}`
    this.#requireOpen(cannot)
    const bytes = encodeValue(object, this.#init.classes)
    const outcome = this.#space.answer(requestID, bytes)
    if (outcome === 'unknown') throw new RangeError(`${cannot}: ${NOT_WAITING}`)
    if (outcome === 'tooLong')
      throw new NetGroupError(
        'MESSAGE_TOO_LARGE',
        `${cannot}: the object has ${bytes.byteLength} bytes, at most ${MAX_OBJECT_BYTES} are possible. Cut it into several, best of 16 to 64 KiB`,
        { bytes: bytes.byteLength, maxBytes: MAX_OBJECT_BYTES }
      )
  }

  denyRequestedObject(requestID: number): void {
    const cannot = `Cannot deny request ${requestID}`
    this.#requireOpen(cannot)
    if (!this.#space.deny(requestID)) throw new RangeError(`${cannot}: ${NOT_WAITING}`)
  }

  get replicationStrategy(): NetGroupReplicationStrategy {
    return this.#space.strategy
  }

  set replicationStrategy(strategy: NetGroupReplicationStrategy) {
    if (!Object.values(NetGroupReplicationStrategy).includes(strategy))
      throw new TypeError(
        `Cannot replicate with strategy ${JSON.stringify(strategy)}: give 'lowestFirst' or 'rarestFirst'`
      )
    this.#requireOpen('Cannot set the strategy')
    this.#space.strategy = strategy
  }

  /** Nothing is offered or fetched any more. Idempotent. */
  close(): void {
    this.#isClosed = true
    this.#space.close()
  }

  #check(what: string, start: number, end: number): void {
    const cannot = `Cannot ${what} objects ${start} to ${end}`
    if (!isRange(start, end))
      throw new RangeError(
        `${cannot}: give two whole numbers from 0 to ${MAX_INDEX}, the first not the larger one`
      )
    this.#requireOpen(cannot)
  }

  #requireOpen(cannot: string): void {
    if (this.#isClosed) throw new NetGroupError('CLOSED', `${cannot}: it was closed`, {})
  }

  readonly #listener: ObjectListener = {
    onSendNotify: index => this.#init.tell('NetGroup.Replication.Fetch.SendNotify', { index }),
    onFailed: (index, reason) => this.#init.tell('NetGroup.Replication.Fetch.Failed', { index, reason }),
    onResult: (index, bytes, from) => this.#onResult(index, bytes, from),
    onRequest: (index, requestID) => this.#init.tell('NetGroup.Replication.Request', { index, requestID }),
    onClosed: () => {
      this.#isClosed = true
      this.#init.onClosed?.()
    }
  }

  #onResult(index: number, bytes: Uint8Array, from: string): void {
    const { member, classes, tell } = this.#init
    let object: unknown
    try {
      object = decodeValue(bytes, classes)
    } catch {
      // No value at all: whoever sent it is asked for it last.
      member.reject('invalid object')
      tell('NetGroup.Replication.Fetch.Failed', { index, reason: 'invalid' })
      this.#space.addWant(index, index)
      return
    }
    tell('NetGroup.Replication.Fetch.Result', { index, object, from })
  }
}

const NOT_WAITING = 'no such request waits. It was answered already, or never came'
