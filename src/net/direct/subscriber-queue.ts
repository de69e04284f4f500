import Denque from 'denque'
import type { FrameKind } from '../../core/multicast/fragment.ts'
import type { StreamFrame } from '../../core/multicast/fragmenter.ts'
import { MAX_DIRECT_UNRELIABLE_BYTES } from '../../wire/limits.ts'
import { type DirectPiece, KINDS, PIECE_PAYLOAD_BYTES, PieceFlag } from './direct-piece.ts'

/** How long a frame that is not reliable may wait, in ms. Guess: what is seen half a second late disturbs more than what is left out; audio is small, and its loss is heard. */
const DEADLINE_MS: Readonly<Record<FrameKind, number>> = { audio: 1_000, video: 500, data: 1_000 }

/** Which kinds give way first. */
const SHED_ORDER: readonly FrameKind[] = ['video', 'data', 'audio']

/** A frame of a direct stream. */
export interface DirectFrame extends StreamFrame {
  /** It is a call of `send()`. */
  readonly isCall: boolean
}

/** Which kinds of frames are never left out. */
export type Reliability = Readonly<Record<FrameKind, boolean>>

interface Waiting {
  readonly frame: DirectFrame
  readonly sinceMs: number
  /** Of its bytes, how many have gone; undefined before the first piece. */
  sentBytes: number | undefined
}

/**
 * Frames that wait for one who plays a direct stream, and are taken from here in pieces at the moment when they can go. Of what is not reliable, frames that have not begun to go are left out when they have waited
 * for too long, or too much waits: the oldest first, video before data before audio.
 */
