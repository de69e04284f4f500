import type { Logger } from '@libp2p/interface'
import Denque from 'denque'
import { Uint8ArrayList } from 'uint8arraylist'
import type { FrameKind } from '../../core/multicast/fragment.ts'
import { MAX_WAITING_FRAGMENT_BYTES } from '../../wire/limits.ts'
import { appendBlock } from '../blocks.ts'
import type { PacedPiece, TrafficClass } from '../class-scheduler.ts'
import type { Clock } from '../clock.ts'
import type { NeighborLink } from '../neighbor-link.ts'
import { PacedSender, type SideSource } from '../paced-sender.ts'
import type { SideStreams } from '../side-streams.ts'
import { UNHURRIED } from '../taken-teller.ts'

/** A fragment on its way out. */
export interface OutgoingFragment {
  /** The first 8 bytes of the stream's key. */
  readonly stream: Uint8Array
  readonly kind: FrameKind
  readonly bytes: Uint8Array
  /** It was asked for: behind what is pushed, in its class. */
  readonly isPulled: boolean
  /** It has been handed to the network, or dropped. Once. */
  onDone(): void
}

/** Sends fragments of all streams to one neighbor: audio before video before data, whatever stream they are of. */
export class MediaSender implements SideSource {
  readonly classes: readonly TrafficClass[] = ['audio', 'video', 'data']
  readonly leastTimedBytes: number = UNHURRIED.bytes
  readonly #sender: PacedSender
  readonly #pushed = new Map<string, Denque<OutgoingFragment>>()
  readonly #pulled = new Map<string, Denque<OutgoingFragment>>()
  #waitingBytes = 0

  constructor(link: NeighborLink, streams: SideStreams, clock: Clock, log: Logger) {
    this.#sender = new PacedSender(link, streams, clock, log, this)
    for (const kind of this.classes) {
      this.#pushed.set(kind, new Denque())
      this.#pulled.set(kind, new Denque())
    }
  }

  send(fragment: OutgoingFragment): void {
    if (this.#waitingBytes + fragment.bytes.byteLength > MAX_WAITING_FRAGMENT_BYTES) {
      fragment.onDone()
      return
    }
    this.#waitingBytes += fragment.bytes.byteLength
    const queues = fragment.isPulled ? this.#pulled : this.#pushed
    queues.get(fragment.kind)?.push(fragment)
    this.#sender.wake()
  }

  close(): void {
    this.#sender.close()
  }

  next(trafficClass: TrafficClass): PacedPiece | undefined {
    const fragment = this.#pushed.get(trafficClass)?.shift() ?? this.#pulled.get(trafficClass)?.shift()
    if (fragment === undefined) return undefined
    this.#waitingBytes -= fragment.bytes.byteLength
    const data = new Uint8ArrayList()
    appendBlock(data, fragment.stream, fragment.bytes)
    fragment.onDone()
    return { data, counted: data.byteLength }
  }

  /** What waits is dropped. */
  onReset(): void {
    this.#waitingBytes = 0
    for (const queues of [this.#pushed, this.#pulled])
      for (const queue of queues.values()) {
        const waiting = queue.toArray()
        queue.clear()
        for (const fragment of waiting) fragment.onDone()
      }
  }
}
