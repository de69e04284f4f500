import type { Logger } from '@libp2p/interface'
import type { Groupspec } from '../core/groupspec/groupspec.ts'
import type { GroupMember } from '../net/group-member.ts'
import type { ValueClasses } from '../net/value.ts'
import { MAX_CHANNEL_NAME_BYTES } from '../wire/limits.ts'
import { Messages, type PostOptions } from './messages.ts'
import type { GroupStatus } from './status.ts'
import { type AbortOptions, StatusSource } from './status-target.ts'

/** How to open a channel. */
export interface ChannelOptions<T> {
  /** What fails is counted and dropped on arrival, and refused on sending. */
  validate?: ((value: unknown) => value is T) | undefined
}

/** What a {@link Channel} tells. */
export type ChannelStatus<Message> = Pick<
  GroupStatus<Message>,
  'NetGroup.Posting.Notify' | 'NetGroup.Posting.Failed'
>

interface ChannelInit<T> extends ChannelOptions<T> {
  readonly name: string
  readonly member: GroupMember
  readonly groupspec: Groupspec
  readonly classes: ValueClasses
  readonly log: Logger
  readonly onClose: (channel: object) => void
}

/** A typed side channel in a group. From {@link NetGroup.channel}; ends with its group. */
export class Channel<Message = unknown> extends StatusSource<ChannelStatus<Message>> {
  readonly name: string
  readonly #messages: Pick<Messages<never>, 'post' | 'close'>
  readonly #onClose: (channel: object) => void
  #closed = false

  /** @internal */
  constructor({ name, member, groupspec, classes, validate, log, onClose }: ChannelInit<Message>) {
    checkName(name)
    super(log, undefined)
    this.name = name
    this.#onClose = onClose
    this.#messages = new Messages<Message>({
      member,
      groupspec,
      name: groupspec.name,
      channel: name,
      classes,
      validate,
      order: 'sender',
      onMessage: fields => this.dispatchStatus('NetGroup.Posting.Notify', fields),
      onFailed: fields => this.dispatchStatus('NetGroup.Posting.Failed', fields)
    })
  }

  /** Posts to all other members who listen on this channel. As {@link NetGroup.post} in all else. */
  post(message: Message, options: PostOptions = {}): Promise<string> {
    return this.#messages.post(message as never, options)
  }

  /** Hears nothing any more. The group goes on. Idempotent. */
  async close(_options: AbortOptions = {}): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#messages.close()
    this.#onClose(this)
    this.endStatuses()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function checkName(name: unknown): void {
  const bytes = typeof name === 'string' ? new TextEncoder().encode(name).byteLength : 0
  if (bytes < 1 || bytes > MAX_CHANNEL_NAME_BYTES)
    throw new RangeError(
      `Cannot open a channel named ${JSON.stringify(name)}: give 1 to ${MAX_CHANNEL_NAME_BYTES} bytes of text`
    )
}
