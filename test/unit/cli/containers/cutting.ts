import type { Chunker, StreamChunk } from '../../../../src/cli/containers/chunk.ts'

/** Feeds a stream in pieces, as a pipe may give them, and answers all chunks. */
export function cut(chunker: Chunker, bytes: Uint8Array, pieceBytes: () => number): StreamChunk[] {
  const chunks: StreamChunk[] = []
  for (let at = 0; at < bytes.length; ) {
    const to = Math.min(bytes.length, at + pieceBytes())
    chunks.push(...chunker.push(bytes.subarray(at, to), at))
    at = to
  }
  return [...chunks, ...chunker.end()]
}

/** The bytes of all these chunks. */
export function bodiesOf(chunks: readonly StreamChunk[]): Buffer {
  return Buffer.concat(chunks.map(chunk => chunk.data))
}

/** What whoever begins at this chunk writes. */
export function from(chunks: readonly StreamChunk[], index: number): Buffer {
  return Buffer.concat([chunks[index]?.header ?? new Uint8Array(0), bodiesOf(chunks.slice(index))])
}
