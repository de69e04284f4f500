import { type Capabilities, NetGroupError } from '../core/errors.ts'
import type { Groupspec } from '../core/groupspec/groupspec.ts'
import type { GroupMember } from '../net/group-member.ts'
import { decodeValue, encodeValue, type ValueClasses } from '../net/value.ts'

/** What the messages of one channel of one face of a group have in common. */
export interface MessageValuesInit<Message> {
  readonly member: GroupMember
  /** Whose rights are used. */
  readonly groupspec: Groupspec
  /** '' is the application's own. */
  readonly channel: string
  readonly classes: ValueClasses
  readonly validate: ((value: unknown) => value is Message) | undefined
}

const WHAT_IS_DISABLED = { postingEnabled: 'posting', routingEnabled: 'routing' } as const

/** The values of one channel: what may go out, as bytes, and what came in. */
export class MessageValues<Message> {
  readonly #init: MessageValuesInit<Message>
  #closed = false

  constructor(init: MessageValuesInit<Message>) {
    this.#init = init
  }

  /** @param cannot how errors begin @throws NetGroupError CLOSED, CAPABILITY_DISABLED */
  requireOpen(cannot: string, capability: keyof typeof WHAT_IS_DISABLED & keyof Capabilities): void {
    const { member, groupspec } = this.#init
    if (this.#closed || member.isClosed) throw new NetGroupError('CLOSED', `${cannot}: it was closed`, {})
    if (!groupspec.capabilities[capability])
      throw new NetGroupError(
        'CAPABILITY_DISABLED',
        `${cannot}: ${WHAT_IS_DISABLED[capability]} is not enabled in its groupspec`,
        { capability }
      )
  }

  /** @param cannot how errors begin @throws TypeError when it fails `validate`, NetGroupError VALUE_UNSUPPORTED */
  encode(message: Message, cannot: string): Uint8Array {
    const { member, validate, classes } = this.#init
    if (validate !== undefined && !validate(message)) {
      member.reject('invalid when sent')
      throw new TypeError(`${cannot}: the message does not pass the validate of this group`)
    }
    return encodeValue(message, classes)
  }

  /** What came; undefined, and counted, when it is not valid. */
  decode(payload: Uint8Array): { readonly message: Message } | undefined {
    const { member, validate, classes } = this.#init
    try {
      const message = decodeValue(payload, classes)
      if (validate?.(message) === false) throw new TypeError('Not valid')
      return { message: message as Message }
    } catch {
      member.reject('invalid value')
      return undefined
    }
  }

  /** Nothing more goes out. */
  close(): void {
    this.#closed = true
  }
}
