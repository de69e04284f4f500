import { MAX_CHANNEL_NAME_BYTES } from '../wire/limits.ts'
import { MessageSource, type MessageSourceInit, type MessageStatus } from './message-source.ts'
import type { AbortOptions } from './status-target.ts'

/** How to open a channel. */
export interface ChannelOptions<T> {
  /** What fails is counted and dropped on arrival, and refused on sending. */
  validate?: ((value: unknown) => value is T) | undefined
}

/** What a {@link Channel} tells. */
export type ChannelStatus<Message> = MessageStatus<Message>

/** Channels whose names begin so are netgroup's own. */
const RESERVED_PREFIX = 'netgroup/'

interface ChannelInit<T> extends Omit<MessageSourceInit<T, ChannelStatus<T>>, 'order' | 'onStatus'> {
  readonly onClose: (channel: object) => void
}

/** A typed side channel in a group. From {@link NetGroup.channel}; ends with its group. */
export class Channel<Message = unknown> extends MessageSource<Message, ChannelStatus<Message>> {
  readonly name: string
  readonly #onClose: (channel: object) => void
  #closed = false

  /** @internal */
  constructor({ onClose, ...init }: ChannelInit<Message>) {
    checkName(init.channel)
    super({ ...init, order: 'sender', onStatus: undefined })
    this.name = init.channel
    this.#onClose = onClose
  }

  /** Hears nothing any more. The group goes on. Idempotent. */
  async close(_options: AbortOptions = {}): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.endMessages()
    this.#onClose(this)
    this.endStatuses()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function checkName(name: unknown): void {
  const bytes = typeof name === 'string' ? new TextEncoder().encode(name).byteLength : 0
  const cannot = `Cannot open a channel named ${JSON.stringify(name)}`
  if (bytes < 1 || bytes > MAX_CHANNEL_NAME_BYTES)
    throw new RangeError(`${cannot}: give 1 to ${MAX_CHANNEL_NAME_BYTES} bytes of text`)
  if ((name as string).startsWith(RESERVED_PREFIX))
    throw new RangeError(`${cannot}: names that begin with "${RESERVED_PREFIX}" are netgroup's own`)
}
