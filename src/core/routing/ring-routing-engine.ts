// Greedy routing on the ring. Each member that holds a message sends it to the one of its neighbors that is nearest to the target, or keeps it, when it is nearer itself.
// Where the ring is right that ends at the nearest member, after about half of log2 N links by way of the fingers. The next hop acknowledges at once;
// who does not is passed over; where nobody is left the message goes back to where it came from, which tries its next best: a search in depth, over
// members that have not had it, of 40 links at most. (Rule T7, measured in simulation: with 30 % of all members gone, all arrives within 10 s.)
//
// A member for which a message may be, its address the target or in receive mode 'nearest', is sent it even when it has had it: it passed it on because somebody
// seemed nearer, and keeps it when all of those have had it. What follows, if receive modes are known and nobody lies:
//  - 'exact': delivered to the owner of the address and nobody else; always, where the ring is right.
//  - 'nearest', all members receive so, the ring is right: always delivered to the very nearest.
//  - 'nearest', some receive so: delivered to one of them that knows of no nearer one. Those between are passed one by one, and each sees its own neighbors only,
//    so it is not always the very nearest. Measured on rings of 300 (test/unit/routing): of all messages 99 % come to the very nearest when every second
//    member receives so, 95 % at one in ten. At three in a hundred 2 % are not delivered, at one in a hundred a third: nobody on their way knew of any.
//  - A copy that was believed lost may arrive too: the destination delivers once. Hops do not look for copies, so a receipt 'not delivered' may be about one.
//  - Loops: a message visits nobody twice but those for whom it may be, and these only with a new member in between. Liars can only make 40 links of it.

import { ExpiringSet } from '../../shared/expiring-set.ts'
import type { Place } from '../../shared/ring.ts'
import {
  MAX_DELIVERED_ROUTED,
  MAX_ROUTING_HOPS,
  MAX_ROUTING_VISITED,
  SEEN_WINDOW_MS
} from '../../wire/limits.ts'
import { ackWaitMs } from './ack-wait.ts'
import { type HeldMessage, idKey, PendingHops } from './pending-hops.ts'
import { ReturningReceipts } from './returning-receipts.ts'
import type {
  ReceiveMode,
  RoutedMessage,
  RoutingEffect,
  RoutingEngine,
  RoutingInit,
  RoutingInput,
  Travel
} from './routing-engine.ts'
import { isFor, isSilent, type RoutingNeighbor, RoutingNeighbors } from './routing-neighbors.ts'
import {
  before,
  EMPTY_TRAIL,
  entryOf,
  includesEntry,
  lastEntry,
  lengthOf,
  withEntry,
  withoutLast
} from './trail.ts'
import { faultOf, type LinkEnd } from './travel-fault.ts'

/**
 * After so many links it goes to the nearest that is known to take it, though there may be nearer ones. Measured (test/unit/routing): with 30 more messages
 * end at the very nearest, and more at the hop limit.
 */
const MAX_EXPLORING_HOPS = 24

/** The {@link RoutingEngine} of a group's ring. */
export class RingRoutingEngine implements RoutingEngine {
  readonly #init: RoutingInit
  /** Where this member is, and how it stands in trails. */
  readonly #own: LinkEnd
  readonly #neighbors = new RoutingNeighbors()
  readonly #pending = new PendingHops()
  readonly #receipts: ReturningReceipts
  readonly #delivered = new ExpiringSet(SEEN_WINDOW_MS, MAX_DELIVERED_ROUTED)
  #mode: ReceiveMode = 'exact'
  #timerAtMs = Number.POSITIVE_INFINITY
  #nowMs = 0
  #effects: RoutingEffect[] = []

  constructor(init: RoutingInit) {
    this.#init = init
    this.#own = { place: init.place, entry: entryOf(init.place) }
    this.#receipts = new ReturningReceipts(init, this.#neighbors)
  }

  /** How much is kept now, for tests of the bounds. */
  get kept(): Readonly<Record<'hops' | 'hopBytes' | 'awaited' | 'delivered', number>> {
    return {
      hops: this.#pending.size,
      hopBytes: this.#pending.bytes,
      awaited: this.#receipts.awaited,
      delivered: this.#delivered.size
    }
  }

