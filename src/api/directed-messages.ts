import { NetGroupError } from '../core/errors.ts'
import type { RouteOutcome } from '../net/pending-receipts.ts'
import type { Content, Delivery } from '../net/routing-group.ts'
import type { RoutingRunner } from '../net/routing-runner.ts'
import { MAX_ROUTED_BYTES } from '../wire/limits.ts'
import type { MessageValues, MessageValuesInit } from './message-values.ts'
import { type GroupAddress, type PeerID, parseGroupAddress, parsePeerID } from './names.ts'
import { NetGroupSendMode, NetGroupSendResult, type Receipt, type RouteOptions } from './sender.ts'
import type { GroupStatus } from './status.ts'
import type { AbortOptions } from './status-target.ts'

/** Options of both overloads. */
export type AnyRouteOptions = RouteOptions & { receipt?: boolean }

type NotifyFields<Message> = Omit<GroupStatus<Message>['NetGroup.SendTo.Notify'], 'level'>

/** How {@link DirectedMessages} is made. */
export interface DirectedMessagesInit<Message> extends MessageValuesInit<Message> {
  readonly values: MessageValues<Message>
  readonly onMessage: (fields: NotifyFields<Message>) => void
}

/** The typed messages that one face of a group sends to some members and not to all: values in, values out, on one channel. */
export class DirectedMessages<Message> {
  readonly #init: DirectedMessagesInit<Message>

  constructor(init: DirectedMessagesInit<Message>) {
    this.#init = init
    init.member.routing.runner.listeners.add(this.#onDelivery)
  }

  /** See {@link Sender.sendToNearest}. */
  async sendToNearest(
    message: Message,
    groupAddress: GroupAddress,
    options: AnyRouteOptions
  ): Promise<Receipt | NetGroupSendResult> {
    const address = parseGroupAddress(groupAddress)
    const content = this.#encode(message, options)
    return answerOf(
      await this.#routing.sendToNearest(content, address, options, options.hop === true),
      options
    )
  }

  /** See {@link Sender.sendToPeer}. */
  async sendToPeer(
    message: Message,
    peerID: PeerID,
    options: AnyRouteOptions
  ): Promise<Receipt | NetGroupSendResult> {
    // What is a neighbor's is a peer id.
    const peer = this.#routing.isNeighbor(peerID) ? peerID : parsePeerID(peerID, 'send to').toString()
    const content = this.#encode(message, options)
    // The way of most messages.
    const isPlain = options.receipt !== true && options.hop !== true
    if (isPlain && this.#routing.sendToNeighborAt(content, peer)) return NetGroupSendResult.SENT
    return answerOf(await this.#routing.sendToPeer(content, peer, options, options.hop === true), options)
  }

  /** See {@link Sender.sendToNeighbor}. */
  async sendToNeighbor(
    message: Message,
    sendMode: NetGroupSendMode,
    options: AbortOptions
  ): Promise<NetGroupSendResult> {
    if (!Object.values(NetGroupSendMode).includes(sendMode))
      throw new TypeError(
        `Cannot send to the neighbor ${JSON.stringify(sendMode)}: give 'nextIncreasing' or 'nextDecreasing'`
      )
    const direction = sendMode === NetGroupSendMode.NEXT_INCREASING ? 'increasing' : 'decreasing'
    const content = this.#encode(message, options)
    return (await this.#routing.sendToNeighbor(content, direction)).result
  }

  /** See {@link Sender.sendToAllNeighbors}. */
  async sendToAllNeighbors(message: Message, options: AbortOptions): Promise<NetGroupSendResult> {
    const content = this.#encode(message, options)
    return (await this.#routing.sendToAllNeighbors(content)).result
  }

  /** Hears nothing any more. */
  close(): void {
    this.#routing.listeners.delete(this.#onDelivery)
  }

  get #routing(): RoutingRunner {
    return this.#init.member.routing.runner
  }

  #encode(message: Message, { signal }: AbortOptions): Content {
    signal?.throwIfAborted()
    const { groupspec, values, channel } = this.#init
    const cannot = `Cannot send in group "${groupspec.name}"`
    values.requireOpen(cannot, 'routingEnabled')
    const payload = values.encode(message, cannot)
    requireSmall(payload, cannot)
    return { channel, payload }
  }

  readonly #onDelivery = ({ channel, payload, destination, from, fromLocal, sender }: Delivery): void => {
    const { values, onMessage } = this.#init
    if (channel !== this.#init.channel) return
    const value = values.decode(payload)
    if (value === undefined) return
    onMessage({ message: value.message, from, fromLocal, sender, destination })
  }
}

/** @param cannot how the error begins @throws NetGroupError MESSAGE_TOO_LARGE */
export function requireSmall({ byteLength: bytes }: Uint8Array, cannot: string): void {
  if (bytes > MAX_ROUTED_BYTES)
    throw new NetGroupError(
      'MESSAGE_TOO_LARGE',
      `${cannot}: the message has ${bytes} bytes, at most ${MAX_ROUTED_BYTES} are possible. Share it as an object or a file`,
      { bytes, maxBytes: MAX_ROUTED_BYTES }
    )
}

function answerOf(outcome: RouteOutcome, { receipt }: AnyRouteOptions): Receipt | NetGroupSendResult {
  return receipt === true ? Object.freeze(outcome) : outcome.result
}
