/**
 * Requests that a peer may make at once: a member of 64 groups registers and asks in each of them when it comes, and reads some pages of answers (64 × 2, and as many again).
 */
const BURST = 256

/** And then one per this many ms: 64 groups polled every 5 s, the shortest pause of a member, are 13 in a second. */
const INTERVAL_MS = 50

/** Longest wait, in ms: a client gives up after 10 s. */
const MAX_WAIT_MS = 5_000

/** How fast each peer may ask, over all its streams and connections: what is too fast waits, and what would wait too long is refused (GCRA). */
export class RequestPace {
  /** When the requests so far are worked off, at one per {@link INTERVAL_MS}. */
  readonly #paidUntilMs = new Map<string, number>()

  /** How long this request of a peer has to wait, in ms; undefined: it is refused. */
  next(peer: string, nowMs: number): number | undefined {
    const untilMs = Math.max(nowMs, this.#paidUntilMs.get(peer) ?? 0) + INTERVAL_MS
    const waitMs = Math.max(0, untilMs - nowMs - BURST * INTERVAL_MS)
    if (waitMs > MAX_WAIT_MS) return undefined
    this.#paidUntilMs.set(peer, untilMs)
    return waitMs
  }

  /** Forgets who has not asked for so long that it makes no difference. Call it now and then. */
  expire(nowMs: number): void {
    for (const [peer, untilMs] of this.#paidUntilMs) if (untilMs <= nowMs) this.#paidUntilMs.delete(peer)
  }
}
