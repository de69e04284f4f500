import { toString as bytesToText } from 'uint8arrays/to-string'
import { RingRoutingEngine } from '../core/routing/ring-routing-engine.ts'
import type {
  ReceiveMode,
  RoutedMessage,
  RoutingEffect,
  RoutingInput,
  RoutingReceipt,
  Travel
} from '../core/routing/routing-engine.ts'
import type { Place } from '../shared/ring.ts'
import { MAX_CLOCK_DIFFERENCE_MS, MAX_KEPT_RECEIPTS, MAX_VERIFICATIONS } from '../wire/limits.ts'
import type { Frame } from '../wire/link.ts'
import { HopAck, Receipt, Routed } from '../wire/routing.ts'
import type { Timer } from './clock.ts'
import type { NeighborLink } from './neighbor-link.ts'
import { closedMeanwhile, type RouteOutcome } from './pending-receipts.ts'
import { ID_BYTES, receiptFrame, receiptOf, routedFrame, travelOf } from './routing-frames.ts'
import type { Content, RoutingGroup, SendOptions } from './routing-group.ts'
import { isSignedBy, receiptStatement, routedStatement, travellingKey } from './routing-signatures.ts'

type EffectOf<T extends RoutingEffect['type']> = Extract<RoutingEffect, { type: T }>

/** Where a message goes. */
export interface Route {
  readonly target: Place
  readonly mode: ReceiveMode
}

/** Messages that go from member to member: runs the engine, signs and verifies. */
export class RoutedMessages {
  readonly #group: RoutingGroup
  readonly #engine: RingRoutingEngine
  /** Was this message delivered already, another way? */
  readonly #isDelivered: (message: RoutedMessage) => boolean
  readonly #key: Uint8Array | undefined
  readonly #inputs: RoutingInput[] = []
  #isRunning = false
  #timer: Timer | undefined
  #verifications = 0
  #kept: EffectOf<'sendReceipt'>[] = []
  /** The own message that is being sent, and whether it went anywhere. */
  #sending: { readonly message: RoutedMessage; isOnItsWay: boolean } | undefined

