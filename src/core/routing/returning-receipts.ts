import { MAX_ROUTING_HOPS } from '../../wire/limits.ts'
import { AwaitedReceipts } from './awaited-receipts.ts'
import type { RoutedMessage, RoutingEffect, RoutingInit, RoutingReceipt, Travel } from './routing-engine.ts'
import type { RoutingNeighbors } from './routing-neighbors.ts'
import { EMPTY_TRAIL, lastEntry, lengthOf, withoutLast } from './trail.ts'

const NO_SIGNATURE = new Uint8Array(0)

/** Receipts on their way back to who sent a message. They are not acknowledged: one that is lost is missing. */
export class ReturningReceipts {
  readonly #init: RoutingInit
  readonly #neighbors: RoutingNeighbors
  readonly #awaited: AwaitedReceipts

  constructor(init: RoutingInit, neighbors: RoutingNeighbors) {
    this.#init = init
    this.#neighbors = neighbors
    this.#awaited = new AwaitedReceipts(init.placeOf)
  }

  /** Own messages that wait for one. */
  get awaited(): number {
    return this.#awaited.size
  }

  /** An own message is sent. */
  expect(message: RoutedMessage, nowMs: number): void {
    if (message.wantsReceipt) this.#awaited.add(message, nowMs)
  }

  /** One that a neighbor sent. */
  take(from: string, receipt: RoutingReceipt, path: Uint8Array, nowMs: number): RoutingEffect[] {
    if (this.#neighbors.get(from) === undefined) return []
    const isSound = Number.isInteger(lengthOf(path)) && lengthOf(path) <= MAX_ROUTING_HOPS
    // An own message that was delivered here is never told of from outside.
    const isOwn = receipt.originator === this.#init.peer && receipt.deliverer === this.#init.peer
    if (isSound && !isOwn) return this.pass(receipt, path, nowMs)
    return [{ type: 'misbehavior', peer: from, reason: 'receipt' }]
  }

  /** An own message was for the own peer: no link is between that could be signed against. */
  deliveredHere({ id, wantsReceipt }: RoutedMessage, nowMs: number): RoutingEffect[] {
    const { peer } = this.#init
    if (!wantsReceipt) return []
    return this.#settle(
      { id, originator: peer, deliverer: peer, hops: 0, signature: NO_SIGNATURE, key: undefined },
      nowMs
    )
  }

  /** Nobody is there for it. */
  notDelivered({ message, hops, path }: Travel, nowMs: number): RoutingEffect[] {
    const { id, originator, wantsReceipt } = message
    if (!wantsReceipt) return []
    const receipt = { id, originator, deliverer: undefined, hops, signature: NO_SIGNATURE, key: undefined }
    return this.pass(receipt, path, nowMs)
  }

  /**
   * To the originator where that is a neighbor; else to the last of the path that is one, with a shorter path; else to a neighbor nearer to the originator than this
   * place, without a path. So it never goes in circles.
   */
  pass(receipt: RoutingReceipt, path: Uint8Array, nowMs: number): RoutingEffect[] {
    const { originator } = receipt
    if (originator === this.#init.peer) return this.#settle(receipt, nowMs)
    if (this.#neighbors.get(originator) !== undefined)
      // With the path, should the link with it turn out to be dead.
      return [{ type: 'sendReceipt', to: originator, receipt, path }]
    for (let rest = path; rest.byteLength > 0; rest = withoutLast(rest)) {
      const back = this.#neighbors.withEntry(lastEntry(rest))
      if (back !== undefined)
        return [{ type: 'sendReceipt', to: back.peer, receipt, path: withoutLast(rest) }]
    }
    const nearer = this.#neighbors.nearerTo(this.#init.placeOf(originator), this.#init.place)
    return nearer === undefined ? [] : [{ type: 'sendReceipt', to: nearer.peer, receipt, path: EMPTY_TRAIL }]
  }

  #settle(receipt: RoutingReceipt, nowMs: number): RoutingEffect[] {
    return this.#awaited.settle(receipt, nowMs) ? [{ type: 'outcome', receipt }] : []
  }
}
