import type { Logger } from '@libp2p/interface'
import type { GroupMember } from '../net/group-member.ts'
import type { ValueClasses } from '../net/value.ts'
import { MAX_NAMESPACE_BYTES } from '../wire/limits.ts'
import { ObjectExchange } from './object-exchange.ts'
import type { NetGroupReplicationStrategy, ObjectSet, ObjectStatus } from './object-set.ts'
import { type AbortOptions, StatusSource } from './status-target.ts'

/** Files have these namespaces: a manifest's id. */
const FILE_NAMESPACE = /^[0-9a-f]{64}$/

/** How {@link GroupObjects} is made. */
interface GroupObjectsInit {
  readonly member: GroupMember
  readonly namespace: string
  readonly classes: ValueClasses
  readonly log: Logger
  readonly onClose: (objects: GroupObjects) => void
}

/** A set of objects of its own in a group: its indices are apart from all others. From {@link NetGroup.objects}; ends with its group. */
export class GroupObjects extends StatusSource<ObjectStatus> implements ObjectSet {
  readonly namespace: string
  readonly #exchange: ObjectExchange
  readonly #onClose: (objects: GroupObjects) => void
  #isClosed = false

  /** @internal */
  constructor({ log, onClose, ...init }: GroupObjectsInit) {
    checkNamespace(init.namespace)
    super(log, undefined)
    this.namespace = init.namespace
    this.#onClose = onClose
    this.#exchange = new ObjectExchange({
      ...init,
      tell: (code, fields) => this.dispatchStatus(code, fields as never),
      onClosed: () => void this.close()
    })
  }

  addHaveObjects(start: number, end: number): void {
    this.#exchange.addHaveObjects(start, end)
  }

  removeHaveObjects(start: number, end: number): void {
    this.#exchange.removeHaveObjects(start, end)
  }

  addWantObjects(start: number, end: number): void {
    this.#exchange.addWantObjects(start, end)
  }

  removeWantObjects(start: number, end: number): void {
    this.#exchange.removeWantObjects(start, end)
  }

  writeRequestedObject(requestID: number, object: unknown): void {
    this.#exchange.writeRequestedObject(requestID, object)
  }

  denyRequestedObject(requestID: number): void {
    this.#exchange.denyRequestedObject(requestID)
  }

  get replicationStrategy(): NetGroupReplicationStrategy {
    return this.#exchange.replicationStrategy
  }

  set replicationStrategy(strategy: NetGroupReplicationStrategy) {
    if (strategy === this.replicationStrategy) return
    this.#exchange.replicationStrategy = strategy
    this.changed()
  }

  /** Nothing is offered or fetched here any more. The group goes on. Idempotent. */
  async close(_options: AbortOptions = {}): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#exchange.close()
    this.#onClose(this)
    this.endStatuses()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function checkNamespace(namespace: unknown): void {
  const bytes = typeof namespace === 'string' ? new TextEncoder().encode(namespace).byteLength : 0
  const cannot = `Cannot open objects in namespace ${JSON.stringify(namespace)}`
  if (bytes < 1 || bytes > MAX_NAMESPACE_BYTES)
    throw new RangeError(`${cannot}: give 1 to ${MAX_NAMESPACE_BYTES} bytes of text`)
  if (FILE_NAMESPACE.test(namespace as string))
    throw new RangeError(`${cannot}: names of 64 hex digits are those of shared files`)
}