  constructor(group: RoutingGroup, isDelivered: (message: RoutedMessage) => boolean) {
    const { host, own, places } = group
    this.#group = group
    this.#isDelivered = isDelivered
    this.#key = travellingKey(host.components.privateKey, host.components.peerId)
    this.#engine = new RingRoutingEngine({
      peer: own.placed.peer,
      place: own.place,
      placeOf: peer => places.of(peer).place
    })
  }

  /** Tells the engine what happened, and does what it answers. */
  run(input: RoutingInput): void {
    if (this.#group.isClosed) return
    this.#inputs.push(input)
    // What an effect sets off comes after the others of its input.
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift())
        for (const effect of this.#engine.handle(next, this.#group.host.clock.now())) this.#carryOut(effect)
    } finally {
      this.#isRunning = false
    }
  }

  /** Signs and sends. Resolves when it is on its way, or when its receipt has come. @param id when it was sent another way before, and its receipt is waited for */
  async send(content: Content, route: Route, options: SendOptions, id?: Uint8Array): Promise<RouteOutcome> {
    const { receipts } = this.#group
    const wantsReceipt = options.receipt === true
    const message = await this.#sign(content, route, wantsReceipt, id ?? this.#group.newID())
    options.signal?.throwIfAborted()
    if (this.#group.isClosed) throw closedMeanwhile()
    const again = (): void => this.run({ type: 'send', message })
    if (id !== undefined) receipts.reroute(id, again)
    const outcome =
      wantsReceipt && id === undefined
        ? receipts.expect(message.id, { neighbor: undefined, again }, options.signal)
        : undefined
    const result = this.#hasRoute(message) ? 'sent' : 'no route'
    if (wantsReceipt && result === 'no route') receipts.settle(message.id, { result, hops: 0 })
    return (await outcome) ?? { result, hops: 0 }
  }

  /** A message that a neighbor sends on its way. */
  onRouted(link: NeighborLink, routed: Routed): void {
    const { places, rates, host } = this.#group
    const travel = travelOf(routed, places)
    if (travel === undefined) this.#group.refuse(link, 'malformed')
    else {
      rates.received.add(travel.message.payload.byteLength, host.clock.now())
      this.run({ type: 'routed', from: link.peerID.toString(), travel })
    }
  }

  /** A neighbor has taken a message over. */
  onHopAck(link: NeighborLink, { id }: HopAck): void {
    if (id.byteLength === ID_BYTES) this.run({ type: 'hopAck', from: link.peerID.toString(), id })
    else this.#group.refuse(link, 'malformed')
  }

  /** A receipt on its way back. */
  onReceipt(link: NeighborLink, receipt: Receipt): void {
    const travelling = receiptOf(receipt, this.#group.places)
    if (travelling === undefined) this.#group.refuse(link, 'malformed')
    else this.run({ type: 'receipt', from: link.peerID.toString(), ...travelling })
  }

  /** The link with this neighbor is another one, or the neighbor is gone. */
  onLink(peer: string, change: 'linkMoved' | 'linkDown'): void {
    this.run({ type: change, peer })
    const kept = this.#kept.filter(({ to }) => to === peer)
    this.#kept = this.#kept.filter(({ to }) => to !== peer)
    for (const { receipt, path } of kept) this.run({ type: 'receiptSigned', receipt, path })
  }

  close(): void {
    this.#timer?.cancel()
  }

  #hasRoute(message: RoutedMessage): boolean {
    const sending = { message, isOnItsWay: false }
    this.#sending = sending
    this.run({ type: 'send', message })
    this.#sending = undefined
    return sending.isOnItsWay
  }

  async #sign(
    content: Content,
    { target, mode }: Route,
    wantsReceipt: boolean,
    id: Uint8Array
  ): Promise<RoutedMessage> {
    const { groupID, groupNow, host, own } = this.#group
    const unsigned = { ...content, id, target, mode, sentAtMs: Math.round(groupNow()) }
    return {
      ...unsigned,
      originator: own.placed.peer,
      signature: await host.components.privateKey.sign(routedStatement(groupID, unsigned)),
      key: this.#key,
      wantsReceipt
    }
  }

  #carryOut(effect: RoutingEffect): void {
    switch (effect.type) {
      case 'sendRouted':
        this.#sendRouted(effect)
        break
      case 'sendHopAck':
        this.#send(effect.to, { hopAck: HopAck.encode({ id: effect.id }) })
        break
      case 'sendReceipt':
        this.#sendReceipt(effect)
        break
      case 'verify':
        void this.#verify(effect)
        break
      case 'deliver':
        this.#deliver(effect)
        break
      case 'signReceipt':
        void this.#signReceipt(effect)
        break
      case 'outcome':
        void this.#onOutcome(effect.receipt)
        break
      case 'misbehavior':
        this.#onMisbehavior(effect)
        break
      case 'setTimer':
        this.#timer?.cancel()
        this.#timer = this.#group.host.clock.setTimer(() => this.run({ type: 'timer' }), effect.afterMs)
    }
  }

  #send(to: string, frame: Frame, trafficClass: 'control' | 'data' = 'control'): void {
    this.#group.neighbors.get(to)?.link.send(frame, trafficClass)
  }

  /** Receipts are not acknowledged: one for a neighbor whose path is gone is kept until there is another, or none. */
  #sendReceipt(effect: EffectOf<'sendReceipt'>): void {
    const link = this.#group.neighbors.get(effect.to)?.link
    if (link?.ending === undefined)
      link?.send({ receipt: Receipt.encode(receiptFrame(effect, this.#group.places)) })
    else if (this.#kept.length < MAX_KEPT_RECEIPTS) this.#kept.push(effect)
  }

  #sendRouted({ to, travel }: EffectOf<'sendRouted'>): void {
    const { rates, host, places } = this.#group
    if (travel.message === this.#sending?.message) this.#sending.isOnItsWay = true
    rates.sent.add(travel.message.payload.byteLength, host.clock.now())
    this.#send(to, { routed: Routed.encode(routedFrame(travel, places)) }, 'data')
  }

  #deliver({ message, from }: EffectOf<'deliver'>): void {
    const { channel, payload, originator, target } = message
    if (message === this.#sending?.message) this.#sending.isOnItsWay = true
    if (this.#isDelivered(message)) return
    this.#group.deliver({
      channel,
      payload,
      from: this.#group.places.of(from).address,
      fromLocal: true,
      sender: originator,
      destination: bytesToText(target.address, 'base16')
    })
  }

  async #verify({ travel, from }: EffectOf<'verify'>): Promise<void> {
    this.run({ type: 'verified', travel, from, isTrue: await this.#isTrue(travel, from) })
  }

  /** Nobody on the way verifies, so a false one is held against its last hop only when that is its author. */
  async #isTrue({ message }: Travel, from: string): Promise<boolean> {
    const { groupID, groupNow, places, reject, host } = this.#group
    if (Math.abs(message.sentAtMs - groupNow()) > MAX_CLOCK_DIFFERENCE_MS) {
      reject('clock')
      return false
    }
    if (this.#verifications >= MAX_VERIFICATIONS) {
      reject('too many at once')
      return false
    }
    this.#verifications += 1
    const { peerID } = places.of(message.originator)
    const isTrue = await isSignedBy(peerID, message.key, routedStatement(groupID, message), message.signature)
    this.#verifications -= 1
    if (!isTrue) reject('false signature')
    if (!isTrue && from === message.originator) host.reportInvalidMessage(peerID)
    return isTrue
  }

  async #signReceipt({ message, hops, path }: EffectOf<'signReceipt'>): Promise<void> {
    const { groupID, places, own, host } = this.#group
    const { id, originator } = message
    const statement = receiptStatement(groupID, {
      id,
      originator: places.of(originator).bytes,
      deliverer: own.placed.bytes,
      hops
    })
    const signature = await host.components.privateKey.sign(statement)
    const receipt: RoutingReceipt = {
      id,
      originator,
      deliverer: own.placed.peer,
      hops,
      signature,
      key: this.#key
    }
    this.run({ type: 'receiptSigned', receipt, path })
  }

  #onMisbehavior({ peer, reason }: EffectOf<'misbehavior'>): void {
    const link = this.#group.neighbors.get(peer)?.link
    if (link !== undefined) this.#group.refuse(link, `malformed ${reason}`)
  }

  async #onOutcome(receipt: RoutingReceipt): Promise<void> {
    const { receipts, reject } = this.#group
    const { id, deliverer, hops } = receipt
    if (deliverer === undefined) receipts.settle(id, { result: 'no route', hops: 0 })
    else if (await this.#isTrueReceipt(receipt, deliverer))
      receipts.settle(id, { result: 'sent', deliveredTo: deliverer, hops })
    else reject('false receipt')
  }

  /** That it was the owner of an exact address the engine has seen to. */
  async #isTrueReceipt({ id, hops, key, signature }: RoutingReceipt, deliverer: string): Promise<boolean> {
    const { places, own, groupID } = this.#group
    if (deliverer === own.placed.peer) return true
    const { bytes, peerID } = places.of(deliverer)
    const statement = receiptStatement(groupID, {
      id,
      originator: own.placed.bytes,
      deliverer: bytes,
      hops
    })
    return await isSignedBy(peerID, key, statement, signature)
  }
}
