import type { PeerId } from '@libp2p/interface'
import { isNetGroupError, NetGroupError } from '../core/errors.ts'
import type { Post } from '../net/post-validator.ts'
import type { MessageValues, MessageValuesInit } from './message-values.ts'
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
export interface MessagesInit<Message> extends MessageValuesInit<Message> {
  readonly values: MessageValues<Message>
  readonly order: 'sender' | 'none'
  readonly onMessage: (fields: NotifyFields<Message>) => void
  readonly onFailed: (fields: FailedFields) => void
}

/** The typed posts of one face of a group: values in, values out, on one channel. */
export class Messages<Message> {
  readonly #init: MessagesInit<Message>
  readonly #listener: {
    onPost?: (from: PeerId, post: Post) => void
    onOrderedPost?: (from: PeerId, post: Post) => void
  }

  constructor(init: MessagesInit<Message>) {
    this.#init = init
    this.#listener = init.order === 'sender' ? { onOrderedPost: this.#onPost } : { onPost: this.#onPost }
    init.member.listeners.add(this.#listener)
  }

  /** See {@link Sender.post}. */
  async post(message: Message, options: PostOptions): Promise<string> {
    options.signal?.throwIfAborted()
    const { member, groupspec, channel } = this.#init
    const payload = this.#encode(message)
    const { waitForNeighborMs: lifetimeMs, signal } = options
    const { messageID, handedOn } = member.posts.post({
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

  /** Hears nothing any more. */
  close(): void {
    this.#init.member.listeners.delete(this.#listener)
  }

  #encode(message: Message): Uint8Array {
    const { member, groupspec, values } = this.#init
    const cannot = `Cannot post to group "${groupspec.name}"`
    values.requireOpen(cannot, 'postingEnabled')
    if (groupspec.authorities.posting !== undefined && member.rightIn(groupspec, 'posting') === undefined)
      throw new NetGroupError(
        'NOT_AUTHORIZED',
        `${cannot}: it needs its posting password, or a grant for this peer`,
        { role: 'posting' }
      )
    return values.encode(message, cannot)
  }

  readonly #onPost = (from: PeerId, { messageID, envelope }: Post): void => {
    const { channel, values, onMessage } = this.#init
    if (envelope.channel !== channel) return
    const value = values.decode(envelope.payload)
    if (value === undefined) return
    onMessage({
      ...value,
      messageID,
      from: from.toString(),
      sequence: envelope.sequence,
      sentAt: new Date(envelope.sentAt)
    })
  }
}
