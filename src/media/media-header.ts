// What stands before each picture and each piece of sound (docs/PROTOCOL.md, section 17).

/** number 2 ‖ configuration 1 ‖ length 2, big-endian; then the configuration, of that length, and what the codec made. */
export const MEDIA_HEADER_BYTES = 5

/** Frames are counted, and configurations, from 0 again after so many. */
export const FRAME_NUMBERS = 65_536
export const CONFIGURATION_NUMBERS = 256

/** A frame of one kind as it travels. */
export interface MediaPayload {
  /** Counts the frames of its kind. */
  readonly number: number
  /** Which configuration it needs. */
  readonly configuration: number
  /** That configuration, encoded; empty when it was sent before. */
  readonly config: Uint8Array
  readonly data: Uint8Array
}

/** Something that the codec made: WebCodecs' chunks are. */
export interface Chunk {
  readonly byteLength: number
  copyTo(into: Uint8Array): void
}

/** @param config at most 65,535 bytes */
export function encodeMediaPayload(
  number: number,
  configuration: number,
  config: Uint8Array,
  chunk: Chunk
): Uint8Array {
  const start = MEDIA_HEADER_BYTES + config.byteLength
  const bytes = new Uint8Array(start + chunk.byteLength)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, number)
  view.setUint8(2, configuration)
  view.setUint16(3, config.byteLength)
  bytes.set(config, MEDIA_HEADER_BYTES)
  chunk.copyTo(bytes.subarray(start))
  return bytes
}

/** Parts are views of the bytes. Undefined for what is none. */
export function decodeMediaPayload(bytes: Uint8Array): MediaPayload | undefined {
  if (bytes.byteLength < MEDIA_HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = MEDIA_HEADER_BYTES + view.getUint16(3)
  if (start > bytes.byteLength) return undefined
  return {
    number: view.getUint16(0),
    configuration: view.getUint8(2),
    config: bytes.subarray(MEDIA_HEADER_BYTES, start),
    data: bytes.subarray(start)
  }
}
