// CBOR byte strings by hand: what an application has encoded itself travels as one, often many times a second, and need not pass a general codec (measured: bench/net/routing.ts).

const BYTE_STRING = 0x40

/** The same as the general codec gives. */
export function encodeBytes(bytes: Uint8Array): Uint8Array {
  const head = headOf(bytes.byteLength)
  const encoded = new Uint8Array(head.length + bytes.byteLength)
  encoded.set(head)
  encoded.set(bytes, head.length)
  return encoded
}

/** The content, copied; undefined when this is anything else than one byte string in its only form. */
export function decodeBytes(encoded: Uint8Array): Uint8Array | undefined {
  const first = encoded[0]
  if (first === undefined || first >> 5 !== BYTE_STRING >> 5) return undefined
  const headBytes = [1, 2, 3, 5][Math.max(0, (first & 0x1f) - 23)] ?? 0
  const head = headOf(encoded.byteLength - headBytes)
  return head.length === headBytes && head.every((byte, i) => encoded[i] === byte)
    ? encoded.slice(headBytes)
    : undefined
}

/** Shortest form, as RFC 8949 §4.2.1 wants it. */
function headOf(length: number): number[] {
  if (length < 24) return [BYTE_STRING | length]
  if (length < 2 ** 8) return [BYTE_STRING | 24, length]
  if (length < 2 ** 16) return [BYTE_STRING | 25, length >> 8, length & 0xff]
  return [
    BYTE_STRING | 26,
    (length >>> 24) & 0xff,
    (length >> 16) & 0xff,
    (length >> 8) & 0xff,
    length & 0xff
  ]
}
