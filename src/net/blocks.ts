import type { Uint8ArrayList } from 'uint8arraylist'

/** Side streams consist of blocks: a length of 4 bytes, and so many bytes. */
export const BLOCK_LENGTH_BYTES = 4

/** Appends a block. Its bytes are not copied. */
export function appendBlock(out: Uint8ArrayList, ...parts: readonly Uint8Array[]): void {
  const length = new Uint8Array(BLOCK_LENGTH_BYTES)
  let bytes = 0
  for (const part of parts) bytes += part.byteLength
  new DataView(length.buffer).setUint32(0, bytes)
  out.append(length)
  for (const part of parts) out.append(part)
}