export class SubscriberQueue {
  readonly #reliable: Reliability
  readonly #onDropped: (frame: DirectFrame) => void
  readonly #maxUnreliableBytes: number
  readonly #queues: Record<FrameKind, Denque<Waiting>> = {
    audio: new Denque(),
    video: new Denque(),
    data: new Denque()
  }
  readonly #isWanted: Record<FrameKind, boolean> = { audio: true, video: true, data: true }
  readonly #isAfterGap: Record<FrameKind, boolean> = { audio: false, video: false, data: false }
  readonly #bytes: Record<FrameKind, number> = { audio: 0, video: 0, data: 0 }
  #end: 'no' | 'wanted' | 'sent' = 'no'

  /** @param onDropped hears of each frame that is left out, but for those that are not wanted */
  constructor(
    reliable: Reliability,
    onDropped: (frame: DirectFrame) => void,
    maxUnreliableBytes: number = MAX_DIRECT_UNRELIABLE_BYTES
  ) {
    this.#reliable = reliable
    this.#onDropped = onDropped
    this.#maxUnreliableBytes = maxUnreliableBytes
  }

  /** Bytes that wait and may not be left out. */
  get reliableBytes(): number {
    return this.#bytesOf(true)
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytesOf(true) + this.#bytesOf(false)
  }

  /** Is there nothing to send? The end of the stream is something. */
  get isEmpty(): boolean {
    return this.#isDrained && this.#end !== 'wanted'
  }

  get frames(): DirectFrame[] {
    return KINDS.flatMap(kind => this.#queues[kind].toArray().map(({ frame }) => frame))
  }

  push(frame: DirectFrame, nowMs: number): boolean {
    const { kind } = frame
    if (this.#end !== 'no') return false
    if (!this.#isWanted[kind]) {
      this.#isAfterGap[kind] = true
      return false
    }
    this.#queues[kind].push({ frame, sinceMs: nowMs, sentBytes: undefined })
    this.#bytes[kind] += frame.data.byteLength
    for (const each of KINDS) this.#dropLate(each, nowMs)
    this.#shed()
    return true
  }

  /** From now on frames of this kind are left out, or no longer. One that has begun to go goes on. */
  want(kind: 'audio' | 'video', isWanted: boolean): void {
    this.#isWanted[kind] = isWanted
    if (isWanted) return
    while (this.#dropOldest(kind) !== undefined) {}
  }

  /** Behind all that waits, the stream ends. */
  end(): void {
    if (this.#end === 'no') this.#end = 'wanted'
  }

  /** What waits is gone. */
  clear(): void {
    for (const kind of KINDS) {
      this.#queues[kind].clear()
      this.#bytes[kind] = 0
    }
    this.#end = 'sent'
  }

  /** The next piece of this kind; undefined when there is none now. The end is of the kind that is asked for when nothing waits any more. */
  next(kind: FrameKind, nowMs: number): DirectPiece | undefined {
    this.#dropLate(kind, nowMs)
    const waiting = this.#queues[kind].peekFront()
    if (waiting === undefined) return this.#nextEnd(kind)
    const { frame, sentBytes } = waiting
    const start = sentBytes ?? 0
    const end = Math.min(frame.data.byteLength, start + PIECE_PAYLOAD_BYTES)
    const flags = this.#flagsOf(waiting, end)
    waiting.sentBytes = end
    this.#bytes[kind] -= end - start
    if (end === frame.data.byteLength) this.#queues[kind].shift()
    return { kind, flags, timestamp: frame.timestamp, payload: frame.data.subarray(start, end) }
  }

  #flagsOf({ frame, sentBytes }: Waiting, end: number): number {
    const { kind, keyframe, isCall, data } = frame
    let flags = (keyframe ? PieceFlag.KEYFRAME : 0) | (isCall ? PieceFlag.CALL : 0)
    if (end === data.byteLength) flags |= PieceFlag.LAST
    if (sentBytes !== undefined) return flags
    if (this.#isAfterGap[kind]) flags |= PieceFlag.GAP
    this.#isAfterGap[kind] = false
    return flags | PieceFlag.FIRST
  }

  #nextEnd(kind: FrameKind): DirectPiece | undefined {
    if (this.#end !== 'wanted' || !this.#isDrained) return undefined
    this.#end = 'sent'
    const isAfterGap = KINDS.some(each => this.#isAfterGap[each])
    const flags = PieceFlag.END | (isAfterGap ? PieceFlag.GAP : 0)
    return { kind, flags, timestamp: 0, payload: new Uint8Array(0) }
  }

  get #isDrained(): boolean {
    return KINDS.every(kind => this.#queues[kind].isEmpty())
  }

  #bytesOf(isReliable: boolean): number {
    return KINDS.reduce((sum, kind) => sum + (this.#reliable[kind] === isReliable ? this.#bytes[kind] : 0), 0)
  }

  #dropLate(kind: FrameKind, nowMs: number): void {
    if (this.#reliable[kind]) return
    for (;;) {
      const oldest = this.#queues[kind].peekAt(this.#firstUnbegun(kind))
      if (oldest === undefined || nowMs - oldest.sinceMs <= DEADLINE_MS[kind]) return
      this.#drop(kind)
    }
  }

  /** The newest frame stays, however large. */
  #shed(): void {
    while (this.#bytesOf(false) > this.#maxUnreliableBytes) {
      const kind = SHED_ORDER.find(
        each => !this.#reliable[each] && this.#queues[each].length > this.#firstUnbegun(each) + 1
      )
      if (kind === undefined) return
      this.#drop(kind)
    }
  }

  #drop(kind: FrameKind): void {
    const dropped = this.#dropOldest(kind)
    if (dropped !== undefined) this.#onDropped(dropped)
  }

  #dropOldest(kind: FrameKind): DirectFrame | undefined {
    const queue = this.#queues[kind]
    const at = this.#firstUnbegun(kind)
    const dropped = queue.peekAt(at)?.frame
    if (dropped === undefined) return undefined
    queue.removeOne(at)
    this.#bytes[kind] -= dropped.data.byteLength
    this.#isAfterGap[kind] = true
    return dropped
  }

  /** The first frame may be on its way in part. */
  #firstUnbegun(kind: FrameKind): number {
    return this.#queues[kind].peekFront()?.sentBytes === undefined ? 0 : 1
  }
}
