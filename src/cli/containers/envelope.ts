import { MAX_CHUNK_BYTES, NO_BYTES, type StreamChunk } from './chunk.ts'
import { MAX_HEADER_PART_BYTES } from './webm-header.ts'

// The letter N, and the version: a frame that does not begin with them was written by another program.
const MAGIC = 0x4e
const VERSION = 1
const MAY_START = 1

/** magic 1 ‖ version 1 ‖ flags 1 ‖ run 4 ‖ sequence 6 ‖ sentAt 6 ‖ header length 4 */
const FIXED_BYTES = 23

/** Longer headers are made by nobody: EBML, Info and Tracks. */
const MAX_HEADER_BYTES = 3 * MAX_HEADER_PART_BYTES + 64

/** What `netgroup publish` puts into the data of a frame: one chunk, and where it belongs. */
export interface Envelope {
  /** Drawn by the publisher: another number is another stream under the same name. */
  readonly run: number
  /** Chunks before this one. */
  readonly sequence: number
  readonly mayStart: boolean
  /** When it was sent, in ms since 1970 by the publisher's clock. */
  readonly sentAtMs: number
  readonly header: Uint8Array
  readonly body: Uint8Array
}

/** An envelope's bytes. */
export function sealEnvelope(
  chunk: StreamChunk,
  place: { run: number; sequence: number; sentAtMs: number }
): Uint8Array {
  const { header, data, mayStart } = chunk
  const bytes = new Uint8Array(FIXED_BYTES + header.length + data.length)
  const view = new DataView(bytes.buffer)
  bytes.set([MAGIC, VERSION, mayStart ? MAY_START : 0])
  view.setUint32(3, place.run)
  setUint48(view, 7, place.sequence)
  setUint48(view, 13, place.sentAtMs)
  view.setUint32(19, header.length)
  bytes.set(header, FIXED_BYTES)
  bytes.set(data, FIXED_BYTES + header.length)
  return bytes
}

/** What is in a frame's data; undefined when it is no envelope, or one of another version. */
export function openEnvelope(bytes: Uint8Array): Envelope | undefined {
  if (bytes.length < FIXED_BYTES || bytes[0] !== MAGIC || bytes[1] !== VERSION) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerBytes = view.getUint32(19)
  const bodyBytes = bytes.length - FIXED_BYTES - headerBytes
  if (headerBytes > MAX_HEADER_BYTES || bodyBytes < 0 || bodyBytes > MAX_CHUNK_BYTES) return undefined
  const body = FIXED_BYTES + headerBytes
  return {
    run: view.getUint32(3),
    sequence: getUint48(view, 7),
    mayStart: ((bytes[2] ?? 0) & MAY_START) !== 0,
    sentAtMs: getUint48(view, 13),
    header: headerBytes === 0 ? NO_BYTES : bytes.subarray(FIXED_BYTES, body),
    body: bytes.subarray(body)
  }
}

function setUint48(view: DataView, at: number, value: number): void {
  view.setUint16(at, Math.floor(value / 2 ** 32) % 2 ** 16)
  view.setUint32(at + 2, value % 2 ** 32)
}

function getUint48(view: DataView, at: number): number {
  return view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2)
}
