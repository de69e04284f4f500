import { NetGroupError } from '../core/errors.ts'
import type { Clock } from './clock.ts'
import { keyOf } from './routing-frames.ts'

/** How long the sender of a message waits for its receipt, in ms. The engine tries for as long as that. */
export const RECEIPT_TIMEOUT_MS = 10_000

/** A message of whose receipt nothing is heard is sent again after this, in ms, and again: links die while they are used. Guess: far longer than any way takes. */
const AGAIN_MS = 2_500

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
  /** Sends it again: nothing was heard for a while, or the link with the neighbor is another one. Whoever has it already only confirms it again. */
  readonly again: () => void
  /** The neighbor is gone. */
  readonly onDown?: () => void
}

interface Pending extends Omit<Expectation, 'again'> {
  again: () => void
  /** Copies of it are on the way, so that what is told of one of them says little. */
  isSentAgain: boolean
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
    const timers = [this.#clock.setTimer(() => reject(timedOut()), RECEIPT_TIMEOUT_MS)]
    for (let afterMs = AGAIN_MS; afterMs < RECEIPT_TIMEOUT_MS; afterMs += AGAIN_MS)
      timers.push(this.#clock.setTimer(() => this.#again(id), afterMs))
    signal?.addEventListener('abort', onAbort)
    this.#pending.set(keyOf(id), {
      ...expectation,
      isSentAgain: false,
      settle: resolve,
      fail: reject
    })
    try {
      return await promise
    } finally {
      for (const timer of timers) timer.cancel()
      signal?.removeEventListener('abort', onAbort)
      this.#pending.delete(keyOf(id))
    }
  }

  /** What is expected of the receipt for this message; undefined when nobody waits for one. */
  get(id: Uint8Array): Expectation | undefined {
    return this.#pending.get(keyOf(id))
  }

  /** It goes another way from now on. */
  reroute(id: Uint8Array, again: () => void): void {
    const pending = this.#pending.get(keyOf(id))
    if (pending !== undefined) pending.again = again
  }

  /** This is what became of it. That one copy of several found no route says nothing of the others. */
  settle(id: Uint8Array, outcome: RouteOutcome): void {
    const pending = this.#pending.get(keyOf(id))
    if (outcome.result === 'sent' || pending?.isSentAgain === false) pending?.settle(outcome)
  }

  #again(id: Uint8Array): void {
    const pending = this.#pending.get(keyOf(id))
    if (pending === undefined) return
    pending.isSentAgain = true
    pending.again()
  }

  /** Nothing will come of it. */
  fail(id: Uint8Array, error: unknown): void {
    this.#pending.get(keyOf(id))?.fail(error)
  }

  /** The link with this neighbor is another one, or the neighbor is gone. */
  onLink(peer: string, change: 'moved' | 'down'): void {
    for (const pending of [...this.#pending.values()])
      if (pending.neighbor === peer) change === 'moved' ? pending.again() : pending.onDown?.()
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
