import { toString as bytesToText } from 'uint8arrays/to-string'
import { nextHop, ringNeighbor } from '../core/routing/one-hop.ts'
import { MODES, type ReceiveMode } from '../core/routing/routing-engine.ts'
import { type Place, placeOf } from '../shared/ring.ts'
import type { Frame } from '../wire/link.ts'
import { HopAck, Message, Receipt, Routed } from '../wire/routing.ts'
import type { Clock } from './clock.ts'
import type { LinkUser } from './link-user.ts'
import type { NeighborLink } from './neighbor-link.ts'
import { NeighborMessages } from './neighbor-messages.ts'
import type { RouteOutcome } from './pending-receipts.ts'
import { RoutedMessages } from './routed-messages.ts'
import {
  type Content,
  type Delivery,
  type NeighborStation,
  RoutingGroup,
  type RoutingGroupInit,
  type SendOptions,
  type Station
} from './routing-group.ts'

/**
 * Directed routing of one membership, where the group has it: to a neighbor straight over its link, to others from member to member. Everything that is sent here has been
 * found valid and small enough before.
 */
export class RoutingRunner implements Required<Pick<LinkUser, 'onLinkUp' | 'onLinkMoved' | 'onFrame'>> {
  readonly #group: RoutingGroup
  readonly #toNeighbors: NeighborMessages
  readonly #routed: RoutedMessages

  constructor(init: RoutingGroupInit) {
    const group = new RoutingGroup(init)
    this.#group = group
    this.#toNeighbors = new NeighborMessages(group)
    this.#routed = new RoutedMessages(group, ({ originator, id }) => this.#toNeighbors.has(originator, id))
  }

  /** For time limits of what is sent. */
  get clock(): Clock {
    return this.#group.host.clock
  }

  /** 16 random bytes. */
  newID(): Uint8Array {
    return this.#group.newID()
  }

  /** Called with each message for the application. */
  get listeners(): Set<(delivery: Delivery) => void> {
    return this.#group.listeners
  }

  /** Bytes of values per second that were sent to neighbors, the ones passed on among them. */
  get sentBytesPerSecond(): number {
    return this.#group.rates.sent.rate(this.#group.host.clock.now())
  }

  /** Bytes of values per second that came from neighbors. */
  get receivedBytesPerSecond(): number {
    return this.#group.rates.received.rate(this.#group.host.clock.now())
  }

  /** The neighbors, as far as they are known. */
  get neighbors(): Iterable<Pick<Station, 'placed' | 'receiveMode'>> {
    return this.#group.neighbors.values()
  }

  /** Is there a link with this peer? */
  isNeighbor(peer: string): boolean {
    return this.#group.neighbors.has(peer)
  }

  /** To whoever is nearest to an address by itself and takes such messages. @param isHop one hop, the original's way @throws Rejects NetGroupError TIMEOUT, CLOSED */
  async sendToNearest(
    content: Content,
    address: Uint8Array,
    options: SendOptions,
    isHop: boolean
  ): Promise<RouteOutcome> {
    const target = placeOf(address)
    if (isHop) return await this.#hop(content, target, options)
    return await this.#routed.send(content, { target, mode: 'nearest' }, options)
  }

  /** Straight to this neighbor, now and without a receipt. False when it is none, or another path to it is looked for: others are the better way then. */
  sendToNeighborAt(content: Content, peer: string): boolean {
    const neighbor = this.#group.neighbors.get(peer)
    if (neighbor === undefined || !isReachable(neighbor)) return false
    this.#toNeighbors.send(neighbor, content)
    return true
  }