  handle(input: RoutingInput, nowMs: number): RoutingEffect[] {
    this.#nowMs = nowMs
    const effects: RoutingEffect[] = []
    this.#effects = effects
    this.#dispatch(input)
    return effects
  }

  #dispatch(input: RoutingInput): void {
    switch (input.type) {
      case 'linkUp':
        this.#neighbors.set(input.peer, input.place, input.rttMs)
        this.#sendAgain(input.peer)
        break
      case 'linkMoved':
        this.#sendAgain(input.peer)
        break
      case 'linkDown':
        this.#neighbors.delete(input.peer)
        for (const { held, to } of this.#pending.takeOf(input.peer)) this.#passOver(held, to)
        break
      case 'rtt':
        this.#neighbors.update(input.peer, { rttMs: input.rttMs })
        break
      case 'receiveMode':
        this.#neighbors.update(input.peer, { mode: input.mode })
        break
      case 'ownReceiveMode':
        this.#mode = input.mode
        break
      case 'timer':
        this.#onTimer()
        break
      default:
        this.#dispatchMessage(input)
    }
  }

  #dispatchMessage(
    input: Extract<
      RoutingInput,
      { type: 'send' | 'routed' | 'hopAck' | 'verified' | 'receiptSigned' | 'receipt' }
    >
  ): void {
    switch (input.type) {
      case 'routed':
        this.#onRouted(input.from, input.travel)
        break
      case 'hopAck':
        this.#neighbors.update(input.from, { isSuspect: false })
        this.#pending.acknowledge(input.from, input.id)
        break
      case 'send':
        this.#onSend(input.message)
        break
      case 'verified':
        if (input.isTrue) this.#onVerified(input.travel, input.from)
        break
      case 'receiptSigned':
        this.#effects.push(...this.#receipts.pass(input.receipt, input.path, this.#nowMs))
        break
      case 'receipt':
        this.#effects.push(...this.#receipts.take(input.from, input.receipt, input.path, this.#nowMs))
    }
  }

  #onSend(message: RoutedMessage): void {
    this.#receipts.expect(message, this.#nowMs)
    const travel = { message, hops: 0, visited: EMPTY_TRAIL, path: EMPTY_TRAIL }
    this.#hold({ travel, from: this.#init.peer, silent: [], isLastTry: false })
  }

  #onRouted(from: string, travel: Travel): void {
    const sender = this.#neighbors.get(from)
    if (sender === undefined) return
    sender.isSuspect = false
    const reason = faultOf(travel, sender, this.#own)
    if (reason !== undefined) {
      this.#effects.push({ type: 'misbehavior', peer: from, reason })
      return
    }
    this.#effects.push({ type: 'sendHopAck', to: from, id: travel.message.id })
    this.#hold({ travel: arrived(travel, this.#own.entry), from, silent: [], isLastTry: false })
  }

  /** The one rule: of those that it may go to, this member among them, the nearest has it next. */
  #hold(held: HeldMessage): void {
    const { travel } = held
    const isForSelf = isFor(travel.message, this.#init.place, this.#mode)
    const isAtEnd = travel.hops >= MAX_ROUTING_HOPS
    const next = isAtEnd ? undefined : this.#next(held, isForSelf ? this.#init.place : undefined)
    if (next !== undefined) this.#send(held, next, withEntry(travel.path, this.#own.entry))
    else if (isForSelf) this.#arrive(held)
    else if (isAtEnd) this.#giveUp(travel)
    else this.#onDeadEnd(held)
  }

  /** @param own where it stays when no neighbor is nearer */
  #next(held: HeldMessage, own: Place | undefined): RoutingNeighbor | undefined {
    const { message, hops } = held.travel
    if (message.mode === 'nearest' && hops >= MAX_EXPLORING_HOPS) {
      const next = this.#neighbors.nextFor(held, own, true)
      if (next !== undefined || own !== undefined) return next
    }
    return this.#neighbors.nextFor(held, own, false)
  }

  #send(held: HeldMessage, to: RoutingNeighbor, path: Uint8Array): void {
    const { message, hops } = held.travel
    const sent = { message, hops: hops + 1, visited: this.#visitedWith(held, to), path }
    this.#effects.push({ type: 'sendRouted', to: to.peer, travel: sent })
    const deadlineMs = this.#nowMs + ackWaitMs(to, held.isLastTry)
    if (this.#pending.add({ held, to, sent, deadlineMs })) this.#setTimer(deadlineMs)
  }

  /** Own place is added, and those of the silent ones as far as there is room beside all that may follow. */
  #visitedWith({ travel, silent }: HeldMessage, to: RoutingNeighbor): Uint8Array {
    let visited = travel.visited
    if (!includesEntry(visited, this.#own.entry)) visited = withEntry(visited, this.#own.entry)
    for (const { peer, entry } of silent) {
      const hasRoom = lengthOf(visited) + MAX_ROUTING_HOPS - travel.hops < MAX_ROUTING_VISITED
      if (hasRoom && peer !== to.peer && !includesEntry(visited, entry)) visited = withEntry(visited, entry)
    }
    return visited
  }

  /** What was on its way over a link that is no more. */
  #sendAgain(peer: string): void {
    for (const hop of this.#pending.of(peer)) {
      this.#effects.push({ type: 'sendRouted', to: peer, travel: hop.sent })
      hop.deadlineMs = this.#nowMs + ackWaitMs(hop.to, hop.held.isLastTry)
      this.#setTimer(hop.deadlineMs)
    }
  }

  /** Goes on without a neighbor that did not take it. */
  #passOver(held: HeldMessage, neighbor: RoutingNeighbor): void {
    this.#hold({ ...held, silent: [...held.silent, neighbor] })
  }

  /** A silent neighbor whose link lives may only be late: the nearest of them has a second chance. Then the message goes back. */
  #onDeadEnd(held: HeldMessage): void {
    const silent = held.isLastTry
      ? undefined
      : this.#neighbors.nextFor({ ...held, silent: [] }, undefined, false)
    if (silent === undefined) this.#turnBack(held)
    else this.#send({ ...held, isLastTry: true }, silent, withEntry(held.travel.path, this.#own.entry))
  }

  #turnBack(held: HeldMessage): void {
    for (let { path } = held.travel; path.byteLength > 0; path = withoutLast(path)) {
      const back = this.#neighbors.withEntry(lastEntry(path))
      if (back === undefined || isSilent(held, back)) continue
      this.#send(held, back, path)
      return
    }
    this.#giveUp(held.travel)
  }

  #giveUp(travel: Travel): void {
    this.#effects.push(...this.#receipts.notDelivered(travel, this.#nowMs))
  }

  #arrive({ travel, from }: HeldMessage): void {
    const { message, hops } = travel
    if (this.#delivered.has(deliveryKey(message), this.#nowMs)) this.#confirm(travel)
    else if (hops > 0) this.#effects.push({ type: 'verify', travel, from })
    else {
      // It has never left: nobody else can have made it.
      this.#deliver(message, from)
      this.#effects.push(...this.#receipts.deliveredHere(message, this.#nowMs))
    }
  }

  #onVerified(travel: Travel, from: string): void {
    if (!this.#delivered.has(deliveryKey(travel.message), this.#nowMs)) this.#deliver(travel.message, from)
    this.#confirm(travel)
  }

  #deliver(message: RoutedMessage, from: string): void {
    this.#delivered.add(deliveryKey(message), this.#nowMs)
    this.#effects.push({ type: 'deliver', message, from })
  }

  #confirm({ message, hops, path }: Travel): void {
    if (message.wantsReceipt) this.#effects.push({ type: 'signReceipt', message, hops, path })
  }

  #onTimer(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY
    for (const { held, to } of this.#pending.takeExpired(this.#nowMs)) {
      to.isSuspect = true
      this.#passOver(held, to)
    }
    this.#setTimer(this.#pending.nextDeadlineMs())
  }

  /** Only earlier than before: one that fires for nothing is set anew then. */
  #setTimer(atMs: number): void {
    if (atMs >= this.#timerAtMs) return
    this.#timerAtMs = atMs
    this.#effects.push({ type: 'setTimer', afterMs: atMs - this.#nowMs })
  }
}

/** As it is held: the way back from here is what was before the own place, where the message has been here before. */
function arrived(travel: Travel, own: Uint8Array): Travel {
  const path = before(travel.path, own)
  return path === travel.path ? travel : { ...travel, path }
}

function deliveryKey({ originator, id }: RoutedMessage): string {
  return originator + idKey(id)
}
