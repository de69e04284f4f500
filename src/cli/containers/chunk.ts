/** A piece of a byte stream. All pieces put together are the stream, byte by byte. */
export interface StreamChunk {
  readonly data: Uint8Array
  /** It begins where a decoder can begin, given {@link header}. The first chunk of a stream is always one. */
  readonly keyframe: boolean
  /** Whoever comes late, or has missed something, may go on here. True for each keyframe, and for all chunks of bytes without a format. */
  readonly mayStart: boolean
  /** When it is to be seen, in µs from the beginning of the stream. Never less than the one before. */
  readonly timestamp: number
  /** What a decoder needs before {@link data} when it begins here; empty when nothing. */
  readonly header: Uint8Array
}

/** Cuts one byte stream into chunks. No I/O and no clock: time comes in. */
export interface Chunker {
  /**
   * The next bytes of the stream; answers the chunks that are complete.
   *
   * @param atUs when they came, in µs of any clock: the timestamp where the stream itself has none
   */
  push(bytes: Uint8Array, atUs: number): StreamChunk[]
  /** Nothing came for a moment: answers what need not wait for more. */
  flush(): StreamChunk[]
  /** The stream is at its end: answers all that is left. */
  end(): StreamChunk[]
}

/** No bytes. */
export const NO_BYTES: Uint8Array = new Uint8Array(0)

/** No chunk is longer: a few fragments of 4 to 8 KiB. */
export const MAX_CHUNK_BYTES: number = 32 * 1024

/** A chunk that has grown to this is cut at the next good place: guess, 65 ms at 2 Mbit/s. */
export const GOOD_CHUNK_BYTES: number = 16 * 1024

/** A chunk that covers this much of the stream's time is cut at the next good place: guess, less than a picture at 25 a second. */
export const GOOD_CHUNK_US = 20_000
