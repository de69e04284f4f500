import { NetGroupError } from '../core/errors.ts'
import type { Clock } from './clock.ts'
import { keyOf } from './routing-frames.ts'

/** How long the sender of a message waits for its receipt, in ms. The engine tries for as long as that. */
export const RECEIPT_TIMEOUT_MS = 10_000

/** What became of a message that was sent. */
export interface RouteOutcome {
  readonly result: 'sent' | 'no route'
  /** Peer id of who delivered it, when a receipt says so. */
  readonly deliveredTo?: string
  /** Links passed. */
  readonly hops: number
}

/** A message that waits for its receipt. */
export interface Expectation {
  /** It went to this neighbor over the link, whose word without a signature is enough. */
  readonly neighbor: string | undefined
  /** The link with the neighbor is another one: what was on its way may be lost. */
  readonly onMoved?: () => void
  /** The neighbor is gone. */
  readonly onDown?: () => void
}

interface Pending extends Expectation {
  settle(outcome: RouteOutcome): void
  fail(error: unknown): void
}

/** The messages of one membership whose senders wait for a receipt. */
export class PendingReceipts {
  readonly #clock: Clock
  readonly #pending = new Map<string, Pending>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when it is {@link settle}d. @throws Rejects NetGroupError TIMEOUT, CLOSED, or the signal's reason */
  async expect(
    id: Uint8Array,
    expectation: Expectation,
    signal: AbortSignal | undefined
  ): Promise<RouteOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<RouteOutcome>()
    const onAbort = (): void => reject(signal?.reason)
    const timer = this.#clock.setTimer(() => reject(timedOut()), RECEIPT_TIMEOUT_MS)
    signal?.addEventListener('abort', onAbort)
    this.#pending.set(keyOf(id), { ...expectation, settle: resolve, fail: reject })
    try {
      return await promise
    } finally {
      timer.cancel()
      signal?.removeEventListener('abort', onAbort)
      this.#pending.delete(keyOf(id))
    }
  }

  /** What is expected of the receipt for this message; undefined when nobody waits for one. */
  get(id: Uint8Array): Expectation | undefined {
    return this.#pending.get(keyOf(id))
  }

  /** This is what became of it. */
  settle(id: Uint8Array, outcome: RouteOutcome): void {
    this.#pending.get(keyOf(id))?.settle(outcome)
  }

  /** Nothing will come of it. */
  fail(id: Uint8Array, error: unknown): void {
    this.#pending.get(keyOf(id))?.fail(error)
  }

  /** The link with this neighbor is another one, or the neighbor is gone. */
  onLink(peer: string, change: 'onMoved' | 'onDown'): void {
    for (const pending of [...this.#pending.values()]) if (pending.neighbor === peer) pending[change]?.()
  }

  /** Nothing will come any more: what waits rejects CLOSED. */
  close(): void {
    for (const pending of this.#pending.values()) pending.fail(closedMeanwhile())
  }
}

/** The group has ended while a message was being sent. */
export function closedMeanwhile(): NetGroupError<'CLOSED'> {
  return new NetGroupError(
    'CLOSED',
    'Cannot tell whether the message was delivered: the group was closed',
    {}
  )
}

function timedOut(): NetGroupError<'TIMEOUT'> {
  const text = `Cannot tell whether the message was delivered: no receipt came within ${RECEIPT_TIMEOUT_MS / 1_000} s`
  return new NetGroupError('TIMEOUT', text, { afterMs: RECEIPT_TIMEOUT_MS })
}
