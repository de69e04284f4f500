import type { Logger } from '@libp2p/interface'
import type { AnyRouteOptions, DirectedMessages } from './directed-messages.ts'
import { MessageValues, type MessageValuesInit } from './message-values.ts'
import { Messages, type PostOptions } from './messages.ts'
import type { GroupAddress, PeerID } from './names.ts'
import type { NetGroupSendMode, NetGroupSendResult, Receipt, RouteOptions, Sender } from './sender.ts'
import type { GroupStatus, StatusInfo } from './status.ts'
import { type AbortOptions, StatusSource } from './status-target.ts'

/** What messages have to tell. */
export type MessageStatus<Message> = Pick<
  GroupStatus<Message>,
  'NetGroup.Posting.Notify' | 'NetGroup.Posting.Failed' | 'NetGroup.SendTo.Notify'
>

/** What is there in groups with routing only. */
export type RoutingAPI = typeof import('./routing-api.ts')

/** How {@link MessageSource} is made. */
export interface MessageSourceInit<Message, T> extends MessageValuesInit<Message> {
  readonly order: 'sender' | 'none'
  /** Where the group has routing. */
  readonly routing: RoutingAPI | undefined
  readonly log: Logger
  readonly onStatus: ((info: StatusInfo<T>) => void) | undefined
}

/** What a group and a channel share: messages of one type, sent and heard. */
export abstract class MessageSource<Message, T extends MessageStatus<Message>>
  extends StatusSource<T>
  implements Sender<Message>
{
  // Not typed by the message, so that a `NetGroup<Chat>` is a `NetGroup<unknown>` too.
  readonly #values: Pick<MessageValues<never>, 'requireOpen' | 'close'>
  readonly #posts: Pick<Messages<never>, 'post' | 'close'>
  /** Where the group has routing. */
  readonly #directed: Pick<DirectedMessages<never>, keyof DirectedMessages<never>> | undefined
  readonly #cannotSend: string

  /** @internal */
  protected constructor(init: MessageSourceInit<Message, T>) {
    super(init.log, init.onStatus)
    const values = new MessageValues(init)
    const tell = this.dispatchStatus.bind(this) as (
      code: keyof MessageStatus<Message>,
      fields: object
    ) => void
    this.#values = values
    this.#posts = new Messages({
      ...init,
      values,
      onMessage: fields => tell('NetGroup.Posting.Notify', fields),
      onFailed: fields => tell('NetGroup.Posting.Failed', fields)
    })
    this.#directed =
      init.routing &&
      new init.routing.DirectedMessages({
        ...init,
        values,
        onMessage: fields => tell('NetGroup.SendTo.Notify', fields)
      })
    this.#cannotSend = `Cannot send in group "${init.groupspec.name}"`
  }

  post(message: Message, options: PostOptions = {}): Promise<string> {
    return this.#posts.post(message as never, options)
  }

  sendToNearest(
    message: Message,
    groupAddress: GroupAddress,
    options: RouteOptions & { receipt: true }
  ): Promise<Receipt>
  sendToNearest(
    message: Message,
    groupAddress: GroupAddress,
    options?: RouteOptions
  ): Promise<NetGroupSendResult>
  sendToNearest(
    message: Message,
    groupAddress: GroupAddress,
    options: AnyRouteOptions = {}
  ): Promise<Receipt | NetGroupSendResult> {
    return (
      this.#directed?.sendToNearest(message as never, groupAddress, options) ??
      this.refuseRouting(this.#cannotSend, options)
    )
  }

  sendToPeer(message: Message, peerID: PeerID, options: RouteOptions & { receipt: true }): Promise<Receipt>
  sendToPeer(message: Message, peerID: PeerID, options?: RouteOptions): Promise<NetGroupSendResult>
  sendToPeer(
    message: Message,
    peerID: PeerID,
    options: AnyRouteOptions = {}
  ): Promise<Receipt | NetGroupSendResult> {
    return (
      this.#directed?.sendToPeer(message as never, peerID, options) ??
      this.refuseRouting(this.#cannotSend, options)
    )
  }

  sendToNeighbor(
    message: Message,
    sendMode: NetGroupSendMode,
    options: AbortOptions = {}
  ): Promise<NetGroupSendResult> {
    return (
      this.#directed?.sendToNeighbor(message as never, sendMode, options) ??
      this.refuseRouting(this.#cannotSend, options)
    )
  }

  sendToAllNeighbors(message: Message, options: AbortOptions = {}): Promise<NetGroupSendResult> {
    return (
      this.#directed?.sendToAllNeighbors(message as never, options) ??
      this.refuseRouting(this.#cannotSend, options)
    )
  }

  /** Why nothing is sent without routing. @throws Rejects NetGroupError CLOSED, CAPABILITY_DISABLED, the signal's reason */
  protected async refuseRouting(cannot: string, { signal }: AbortOptions): Promise<never> {
    signal?.throwIfAborted()
    this.#values.requireOpen(cannot, 'routingEnabled')
    throw new Error('What routing takes was not loaded')
  }

  /** Sends and hears no messages any more. */
  protected endMessages(): void {
    this.#values.close()
    this.#posts.close()
    this.#directed?.close()
  }
}
