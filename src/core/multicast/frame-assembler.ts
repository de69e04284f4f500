import { concat } from 'uint8arrays/concat'
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
  | { readonly type: 'frame'; readonly frame: StreamFrame }
  | { readonly type: 'gap' }
  | { readonly type: 'end' }

/** Puts a player's fragments together to frames, in order. What it keeps is what the engine keeps: fragments between `start` or `skip` and the latest. */
export class FrameAssembler {
  readonly #fragments = new Map<number, Fragment>()
  #next: number | undefined
  #parts: Fragment[] = []
  #isBroken = false

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
    while (this.#next !== undefined && this.#next < number) {
      if (!this.#fragments.has(this.#next)) this.#miss(assembled)
      assembled.push(...this.#advance())
    }
    return assembled
  }

  #miss(assembled: Assembled[]): void {
    this.#next = (this.#next ?? 0) + 1
    this.#parts = []
    if (!this.#isBroken) assembled.push({ type: 'gap' })
    this.#isBroken = true
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
      this.#parts = []
      this.#isBroken = false
    } else if (this.#parts.length === 0) {
      // Its frame began before the stream did here, or it belongs to none.
      return
    }
    this.#parts.push(fragment)
    if ((flags & LAST_OF_FRAME) === 0) return
    assembled.push({ type: 'frame', frame: frameOf(this.#parts) })
    this.#parts = []
  }
}

function frameOf(parts: readonly Fragment[]): StreamFrame {
  const [first] = parts as [Fragment]
  const data = parts.length === 1 ? payloadOf(first) : concat(parts.map(payloadOf))
  return { kind: first.kind, timestamp: first.timestamp, keyframe: (first.flags & KEYFRAME) !== 0, data }
}
