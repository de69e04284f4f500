// The byte layouts that every hash, signature and key of the protocol is built from (docs/PROTOCOL.md, "Conventions").
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'

/** The ASCII text followed by one zero byte: what separates the domains of our hashes and signatures. */
export function label(text: string): Uint8Array {
  return concat([fromString(text, 'ascii'), new Uint8Array(1)])
}

/** One length byte, then the bytes. @throws RangeError over 255 bytes. */
export function lengthPrefixed(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength > 255)
    throw new RangeError(`Cannot prefix ${bytes.byteLength} bytes with one length byte`)
  return concat([Uint8Array.of(bytes.byteLength), bytes])
}

/** A non-negative safe integer as 8 bytes, big-endian. */
export function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

/** Reads 8 big-endian bytes. What is above 2^53 − 1 is cut to it: no time or counter of ours gets there honestly. */
export function readUint64(bytes: Uint8Array, offset = 0): number {
  const value = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(offset)
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value)
}

/** Are these equal? Takes the same time wherever they first differ, so that a tag cannot be guessed byte by byte. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false
  let difference = 0
  for (let i = 0; i < a.byteLength; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}
