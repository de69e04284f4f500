// Variable length unsigned integers: 7-bit groups, most significant first, high bit = more (RFC 7016 §2.1.2), at most 4 bytes.
import { invalidGroupspec } from './groupspec-error.ts'

/** The largest value that fits in 4 bytes of 7 bits. */
export const MAX_VLU = 0x0fff_ffff

/** Encodes in as few bytes as possible. @throws RangeError outside 0 .. {@link MAX_VLU}. */
export function encodeVLU(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > MAX_VLU)
    throw new RangeError(`Cannot encode ${value}: it must be an integer from 0 to ${MAX_VLU}`)
  const groups = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) groups.unshift((rest & 0x7f) | 0x80)
  return Uint8Array.from(groups)
}

/**
 * Reads one value.
 *
 * @param base what `offset` 0 is in the whole groupspec, for the error
 * @returns the value, and the offset behind it
 * @throws GroupspecError when the bytes end within it, it takes over 4 bytes, or more bytes than it needs
 */
export function readVLU(bytes: Uint8Array, offset: number, base = 0): { value: number; end: number } {
  let value = 0
  for (let end = offset; end < offset + 4; ) {
    const byte = bytes[end++]
    if (byte === undefined) throw invalidGroupspec('number', base + offset, 'the bytes end within it')
    if (byte === 0x80 && end === offset + 1)
      throw invalidGroupspec('number', base + offset, 'it takes more bytes than it needs')
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) return { value, end }
  }
  throw invalidGroupspec('number', base + offset, 'it takes more than 4 bytes')
}
