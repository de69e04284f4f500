import type { SimLinkEnd } from './sim-link.ts'

/** How a node can be reached: by all; by whoever can be reached itself or sits behind a cone NAT; only by those that are open. */
export type NatKind = 'open' | 'cone' | 'symmetric'

/** What happens to a node: who drives the engines. */
export interface SimHost {
  /** Would a link that this peer opens be welcome? */
  accepts(peer: string): boolean
  onLinkUp(end: SimLinkEnd): void
  /** The link stands anew in the place of the one there was, of which this side had not noticed that it was broken. */
  onLinkMoved(end: SimLinkEnd): void
  onLinkDown(end: SimLinkEnd): void
  onDialFailed(peer: string): void
  /** @param kind as {@link SimNetwork.kindOf} numbers it */
  onFrame(end: SimLinkEnd, kind: number, payload: unknown): void
}

/** How a node is made. */
export interface SimNodeInit {
  /** Unique; stands for the peer id. */
  readonly name: string
  /** @default `'open'` */
  readonly nat?: NatKind
  /** Bits per second that it can send; what is more waits. @default no bound */
  readonly uplinkBitsPerSecond?: number
  /** How long each frame that comes in occupies it, in ms: a slow peer. @default 0 */
  readonly processingMs?: number
}

/** A machine on the network. */
export class SimNode {
  /** In the order of coming, from 0. */
  readonly id: number
  readonly name: string
  readonly host: SimHost
  readonly nat: NatKind
  readonly uplinkBitsPerSecond: number
  readonly processingMs: number
  /** By the name of the other side. */
  readonly links: Map<string, SimLinkEnd> = new Map()
  /** Bytes sent, by kind of frame. */
  readonly sentBytes: number[] = []
  isAlive = true
  /** Of a partition: only nodes of the same side reach each other. */
  side = 0
  dials = 0
  #uplinkFreeMs = 0
  #bulkFreeMs = 0
  #processedMs = 0

  constructor(id: number, host: SimHost, init: SimNodeInit) {
    this.id = id
    this.host = host
    this.name = init.name
    this.nat = init.nat ?? 'open'
    this.uplinkBitsPerSecond = init.uplinkBitsPerSecond ?? Number.POSITIVE_INFINITY
    this.processingMs = init.processingMs ?? 0
  }

  /** Counts bytes that it has sent. */
  count(kind: number, bytes: number): void {
    this.sentBytes[kind] = (this.sentBytes[kind] ?? 0) + bytes
  }

  /** When the last of these bytes has left, if they are sent now. */
  departureMs(bytes: number, nowMs: number): number {
    if (this.uplinkBitsPerSecond === Number.POSITIVE_INFINITY) return nowMs
    const takesMs = (bytes * 8_000) / this.uplinkBitsPerSecond
    this.#uplinkFreeMs = Math.max(this.#uplinkFreeMs, nowMs) + takesMs
    this.#bulkFreeMs += takesMs
    return this.#uplinkFreeMs
  }

  /** The same of bulk, which all else overtakes and which gives way to it. */
  bulkDepartureMs(bytes: number, nowMs: number): number {
    if (this.uplinkBitsPerSecond === Number.POSITIVE_INFINITY) return nowMs
    const takesMs = (bytes * 8_000) / this.uplinkBitsPerSecond
    this.#bulkFreeMs = Math.max(this.#bulkFreeMs, this.#uplinkFreeMs, nowMs) + takesMs
    return this.#bulkFreeMs
  }

  /** When a frame that has come now has been worked on. */
  processedMs(nowMs: number): number {
    this.#processedMs = Math.max(this.#processedMs, nowMs) + this.processingMs
    return this.#processedMs
  }
}
