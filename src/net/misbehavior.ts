import {
  INVALID_MESSAGE_WINDOW_MS,
  MAX_INVALID_MESSAGES,
  MAX_REMEMBERED_FAILURES,
  MISBEHAVIOR_REFUSAL_MS
} from '../wire/limits.ts'

/**
 * gossipsub's score of a peer by its remembered invalid messages. Below 0 it leaves the mesh, so one slip costs nothing; the platform's graylist
 * threshold is at the last of these.
 */
const SCORES = [0, 0, -10, -100]

/**
 * Counts what peers do wrong, over all groups, links and posts together: one slip is forgiven, {@link MAX_INVALID_MESSAGES} within
 * {@link INVALID_MESSAGE_WINDOW_MS} are not.
 */
export class Misbehavior {
  /** When each peer's latest invalid messages came. */
  readonly #invalidAtMs = new Map<string, number[]>()
  readonly #refusedUntilMs = new Map<string, number>()

  /** One more invalid message. Answers whether that was one too many: then the peer is refused for a while. */
  report(peer: string, nowMs: number): boolean {
    const times = [...this.#recent(peer, nowMs), nowMs]
    this.#invalidAtMs.delete(peer)
    if (times.length >= MAX_INVALID_MESSAGES) {
      this.#refusedUntilMs.set(peer, nowMs + MISBEHAVIOR_REFUSAL_MS)
      forgetOldest(this.#refusedUntilMs)
      return true
    }
    this.#invalidAtMs.set(peer, times)
    forgetOldest(this.#invalidAtMs)
    return false
  }

  /** Is it refused at the moment? */
  isRefused(peer: string, nowMs: number): boolean {
    const until = this.#refusedUntilMs.get(peer)
    if (until === undefined) return false
    if (nowMs < until) return true
    this.#refusedUntilMs.delete(peer)
    return false
  }

  /** For gossipsub's `appSpecificScore`: 0 for who did nothing wrong of late, below it for who did. */
  scoreOf(peer: string, nowMs: number): number {
    const invalid = this.isRefused(peer, nowMs) ? MAX_INVALID_MESSAGES : this.#recent(peer, nowMs).length
    return SCORES[Math.min(invalid, SCORES.length - 1)] as number
  }

  #recent(peer: string, nowMs: number): number[] {
    return (this.#invalidAtMs.get(peer) ?? []).filter(atMs => nowMs - atMs < INVALID_MESSAGE_WINDOW_MS)
  }
}

function forgetOldest(map: Map<string, unknown>): void {
  if (map.size > MAX_REMEMBERED_FAILURES) map.delete(map.keys().next().value as string)
}