  /** To this member; without a receipt ask {@link sendToNeighborAt} before. @param isHop one hop on the way to it, the original's way @throws Rejects NetGroupError TIMEOUT, CLOSED */
  async sendToPeer(
    content: Content,
    peer: string,
    options: SendOptions,
    isHop: boolean
  ): Promise<RouteOutcome> {
    const { neighbors, places, own } = this.#group
    const neighbor = neighbors.get(peer)
    if (neighbor !== undefined && isReachable(neighbor) && !isHop && options.receipt === true) {
      const { place: target } = neighbor
      return await this.#toNeighbors.sendForReceipt(neighbor, content, {
        signal: options.signal,
        onLost: id => void this.#reroute(content, target, id)
      })
    }
    const { place: target } = places.of(peer)
    if (isHop || peer === own.placed.peer) return await this.#hop(content, target, options)
    return await this.#routed.send(content, { target, mode: 'exact' }, options)
  }

  /** To the next neighbor on the ring. */
  async sendToNeighbor(content: Content, direction: 'increasing' | 'decreasing'): Promise<RouteOutcome> {
    const next = ringNeighbor(this.#group.own.place, this.#reachable(), direction)
    if (next === undefined) return { result: 'no route', hops: 0 }
    this.#toNeighbors.send(next, content, next.place.address)
    return { result: 'sent', hops: 1 }
  }

  /** To each neighbor. */
  async sendToAllNeighbors(content: Content): Promise<RouteOutcome> {
    const neighbors = this.#reachable()
    for (const neighbor of neighbors) this.#toNeighbors.send(neighbor, content, neighbor.place.address)
    return { result: neighbors.length > 0 ? 'sent' : 'no route', hops: 0 }
  }

  /** This member takes messages for other addresses than before. Neighbors are told elsewhere. */
  onReceiveMode(mode: ReceiveMode): void {
    this.#group.own.receiveMode = mode
    this.#routed.run({ type: 'ownReceiveMode', mode })
  }

  // LinkUser

  onLinkUp(link: NeighborLink): void {
    const peer = link.peerID.toString()
    const placed = this.#group.places.of(peer)
    this.#group.neighbors.set(peer, { placed, place: placed.place, receiveMode: 'exact', link })
    this.#routed.run({ type: 'linkUp', peer, place: placed.place, rttMs: link.rttMs })
  }

  onLinkMoved(link: NeighborLink): void {
    const peer = link.peerID.toString()
    const neighbor = this.#group.neighbors.get(peer)
    if (neighbor === undefined) return
    neighbor.link = link
    this.#routed.onLink(peer, 'linkMoved')
    this.#group.receipts.onLink(peer, 'moved')
  }

  onLinkDown(peer: string): void {
    this.#group.neighbors.delete(peer)
    this.#routed.onLink(peer, 'linkDown')
    if (!this.#group.isClosed) this.#group.receipts.onLink(peer, 'down')
  }

  onFrame(link: NeighborLink, { hello, message, routed, hopAck, receipt }: Frame): void {
    const peer = link.peerID.toString()
    const neighbor = this.#group.neighbors.get(peer)
    if (neighbor === undefined) return
    if (hello !== undefined) this.#onNeighborMode(neighbor, MODES[hello.receiveMode] ?? 'exact')
    if (message !== undefined) this.#toNeighbors.onMessage(link, Message.decode(message))
    if (routed !== undefined) this.#routed.onRouted(link, Routed.decode(routed))
    if (hopAck !== undefined) this.#routed.onHopAck(link, HopAck.decode(hopAck))
    if (receipt !== undefined) this.#onReceipt(link, Receipt.decode(receipt))
  }

  onRtt(link: NeighborLink): void {
    this.#routed.run({ type: 'rtt', peer: link.peerID.toString(), rttMs: link.rttMs })
  }

  close(): void {
    this.#group.isClosed = true
    this.#routed.close()
    this.#group.listeners.clear()
    this.#group.receipts.close()
  }

  #onReceipt(link: NeighborLink, receipt: Receipt): void {
    if (!this.#toNeighbors.onReceipt(link, receipt)) this.#routed.onReceipt(link, receipt)
  }

  /** Without those to whom another path is looked for. */
  #reachable(): NeighborStation[] {
    return [...this.#group.neighbors.values()].filter(isReachable)
  }

  #onNeighborMode(neighbor: NeighborStation, mode: ReceiveMode): void {
    if (neighbor.receiveMode === mode) return
    neighbor.receiveMode = mode
    this.#routed.run({ type: 'receiveMode', peer: neighbor.placed.peer, mode })
  }

  /** One hop: to the neighbor that is next on the way, or to oneself. */
  async #hop(content: Content, target: Place, options: SendOptions): Promise<RouteOutcome> {
    const { own } = this.#group
    const next = nextHop<Station>(own, this.#reachable(), target)
    if (next === undefined) return { result: 'no route', hops: 0 }
    if (next !== own) return await this.#handOver(next as NeighborStation, content, target, options)
    this.#deliverHere(content, target)
    return { result: 'sent', deliveredTo: own.placed.peer, hops: 0 }
  }

  /** For the neighbor's application to forward, or to keep. */
  async #handOver(
    neighbor: NeighborStation,
    content: Content,
    { address }: Place,
    { receipt, signal }: SendOptions
  ): Promise<RouteOutcome> {
    if (receipt === true)
      return await this.#toNeighbors.sendForReceipt(neighbor, content, {
        signal,
        destination: address,
        // Whether it came is not known, and it was for this neighbor: the receipt's time limit says the rest.
        onLost: () => {}
      })
    this.#toNeighbors.send(neighbor, content, address)
    return { result: 'sent', hops: 1 }
  }

  #deliverHere(content: Content, target: Place): void {
    const { own } = this.#group
    this.#group.deliver({
      ...content,
      from: own.placed.address,
      fromLocal: true,
      sender: own.placed.peer,
      destination: bytesToText(target.address, 'base16')
    })
  }

  /** A message that was sent to a neighbor, which has left since. */
  async #reroute(content: Content, target: Place, id: Uint8Array): Promise<void> {
    try {
      await this.#routed.send(content, { target, mode: 'exact' }, { receipt: true }, id)
    } catch (error) {
      this.#group.receipts.fail(id, error)
    }
  }
}

/** Not when its path is gone and another one is looked for. */
function isReachable({ link }: NeighborStation): boolean {
  return link.ending === undefined
}
