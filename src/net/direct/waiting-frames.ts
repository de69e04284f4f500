import Denque from 'denque'
import type { DirectFrame } from './direct-frame.ts'

/** A part of a frame that goes now. */
export interface FramePart {
  readonly frame: DirectFrame
  readonly payload: Uint8Array
  readonly isFirst: boolean
  readonly isLast: boolean
  /** With the first part: something before the frame was left out. */
  readonly isAfterGap: boolean
}

interface Waiting {
  readonly frame: DirectFrame
  readonly sinceMs: number
  /** Of its bytes, how many have gone; undefined before the first part. */
  sentBytes: number | undefined
  isAfterGap: boolean
}

/**
 * Frames of one kind that wait for one who plays a direct stream, the oldest first. Of the first one a part may have gone: that one stays. The newest call of each handler stays as well, as what it says holds until the
 * next.
 */
export class WaitingFrames {
  readonly #queue = new Denque<Waiting>()
  /** By handler. */
  readonly #newestCalls = new Map<string, Waiting>()
  #bytes = 0
  /** Was something left out behind all that wait? */
  #isAfterGap = false

  /** Bytes that have not gone. */
  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#queue.isEmpty()
  }

  /** Was something left out behind all that wait? */
  get isAfterGap(): boolean {
    return this.#isAfterGap
  }

  get frames(): DirectFrame[] {
    return this.#queue.toArray().map(({ frame }) => frame)
  }

  push(frame: DirectFrame, nowMs: number): void {
    const waiting = { frame, sinceMs: nowMs, sentBytes: undefined, isAfterGap: this.#isAfterGap }
    this.#isAfterGap = false
    this.#queue.push(waiting)
    this.#bytes += frame.data.byteLength
    if (frame.handler !== undefined) this.#newestCalls.set(frame.handler, waiting)
  }

  /** One that comes now is left out. */
  gap(): void {
    this.#isAfterGap = true
  }

  /** The next part of the oldest frame; undefined when none waits. */
  take(maxBytes: number): FramePart | undefined {
    const waiting = this.#queue.peekFront()
    if (waiting === undefined) return undefined
    const { frame, sentBytes, isAfterGap } = waiting
    const start = sentBytes ?? 0
    const end = Math.min(frame.data.byteLength, start + maxBytes)
    const isLast = end === frame.data.byteLength
    waiting.sentBytes = end
    this.#bytes -= end - start
    if (isLast) {
      this.#queue.shift()
      this.#forget(waiting)
    }
    const payload = frame.data.subarray(start, end)
    return { frame, payload, isLast, isFirst: sentBytes === undefined, isAfterGap }
  }

  /** Leaves out the oldest, whatever it is. */
  dropOldest(): DirectFrame | undefined {
    return this.#drop(this.#firstUnbegun)
  }

  /** Leaves out the oldest, unless it is a keyframe. */
  dropUndecodable(): DirectFrame | undefined {
    const at = this.#firstUnbegun
    return this.#queue.peekAt(at)?.frame.keyframe === true ? undefined : this.#drop(at)
  }

  /** Leaves out the oldest that waits since before this time. */
  dropLate(beforeMs: number): DirectFrame | undefined {
    for (let at = this.#firstUnbegun; ; at++) {
      const waiting = this.#queue.peekAt(at)
      if (waiting === undefined || waiting.sinceMs >= beforeMs) return undefined
      if (!this.#isNewestCall(waiting)) return this.#drop(at)
    }
  }

  /** Leaves out the oldest, but not the newest, however large. */
  shed(): DirectFrame | undefined {
    for (let at = this.#firstUnbegun; at < this.#queue.length - 1; at++) {
      const waiting = this.#queue.peekAt(at)
      if (waiting !== undefined && !this.#isNewestCall(waiting)) return this.#drop(at)
    }
    return undefined
  }

  /** Leaves out the oldest call of this handler, but not the newest. */
  dropCallOf(handler: string): DirectFrame | undefined {
    for (let at = this.#firstUnbegun; at < this.#queue.length; at++) {
      const waiting = this.#queue.peekAt(at)
      if (waiting?.frame.handler === handler) return this.#isNewestCall(waiting) ? undefined : this.#drop(at)
    }
    return undefined
  }

  clear(): void {
    this.#queue.clear()
    this.#newestCalls.clear()
    this.#bytes = 0
  }

  /** What follows hears of the gap; not of a call that is left out: nothing of the stream itself is missing then. */
  #drop(at: number): DirectFrame | undefined {
    const dropped = this.#queue.peekAt(at)
    if (dropped === undefined) return undefined
    this.#queue.removeOne(at)
    this.#forget(dropped)
    const { frame, isAfterGap } = dropped
    this.#bytes -= frame.data.byteLength
    if (frame.isCall && !isAfterGap) return frame
    const next = this.#queue.peekAt(at)
    if (next === undefined) this.#isAfterGap = true
    else next.isAfterGap = true
    return frame
  }

  #forget(waiting: Waiting): void {
    const { handler } = waiting.frame
    if (handler !== undefined && this.#isNewestCall(waiting)) this.#newestCalls.delete(handler)
  }

  #isNewestCall(waiting: Waiting): boolean {
    const { handler } = waiting.frame
    return handler !== undefined && this.#newestCalls.get(handler) === waiting
  }

  get #firstUnbegun(): number {
    return this.#queue.peekFront()?.sentBytes === undefined ? 0 : 1
  }
}
