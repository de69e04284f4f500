import { NetGroupError } from '../core/errors.ts'
import type { ObjectStore } from '../net/object-store.ts'
import type { GroupObjects } from './group-objects.ts'
import { MessageSource, type MessageSourceInit, type MessageStatus } from './message-source.ts'
import type { ObjectExchange } from './object-exchange.ts'
import type { NetGroupReplicationStrategy, ObjectSet, ObjectStatus } from './object-set.ts'
import type { Replica, ReplicateOptions } from './replica.ts'

type ReplicationAPI = typeof import('./replication-api.ts')

/** What a group has beside messages: objects. What they take is loaded when a group that has them is joined. */
export abstract class ObjectSource<Message, T extends MessageStatus<Message> & ObjectStatus>
  extends MessageSource<Message, T>
  implements ObjectSet
{
  readonly #init: Pick<MessageSourceInit<never, never>, 'member' | 'groupspec' | 'classes' | 'log'>
  /** Where the group has objects. */
  #objects: { readonly own: ObjectExchange; readonly api: ReplicationAPI } | undefined
  readonly #open = new Set<{ close(): Promise<void> }>()
  #hasEnded = false

  /** @internal */
  protected constructor(init: MessageSourceInit<Message, T>) {
    super(init)
    this.#init = init
  }

  addHaveObjects(start: number, end: number): void {
    this.#use('offer objects').own.addHaveObjects(start, end)
  }

  removeHaveObjects(start: number, end: number): void {
    this.#use('withdraw objects').own.removeHaveObjects(start, end)
  }

  addWantObjects(start: number, end: number): void {
    this.#use('fetch objects').own.addWantObjects(start, end)
  }

  removeWantObjects(start: number, end: number): void {
    this.#use('stop fetching objects').own.removeWantObjects(start, end)
  }

  writeRequestedObject(requestID: number, object: unknown): void {
    this.#use('answer a request').own.writeRequestedObject(requestID, object)
  }

  denyRequestedObject(requestID: number): void {
    this.#use('deny a request').own.denyRequestedObject(requestID)
  }

  get replicationStrategy(): NetGroupReplicationStrategy {
    return this.#objects?.own.replicationStrategy ?? 'rarestFirst'
  }

  set replicationStrategy(strategy: NetGroupReplicationStrategy) {
    const { own } = this.#use('set the strategy')
    if (strategy === own.replicationStrategy) return
    own.replicationStrategy = strategy
    this.changed()
  }

  /**
   * Another set of objects in the same group: its indices are apart from all others.
   *
   * @param namespace 1 to 255 bytes of UTF-8; 64 hex digits are the name of a shared file
   * @throws RangeError for another one, NetGroupError CLOSED, CAPABILITY_DISABLED
   */
  objects(namespace: string): GroupObjects {
    const { api } = this.#use('open objects')
    const objects = new api.GroupObjects({
      member: this.#init.member,
      namespace,
      classes: this.#init.classes,
      log: this.#init.log,
      onClose: closed => this.#open.delete(closed)
    })
    this.#open.add(objects)
    return objects
  }

  /**
   * Replicates a store: answers others' requests from what it holds, and keeps in it what `want` asks for. Instead of the events and methods of objects, not beside them.
   *
   * @throws Rejects TypeError for what is no store, RangeError for wrong ranges, NetGroupError CLOSED, CAPABILITY_DISABLED, what the store's `has` rejects with, the signal's reason
   */
  async replicate(store: ObjectStore, options: ReplicateOptions = {}): Promise<Replica> {
    options.signal?.throwIfAborted()
    const doing = 'replicate a store'
    const { api } = this.#use(doing)
    const replica = await api.replicate({
      ...options,
      member: this.#init.member,
      classes: this.#init.classes,
      store,
      onClose: closed => this.#open.delete(closed)
    })
    // The group may have been closed while the store was asked what it holds.
    if (this.#hasEnded) await replica.close()
    this.#use(doing)
    this.#open.add(replica)
    return replica
  }

  /** The group has objects. */
  protected useObjects(api: ReplicationAPI): void {
    const { member, classes } = this.#init
    const tell = this.dispatchStatus.bind(this) as (code: keyof ObjectStatus, fields: object) => void
    this.#objects = { own: new api.ObjectExchange({ member, namespace: '', classes, tell }), api }
  }

  /** Offers and fetches nothing any more. */
  protected async endObjects(): Promise<void> {
    this.#hasEnded = true
    this.#objects?.own.close()
    await Promise.all([...this.#open].map(open => open.close()))
  }

  #use(what: string): { readonly own: ObjectExchange; readonly api: ReplicationAPI } {
    const { member, groupspec } = this.#init
    const cannot = `Cannot ${what} in group "${groupspec.name}"`
    if (this.#hasEnded || member.isClosed) throw new NetGroupError('CLOSED', `${cannot}: it was closed`, {})
    if (this.#objects === undefined)
      throw new NetGroupError(
        'CAPABILITY_DISABLED',
        `${cannot}: object replication is not enabled in its groupspec`,
        { capability: 'objectReplicationEnabled' }
      )
    return this.#objects
  }
}
