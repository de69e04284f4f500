import {
  HANDSHAKE_REFUSAL_MS,
  MAX_HANDSHAKE_FAILURES,
  MAX_HANDSHAKES,
  MAX_HANDSHAKES_PER_PEER,
  MAX_REMEMBERED_FAILURES
} from '../wire/limits.ts'
import type { Clock } from './clock.ts'

/** What others may have of our answers to their link handshakes: so many under way, in all and each, and none for a while after several that failed. */
export class HandshakeLimits {
  readonly #clock: Clock
  readonly #pendingByPeer = new Map<string, number>()
  readonly #failures = new Map<string, { count: number; lastMs: number }>()
  #pending = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Is a further one of this peer's not to be answered? */
  isRefused(peer: string): boolean {
    if (this.#pending >= MAX_HANDSHAKES || (this.#pendingByPeer.get(peer) ?? 0) >= MAX_HANDSHAKES_PER_PEER)
      return true
    const failures = this.#failures.get(peer)
    return (
      failures !== undefined &&
      failures.count >= MAX_HANDSHAKE_FAILURES &&
      this.#clock.now() - failures.lastMs < HANDSHAKE_REFUSAL_MS
    )
  }

  /** One more of this peer's is under way, or, however it ended, one less. */
  count(peer: string, change: 1 | -1): void {
    this.#pending += change
    const pending = (this.#pendingByPeer.get(peer) ?? 0) + change
    if (pending === 0) this.#pendingByPeer.delete(peer)
    else this.#pendingByPeer.set(peer, pending)
  }

  /** The peer has proven what it has to. */
  onSuccess(peer: string): void {
    this.#failures.delete(peer)
  }

  /** The peer is at fault. */
  onFailure(peer: string): void {
    const now = this.#clock.now()
    const failures = this.#failures.get(peer)
    const isOver = failures === undefined || now - failures.lastMs >= HANDSHAKE_REFUSAL_MS
    this.#failures.delete(peer)
    this.#failures.set(peer, { count: isOver ? 1 : failures.count + 1, lastMs: now })
    if (this.#failures.size > MAX_REMEMBERED_FAILURES)
      this.#failures.delete(this.#failures.keys().next().value as string)
  }
}
