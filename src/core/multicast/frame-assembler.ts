import { MAX_KEPT_FRAGMENTS, MAX_STREAM_FRAME_BYTES } from '../../wire/limits.ts'
import {
  END_OF_STREAM,
  FIRST_OF_FRAME,
  type Fragment,
  KEYFRAME,
  LAST_OF_FRAME,
  payloadOf
} from './fragment.ts'
import type { StreamFrame } from './fragmenter.ts'

/** What a player reads, in order: a frame; something is missing here; the stream is over. */
export type Assembled =
  /** @param number of its first fragment */
  | { readonly type: 'frame'; readonly frame: StreamFrame; readonly number: number }
  | { readonly type: 'gap' }
  | { readonly type: 'end' }

/** Puts a player's fragments together to frames, in order. What it keeps is what the engine keeps: fragments between `start` or `skip` and the latest. */
export class FrameAssembler {
  readonly #fragments = new Map<number, Fragment>()
  #next: number | undefined
  #parts: Fragment[] = []
  #bytes = 0
  #isBroken = false

  /** How much is kept now, for tests of the bounds: fragments that wait for others, and bytes of a frame that is not whole. */
  get kept(): Readonly<Record<'fragments' | 'bytes', number>> {
    return { fragments: this.#fragments.size, bytes: this.#bytes }
  }

  /** As the engine's `start`. */
  start(number: number): void {
    this.#next = number
  }

  /** As its `deliver`. @returns what can be read now */
  add(fragment: Fragment): Assembled[] {
    if (this.#next === undefined || fragment.number < this.#next) return []
    this.#fragments.set(fragment.number, fragment)
    return this.#advance()
  }

  /** As its `skip`. */
  skip(number: number): Assembled[] {
    const assembled: Assembled[] = []
    // No engine has more than so many at once: what is further back is not looked for one by one.
    if (this.#next !== undefined && number - this.#next > MAX_KEPT_FRAGMENTS) {
      this.#miss(number - MAX_KEPT_FRAGMENTS, assembled)
      for (const old of this.#fragments.keys())
        if (old < number - MAX_KEPT_FRAGMENTS) this.#fragments.delete(old)
    }
    while (this.#next !== undefined && this.#next < number) {
      if (!this.#fragments.has(this.#next)) this.#miss(this.#next + 1, assembled)
      assembled.push(...this.#advance())
    }
    return assembled
  }

  /** What is missing ends before this number. */
  #miss(next: number, assembled: Assembled[]): void {
    this.#next = next
    this.#break(assembled)
  }

  /** The frame that has begun is given up. */
  #break(assembled: Assembled[]): void {
    this.#begin()
    if (!this.#isBroken) assembled.push({ type: 'gap' })
    this.#isBroken = true
  }

  #begin(): void {
    this.#parts = []
    this.#bytes = 0
  }

  #advance(): Assembled[] {
    const assembled: Assembled[] = []
    while (this.#next !== undefined) {
      const fragment = this.#fragments.get(this.#next)
      if (fragment === undefined) break
      this.#fragments.delete(this.#next)
      this.#next += 1
      this.#take(fragment, assembled)
    }
    return assembled
  }

  #take(fragment: Fragment, assembled: Assembled[]): void {
    const { flags } = fragment
    if ((flags & END_OF_STREAM) !== 0) {
      assembled.push({ type: 'end' })
      return
    }
    if ((flags & FIRST_OF_FRAME) !== 0) {
      this.#begin()
      this.#isBroken = false
    } else if (this.#parts.length === 0) {
      // Its frame began before the stream did here, or it belongs to none.
      return
    }
    this.#parts.push(fragment)
    this.#bytes += payloadOf(fragment).byteLength
    if (this.#bytes > MAX_STREAM_FRAME_BYTES || this.#parts.length > MAX_KEPT_FRAGMENTS) {
      this.#break(assembled)
      return
    }
    if ((flags & LAST_OF_FRAME) === 0) return
    assembled.push({ type: 'frame', frame: frameOf(this.#parts), number: this.#parts[0]?.number ?? 0 })
    this.#begin()
  }
}

/** Its bytes are nobody else's: a fragment goes on to neighbors, and who plays may do with a frame what it likes. */
function frameOf(parts: readonly Fragment[]): StreamFrame {
  const [{ kind, timestamp, flags }] = parts as [Fragment]
  const payloads = parts.map(payloadOf)
  const data = new Uint8Array(payloads.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const payload of payloads) {
    data.set(payload, at)
    at += payload.byteLength
  }
  return { kind, timestamp, keyframe: (flags & KEYFRAME) !== 0, data }
}
