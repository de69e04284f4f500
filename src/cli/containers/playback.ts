import type { Envelope } from './envelope.ts'
import { openEnvelope } from './envelope.ts'

/**
 * Puts a stream together again out of the frames that come. From its first chunk on, all bodies: the bytes that were published. Late, or after something was missed:
 * from the next chunk where one may start, with its header unless that was written before.
 */
export class Playback {
  #run: number | undefined
  /** The next chunk, when nothing is missed. */
  #next = 0
  #isWaiting = false
  /** The last header that a decoder has. */
  #header: Uint8Array | undefined
  #isPlain: boolean | undefined
  #missed = 0

  /** Chunks that did not come, or came while there was no place to start. */
  get missed(): number {
    return this.#missed
  }

  /** What comes now is another stream, even if its frames look like those before: a recording of it. */
  restart(): void {
    this.#run = undefined
    this.#isPlain = undefined
  }

  /** The next frame's data; answers what is to be written, in order. */
  take(data: Uint8Array): { readonly parts: readonly Uint8Array[]; readonly sentAtMs: number | undefined } {
    const envelope = openEnvelope(data)
    // A program that writes bytes as they are.
    this.#isPlain ??= envelope === undefined
    if (this.#isPlain) return { parts: [data], sentAtMs: undefined }
    if (envelope === undefined) return { parts: [], sentAtMs: undefined }
    return { parts: this.#partsOf(envelope), sentAtMs: envelope.sentAtMs }
  }

  #partsOf(envelope: Envelope): Uint8Array[] {
    const { sequence, run, mayStart, header, body } = envelope
    const isSameRun = run === this.#run
    // It came twice, or too late.
    if (isSameRun && sequence < this.#next) return []
    const isGap = sequence !== this.#next || !isSameRun
    if (isSameRun) this.#missed += sequence - this.#next
    if (isGap) this.#isWaiting = !(sequence === 0 && !isSameRun)
    if (!isSameRun) this.#header = undefined
    this.#run = run
    this.#next = sequence + 1
    if (this.#isWaiting && !mayStart) {
      this.#missed++
      return []
    }
    const isKnown = header.length === 0 || !this.#isWaiting || isEqual(header, this.#header)
    this.#isWaiting = false
    if (header.length > 0) this.#header = header.slice()
    return isKnown ? [body] : [header, body]
  }
}

function isEqual(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return a.length === b?.length && a.every((byte, at) => byte === b[at])
}
