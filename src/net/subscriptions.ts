import type { PeerId } from '@libp2p/interface'
import type { Timer } from './clock.ts'
import type { GroupHost } from './group-host.ts'
import type { NeighborLink } from './neighbor-link.ts'

/**
 * A neighbor that has not said that it subscribes is asked again after this, in ms, and then after twice as long: its word may have been lost, or its machine, or this one, is busy. One that has no stream to say it
 * over when the last of these has passed never will. Measured, thirty members on a third of two processors: with 3 s each time half of all links ended so, and were made again.
 */
const FIRST_TIMEOUT_MS = 3_000
const LAST_TIMEOUT_MS = 12_000

/** How {@link Subscriptions} is made. */
export interface SubscriptionsInit {
  readonly host: GroupHost
  readonly topic: string
  /** The link with this neighbor; undefined when it is none. */
  readonly linkWith: (peer: string) => NeighborLink | undefined
  /** The neighbor has no pubsub stream to us. */
  readonly onDeaf: (peerID: PeerId) => void
}

/** Who of a group's neighbors is known to hear its posts. A neighbor is a member, so it subscribes; when it seems not to, it is made to say it again. */
export class Subscriptions {
  readonly #init: SubscriptionsInit
  readonly #timers = new Map<string, Timer>()

  constructor(init: SubscriptionsInit) {
    this.#init = init
  }

  /** Those that have said so, members or not. */
  get peers(): Set<string> {
    const { host, topic } = this.#init
    return new Set(host.pubsub.getSubscribers(topic).map(String))
  }

  /** A neighbor with a new link is to say so soon. */
  expect(peerID: PeerId, timeoutMs: number = FIRST_TIMEOUT_MS): void {
    const { host, linkWith, onDeaf } = this.#init
    const peer = peerID.toString()
    this.forget(peer)
    const timer = host.clock.setTimer(() => {
      this.#timers.delete(peer)
      const link = linkWith(peer)
      if (link === undefined || this.peers.has(peer)) return
      // A link that has ended is being mended: with the next it has time again.
      if (link.ending !== undefined) this.expect(peerID)
      else if (host.gate.reopen(peerID) || timeoutMs < LAST_TIMEOUT_MS)
        this.expect(peerID, Math.min(2 * timeoutMs, LAST_TIMEOUT_MS))
      else onDeaf(peerID)
    }, timeoutMs)
    this.#timers.set(peer, timer)
  }

  /** It is a neighbor no more. */
  forget(peer: string): void {
    this.#timers.get(peer)?.cancel()
    this.#timers.delete(peer)
  }

  close(): void {
    for (const timer of this.#timers.values()) timer.cancel()
  }
}
