import { isSamePlace, type Place } from '../../shared/ring.ts'
import { MAX_AWAITED_RECEIPTS, RECEIPT_LIFETIME_MS } from '../../wire/limits.ts'
import { idKey } from './pending-hops.ts'
import type { RoutedMessage, RoutingReceipt } from './routing-engine.ts'

/** The own messages that wait for a receipt: each has one outcome at most. */
export class AwaitedReceipts {
  readonly #placeOf: (peer: string) => Place
  /** The oldest first. */
  readonly #waiting = new Map<string, { readonly message: RoutedMessage; readonly untilMs: number }>()

  constructor(placeOf: (peer: string) => Place) {
    this.#placeOf = placeOf
  }

  get size(): number {
    return this.#waiting.size
  }

  /** This message has been sent. */
  add(message: RoutedMessage, nowMs: number): void {
    this.#waiting.set(idKey(message.id), { message, untilMs: nowMs + RECEIPT_LIFETIME_MS })
    for (const [key, { untilMs }] of this.#waiting) {
      if (untilMs > nowMs && this.#waiting.size <= MAX_AWAITED_RECEIPTS) break
      this.#waiting.delete(key)
    }
  }

  /** Is it what a message waits for? True once for each. A message for an exact address has been delivered by its owner or by nobody. */
  settle(receipt: RoutingReceipt, nowMs: number): boolean {
    const key = idKey(receipt.id)
    const waiting = this.#waiting.get(key)
    if (waiting === undefined || waiting.untilMs <= nowMs) return false
    const { mode, target } = waiting.message
    if (receipt.deliverer !== undefined && mode === 'exact')
      if (!isSamePlace(this.#placeOf(receipt.deliverer), target)) return false
    return this.#waiting.delete(key)
  }
}
