import { NO_BYTES } from './chunk.ts'

/** Bytes of a stream that are not given away yet. Places are counted from the beginning of the stream, so they stay what they are. */
export class HeldBytes {
  #buffer: Uint8Array = NO_BYTES
  #offset = 0
  #start = 0
  #length = 0

  /** Where the first byte that is held stands in the stream. */
  get start(): number {
    return this.#start
  }

  /** Where the next byte to come will stand. */
  get end(): number {
    return this.#start + this.#length
  }

  /** Adds a copy of these bytes. */
  append(bytes: Uint8Array): void {
    if (this.#offset + this.#length + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length)
    this.#buffer.set(bytes, this.#offset + this.#length)
    this.#length += bytes.length
  }

  /** The byte at a place; 0 where none is held. */
  at(place: number): number {
    return place < this.#start || place >= this.end
      ? 0
      : (this.#buffer[this.#offset + place - this.#start] ?? 0)
  }

  /** The bytes from one place to another, as far as they are held. Valid until the next call of {@link append} or {@link take}. */
  view(from: number, to: number): Uint8Array {
    const [first, last] = [Math.max(from, this.#start), Math.min(to, this.end)]
    if (last <= first) return NO_BYTES
    return this.#buffer.subarray(this.#offset + first - this.#start, this.#offset + last - this.#start)
  }

  /** Gives away what stands before a place: a copy. */
  take(before: number): Uint8Array {
    const bytes = this.view(this.#start, before).slice()
    this.#start += bytes.length
    this.#offset += bytes.length
    this.#length -= bytes.length
    return bytes
  }

  #makeRoom(bytes: number): void {
    const kept = this.view(this.#start, this.end)
    const buffer =
      kept.length + bytes > this.#buffer.length / 2
        ? new Uint8Array(Math.max(4_096, 2 * (kept.length + bytes)))
        : this.#buffer
    buffer.set(kept)
    this.#buffer = buffer
    this.#offset = 0
  }
}
