import { MAX_PENDING_HOP_BYTES, MAX_PENDING_HOPS } from '../../wire/limits.ts'
import type { RoutedMessage, Travel } from './routing-engine.ts'
import type { RoutingNeighbor } from './routing-neighbors.ts'

/** Bytes of a message's id. */
export const ROUTED_ID_BYTES = 16

/** What a message without payload takes, in bytes, about. Guess: keys, trails, signature. */
const MESSAGE_OVERHEAD_BYTES = 512

/** A message that is here, and what has been tried with it. */
export interface HeldMessage {
  readonly travel: Travel
  /** Who sent it here; the own peer when it began here. */
  readonly from: string
  /** Neighbors that were sent it and did not answer. */
  readonly silent: readonly RoutingNeighbor[]
  /** A silent neighbor has been tried again, for want of others. */
  readonly isLastTry: boolean
}

/** A message that was sent on and not acknowledged yet. */
export interface PendingHop {
  readonly held: HeldMessage
  readonly to: RoutingNeighbor
  /** What was sent. */
  readonly sent: Travel
  /** When it is given up. */
  deadlineMs: number
}

/** A message id as the key of a map; one that is none is ''. Done for each message: without the iterator of a spread. */
export function idKey(id: Uint8Array): string {
  if (id.byteLength !== ROUTED_ID_BYTES) return ''
  return String.fromCharCode.apply(undefined, id as unknown as number[])
}

/** What was sent on and not acknowledged yet, by neighbor; bounded in number and bytes over all neighbors. */
export class PendingHops {
  readonly #byPeer = new Map<string, Map<string, PendingHop>>()
  /** The oldest first. */
  readonly #all = new Set<PendingHop>()
  #bytes = 0

  get size(): number {
    return this.#all.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Keeps it. A second one of the same id with the same neighbor is not kept: the first goes on waiting. False then. */
  add(hop: PendingHop): boolean {
    const key = idKey(hop.sent.message.id)
    let ofPeer = this.#byPeer.get(hop.to.peer)
    if (ofPeer === undefined) {
      ofPeer = new Map()
      this.#byPeer.set(hop.to.peer, ofPeer)
    }
    if (ofPeer.has(key)) return false
    ofPeer.set(key, hop)
    this.#all.add(hop)
    this.#bytes += bytesOf(hop.sent.message)
    while (this.#all.size > MAX_PENDING_HOPS || this.#bytes > MAX_PENDING_HOP_BYTES) this.#forgetOldest()
    return true
  }

  /** The neighbor has it. */
  acknowledge(peer: string, id: Uint8Array): void {
    const hop = this.#byPeer.get(peer)?.get(idKey(id))
    if (hop !== undefined) this.#remove(hop)
  }

  /** What waits for this neighbor. */
  of(peer: string): PendingHop[] {
    return [...(this.#byPeer.get(peer)?.values() ?? [])]
  }

  /** Takes out what waits for this neighbor. */
  takeOf(peer: string): PendingHop[] {
    const hops = this.of(peer)
    for (const hop of hops) this.#remove(hop)
    return hops
  }

  /** Takes out what has waited too long. */
  takeExpired(nowMs: number): PendingHop[] {
    const expired = [...this.#all].filter(hop => hop.deadlineMs <= nowMs)
    for (const hop of expired) this.#remove(hop)
    return expired
  }

  /** When the next one has waited too long; Infinity when none waits. */
  nextDeadlineMs(): number {
    let nextMs = Number.POSITIVE_INFINITY
    for (const { deadlineMs } of this.#all) if (deadlineMs < nextMs) nextMs = deadlineMs
    return nextMs
  }

  #remove(hop: PendingHop): void {
    if (!this.#all.delete(hop)) return
    this.#bytes -= bytesOf(hop.sent.message)
    const ofPeer = this.#byPeer.get(hop.to.peer)
    ofPeer?.delete(idKey(hop.sent.message.id))
    if (ofPeer?.size === 0) this.#byPeer.delete(hop.to.peer)
  }

  #forgetOldest(): void {
    for (const oldest of this.#all) {
      this.#remove(oldest)
      return
    }
  }
}

function bytesOf(message: RoutedMessage): number {
  return MESSAGE_OVERHEAD_BYTES + message.payload.byteLength
}
