import type { FrameKind } from '../../core/multicast/fragment.ts'
import { MAX_DIRECT_UNRELIABLE_BYTES } from '../../wire/limits.ts'
import { KeyframeGate, type LeftOut } from '../keyframe-gate.ts'
import type { DirectFrame } from './direct-frame.ts'
import { type DirectPiece, KINDS, PIECE_PAYLOAD_BYTES, PieceFlag } from './direct-piece.ts'
import { type FramePart, WaitingFrames } from './waiting-frames.ts'

/** How long a frame that is not reliable may wait, in ms. Guess: what is seen half a second late disturbs more than what is left out; audio is small, and its loss is heard. */
const DEADLINE_MS: Readonly<Record<FrameKind, number>> = { audio: 1_000, video: 500, data: 1_000 }

/** Which kinds give way first. */
const SHED_ORDER: readonly FrameKind[] = ['video', 'data', 'audio']

/** Which kinds of frames are never left out. */
export type Reliability = Readonly<Record<FrameKind, boolean>>

/**
 * Frames that wait for one who plays a direct stream, and are taken from here in pieces at the moment when they can go. Of what is not reliable, frames that have not begun to go are left out when they have waited
 * for too long, or too much waits: for a call an older one of its handler, else the oldest first, video before data before audio. Video begins anew with a keyframe, where the stream has any.
 */
export class SubscriberQueue {
  readonly #reliable: Reliability
  readonly #onDropped: (frame: DirectFrame) => void
  readonly #maxUnreliableBytes: number
  readonly #waiting: Readonly<Record<FrameKind, WaitingFrames>> = {
    audio: new WaitingFrames(),
    video: new WaitingFrames(),
    data: new WaitingFrames()
  }
  readonly #isWanted: Record<FrameKind, boolean> = { audio: true, video: true, data: true }
  readonly #gate = new KeyframeGate()
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
    return KINDS.flatMap(kind => this.#waiting[kind].frames)
  }

  /** @returns whether it is to go to this one, also when it is dropped */
  push(frame: DirectFrame, nowMs: number): boolean {
    if (this.#end !== 'no') return false
    const leftOut = this.#whyLeftOut(frame)
    if (leftOut !== undefined) {
      this.#waiting[frame.kind].gap()
      if (leftOut === 'dropped') this.#onDropped(frame)
      return leftOut === 'dropped'
    }
    this.#waiting[frame.kind].push(frame, nowMs)
    for (const each of KINDS) this.#dropLate(each, nowMs)
    if (frame.handler !== undefined) this.#giveWay(frame.handler)
    this.#shed()
    return true
  }

  /** From now on frames of this kind are left out, or no longer; video then begins with a keyframe. One that has begun to go goes on. */
  want(kind: 'audio' | 'video', isWanted: boolean): void {
    this.#isWanted[kind] = isWanted
    if (isWanted) return
    while (this.#waiting[kind].dropOldest() !== undefined) {}
    if (kind === 'video' && this.#waiting.video.isAfterGap) this.#gate.shut('unwanted')
  }

  /** Behind all that waits, the stream ends. */
  end(): void {
    if (this.#end === 'no') this.#end = 'wanted'
  }

  /** What waits is gone. */
  clear(): void {
    for (const kind of KINDS) this.#waiting[kind].clear()
    this.#end = 'sent'
  }

  /** The next piece of this kind; undefined when there is none now. The end is of the kind that is asked for when nothing waits any more. */
  next(kind: FrameKind, nowMs: number): DirectPiece | undefined {
    this.#dropLate(kind, nowMs)
    const part = this.#waiting[kind].take(PIECE_PAYLOAD_BYTES)
    if (part === undefined) return this.#nextEnd(kind)
    return { kind, flags: flagsOf(part), timestamp: part.frame.timestamp, payload: part.payload }
  }

  #nextEnd(kind: FrameKind): DirectPiece | undefined {
    if (this.#end !== 'wanted' || !this.#isDrained) return undefined
    this.#end = 'sent'
    const isAfterGap = KINDS.some(each => this.#waiting[each].isAfterGap)
    const flags = PieceFlag.END | (isAfterGap ? PieceFlag.GAP : 0)
    return { kind, flags, timestamp: 0, payload: new Uint8Array(0) }
  }

  get #isDrained(): boolean {
    return KINDS.every(kind => this.#waiting[kind].isEmpty)
  }

  #bytesOf(isReliable: boolean): number {
    return KINDS.reduce(
      (sum, kind) => sum + (this.#reliable[kind] === isReliable ? this.#waiting[kind].bytes : 0),
      0
    )
  }

  get #isTooMuch(): boolean {
    return this.#bytesOf(false) > this.#maxUnreliableBytes
  }

  #whyLeftOut(frame: DirectFrame): LeftOut | undefined {
    const { kind } = frame
    const undecodable = kind === 'video' ? this.#gate.pass(frame) : undefined
    if (this.#isWanted[kind]) return undecodable
    if (kind === 'video') this.#gate.shut('unwanted')
    return 'unwanted'
  }

  #dropLate(kind: FrameKind, nowMs: number): void {
    if (this.#reliable[kind]) return
    const beforeMs = nowMs - DEADLINE_MS[kind]
    while (this.#tellDropped(this.#waiting[kind].dropLate(beforeMs))) {}
  }

  /** Older calls of a handler are worth least: before anything else is left out. */
  #giveWay(handler: string): void {
    if (this.#reliable.data) return
    while (this.#isTooMuch && this.#tellDropped(this.#waiting.data.dropCallOf(handler))) {}
  }

  #shed(): void {
    while (this.#isTooMuch) {
      const hasShed = SHED_ORDER.some(
        kind => !this.#reliable[kind] && this.#tellDropped(this.#waiting[kind].shed())
      )
      if (!hasShed) return
    }
  }

  /** Of video, what needed that frame goes too. @returns whether there was one */
  #tellDropped(dropped: DirectFrame | undefined): boolean {
    if (dropped === undefined) return false
    this.#onDropped(dropped)
    if (dropped.kind !== 'video' || !this.#gate.hasKeyframes) return true
    const { video } = this.#waiting
    for (let next = video.dropUndecodable(); next !== undefined; next = video.dropUndecodable())
      this.#onDropped(next)
    if (video.isAfterGap) this.#gate.shut('dropped')
    return true
  }
}

function flagsOf({ frame, isFirst, isLast, isAfterGap }: FramePart): number {
  const flags = (frame.keyframe ? PieceFlag.KEYFRAME : 0) | (frame.isCall ? PieceFlag.CALL : 0)
  const place = (isFirst ? PieceFlag.FIRST : 0) | (isLast ? PieceFlag.LAST : 0)
  return flags | place | (isFirst && isAfterGap ? PieceFlag.GAP : 0)
}
