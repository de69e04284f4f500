import type { PeerId } from '@libp2p/interface'
import { isNetGroupError, NetGroupError } from '../core/errors.ts'
import type { Groupspec } from '../core/groupspec/groupspec.ts'
import type { GroupMember } from '../net/group-member.ts'
import type { Post } from '../net/post-validator.ts'
import { decodeValue, encodeValue, type ValueClasses } from '../net/value.ts'
import type { GroupStatus } from './status.ts'
import type { AbortOptions } from './status-target.ts'

/** How to post. */
export interface PostOptions extends AbortOptions {
  /** Members deliver only the first of identical messages posted this way within 300 s, whoever posts it, as the original did with all. @default false */
  filterIdentical?: boolean
  /** Resolve when the message was handed to a neighbor; reject NO_NEIGHBORS when there is none within this many ms. @default it is kept for 30 s */
  waitForNeighborMs?: number
}

type NotifyFields<Message> = Omit<GroupStatus<Message>['NetGroup.Posting.Notify'], 'level'>
type FailedFields = Omit<GroupStatus<unknown>['NetGroup.Posting.Failed'], 'level'>

/** How {@link Messages} is made. */
export interface MessagesInit<Message> {
  readonly member: GroupMember
  /** Whose rights are used. */
  readonly groupspec: Groupspec
  /** The group's name, for errors. */
  readonly name: string
  /** '' is the application's own. */
  readonly channel: string
  readonly classes: ValueClasses
  readonly validate: ((value: unknown) => value is Message) | undefined
  readonly order: 'sender' | 'none'
  readonly onMessage: (fields: NotifyFields<Message>) => void
  readonly onFailed: (fields: FailedFields) => void
}

/** The typed messages of one face of a group: values in, values out, on one channel. */
export class Messages<Message> {
  readonly #init: MessagesInit<Message>
  readonly #listener: {
    onPost?: (from: PeerId, post: Post) => void
    onOrderedPost?: (from: PeerId, post: Post) => void
  }
  #closed = false

  constructor(init: MessagesInit<Message>) {
    this.#init = init
    this.#listener = init.order === 'sender' ? { onOrderedPost: this.#onPost } : { onPost: this.#onPost }
    init.member.listeners.add(this.#listener)
  }

  /** See {@link NetGroup.post}. */
  async post(message: Message, options: PostOptions): Promise<string> {
    options.signal?.throwIfAborted()
    const { member, groupspec, channel } = this.#init
    this.#check(message)
    const payload = encodeValue(message, this.#init.classes)
    const { waitForNeighborMs: lifetimeMs, signal } = options
    const { messageID, handedOn } = member.post({
      payload,
      channel,
      filterIdentical: options.filterIdentical === true,
      grant: member.rightIn(groupspec, 'posting'),
      ...(lifetimeMs === undefined ? {} : { lifetimeMs, ...(signal === undefined ? {} : { signal }) })
    })
    if (lifetimeMs === undefined) {
      handedOn.catch(error => {
        const reason = isNetGroupError(error, 'CLOSED') ? 'closed' : 'no neighbors'
        this.#init.onFailed({ messageID, reason })
      })
      return messageID
    }
    try {
      await handedOn
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
    return messageID
  }

  /** Hears and posts nothing any more. */
  close(): void {
    this.#closed = true
    this.#init.member.listeners.delete(this.#listener)
  }

  #check(message: Message): void {
    const { member, groupspec, name, validate } = this.#init
    const cannot = `Cannot post to group "${name}"`
    if (this.#closed || member.isClosed) throw new NetGroupError('CLOSED', `${cannot}: it was closed`, {})
    if (!groupspec.capabilities.postingEnabled)
      throw new NetGroupError('CAPABILITY_DISABLED', `${cannot}: posting is not enabled in its groupspec`, {
        capability: 'postingEnabled'
      })
    if (groupspec.authorities.posting !== undefined && member.rightIn(groupspec, 'posting') === undefined)
      throw new NetGroupError(
        'NOT_AUTHORIZED',
        `${cannot}: it needs its posting password, or a grant for this peer`,
        { role: 'posting' }
      )
    if (validate !== undefined && !validate(message)) {
      member.reject('invalid when sent')
      throw new TypeError(`${cannot}: the message does not pass the validate of this group`)
    }
  }

  readonly #onPost = (from: PeerId, { messageID, envelope }: Post): void => {
    const { member, channel, classes, validate, onMessage } = this.#init
    if (envelope.channel !== channel) return
    let message: unknown
    try {
      message = decodeValue(envelope.payload, classes)
      if (validate?.(message) === false) throw new TypeError('Not valid')
    } catch {
      member.reject('invalid value')
      return
    }
    onMessage({
      message: message as Message,
      messageID,
      from: from.toString(),
      sequence: envelope.sequence,
      sentAt: new Date(envelope.sentAt)
    })
  }
}
