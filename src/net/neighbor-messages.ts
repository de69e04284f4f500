import { toString as bytesToText } from 'uint8arrays/to-string'
import { ExpiringSet } from '../shared/expiring-set.ts'
import { MAX_DELIVERED_IDS, SEEN_WINDOW_MS } from '../wire/limits.ts'
import { type Message, MessageFrame, Receipt } from '../wire/routing.ts'
import type { NeighborLink } from './neighbor-link.ts'
import type { RouteOutcome } from './pending-receipts.ts'
import { isWholeMessage, receiptFrame } from './routing-frames.ts'
import type { Content, NeighborStation, RoutingGroup } from './routing-group.ts'

const NOTHING = new Uint8Array(0)

/** How a message that waits for its receipt goes to a neighbor. */
export interface NeighborSendOptions {
  readonly signal?: AbortSignal | undefined
  /** Where the application forwards it to; absent: it is for this neighbor. */
  readonly destination?: Uint8Array
  /** Sends the message with this id another way: the neighbor left before its receipt came. Settles the receipt. */
  readonly onLost: (id: Uint8Array) => void
}

/** Messages straight to a neighbor: the link proves who sent them, so nothing is signed. */
export class NeighborMessages {
  readonly #group: RoutingGroup
  /** What came with an id, since it may come again when a link moves. */
  readonly #delivered = new ExpiringSet(SEEN_WINDOW_MS, MAX_DELIVERED_IDS)

  constructor(group: RoutingGroup) {
    this.#group = group
  }

  /** Sends at once, without a receipt. The way of most messages: nothing is made here that is not sent. @param destination where the application forwards it to; absent: it is for this neighbor */
  send(to: NeighborStation, { channel, payload }: Content, destination?: Uint8Array): void {
    this.#send(to.link, destination === undefined ? { channel, payload } : { channel, payload, destination })
  }

  /** Sends at once. Resolves when the receipt has come. */
  async sendForReceipt(
    to: NeighborStation,
    content: Content,
    options: NeighborSendOptions
  ): Promise<RouteOutcome> {
    const { destination, signal, onLost } = options
    const message: Message = { ...content, ...(destination === undefined ? {} : { destination }) }
    const { receipts } = this.#group
    const id = this.#group.newID()
    const send = (): void => this.#send(to.link, { ...message, id })
    const outcome = receipts.expect(
      id,
      { neighbor: to.placed.peer, again: send, onDown: () => onLost(id) },
      signal
    )
    send()
    return await outcome
  }

  /** A message of a neighbor. */
  onMessage(link: NeighborLink, message: Message): void {
    const group = this.#group
    if (!isWholeMessage(message)) {
      group.refuse(link, 'malformed')
      return
    }
    const { channel, payload, destination, id } = message
    const nowMs = group.host.clock.now()
    group.rates.received.add(payload.byteLength, nowMs)
    const sender = group.places.of(link.peerID.toString())
    if (id === undefined || this.#isNew(sender.peer, id, nowMs))
      group.deliver({
        channel,
        payload,
        from: sender.address,
        fromLocal: destination === undefined,
        sender: sender.peer,
        destination: destination === undefined ? group.own.placed.address : bytesToText(destination, 'base16')
      })
    if (id !== undefined) this.#acknowledge(link, sender.peer, id)
  }

  /** Was this message delivered already, straight from its sender? */
  has(sender: string, id: Uint8Array): boolean {
    return this.#delivered.has(keyOf(sender, id), this.#group.host.clock.now())
  }

  /** A receipt of a neighbor. True when it is one for a message that was sent straight to it. */
  onReceipt(link: NeighborLink, { id, isDelivered, signature }: Receipt): boolean {
    const { receipts } = this.#group
    const neighbor = link.peerID.toString()
    if (!isDelivered || signature.byteLength > 0 || receipts.get(id)?.neighbor !== neighbor) return false
    receipts.settle(id, { result: 'sent', deliveredTo: neighbor, hops: 1 })
    return true
  }

  #send(link: NeighborLink, message: Message): void {
    const { rates, host } = this.#group
    rates.sent.add(message.payload.byteLength, host.clock.now())
    link.sendEncoded(MessageFrame.encode({ message }), 'data')
  }

  #isNew(sender: string, id: Uint8Array, nowMs: number): boolean {
    const key = keyOf(sender, id)
    if (this.#delivered.has(key, nowMs)) return false
    this.#delivered.add(key, nowMs)
    return true
  }

  #acknowledge(link: NeighborLink, originator: string, id: Uint8Array): void {
    const { places, own } = this.#group
    const receipt = {
      id,
      originator,
      deliverer: own.placed.peer,
      hops: 1,
      signature: NOTHING,
      key: undefined
    }
    link.send({ receipt: Receipt.encode(receiptFrame({ receipt, path: NOTHING }, places)) })
  }
}

function keyOf(sender: string, id: Uint8Array): string {
  return `${sender} ${bytesToText(id, 'latin1')}`
}
