import { type Chunker, NO_BYTES, type StreamChunk } from './chunk.ts'
import { MPEGTSChunker } from './mpegts-chunker.ts'
import { RawChunker } from './raw-chunker.ts'
import { TS_PACKET_BYTES, TS_SYNC } from './ts-packet.ts'
import { WebMChunker } from './webm-chunker.ts'

/** What a byte stream can be. */
export const CONTAINER_FORMATS = ['mpegts', 'webm', 'raw'] as const

/** One of {@link CONTAINER_FORMATS}. `webm` is Matroska too; `raw` is anything. */
export type ContainerFormat = (typeof CONTAINER_FORMATS)[number]

const EBML_MAGIC = [0x1a, 0x45, 0xdf, 0xa3]

/** Packets that must follow each other: a text may begin with the letter G. More of them where the first is cut off, or stands behind something else, up to so many bytes. */
const PACKETS_TO_SEE = 3
const LATE_PACKETS_TO_SEE = 4
const LATE_BYTES = 1_024

/**
 * What a stream is, by its first bytes; undefined while more of them must come to know.
 *
 * @param isAll nothing more comes, or not soon: decide
 */
export function detectFormat(bytes: Uint8Array, isAll: boolean): ContainerFormat | undefined {
  if (bytes.length === 0) return isAll ? 'raw' : undefined
  const isMagic = EBML_MAGIC.every((byte, at) => at >= bytes.length || bytes[at] === byte)
  if (isMagic && bytes.length >= EBML_MAGIC.length) return 'webm'
  if (isMagic) return isAll ? 'raw' : undefined
  const hasPackets = packetsAt(bytes, 0, PACKETS_TO_SEE)
  if (hasPackets === undefined && !isAll) return undefined
  if (hasPackets !== false) return bytes.length >= TS_PACKET_BYTES ? 'mpegts' : 'raw'
  for (let at = 1; at <= LATE_BYTES; at++) if (packetsAt(bytes, at, LATE_PACKETS_TO_SEE)) return 'mpegts'
  const isEnough = bytes.length > LATE_BYTES + (LATE_PACKETS_TO_SEE - 1) * TS_PACKET_BYTES
  return isEnough || isAll || isText(bytes) ? 'raw' : undefined
}

/** Do so many packets follow each other from here on? Undefined: as far as there are bytes. */
function packetsAt(bytes: Uint8Array, from: number, packets: number): boolean | undefined {
  for (let packet = 0; packet < packets; packet++) {
    const at = from + packet * TS_PACKET_BYTES
    if (at >= bytes.length) return undefined
    if (bytes[at] !== TS_SYNC) return false
  }
  return true
}

/** Nothing but what people write, as far as it goes: in ASCII, or beyond it. */
function isText(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d))
}

/** A chunker for a format; 'auto': for the one that {@link detectFormat} finds, which is told when it has. */
export function chunkerFor(
  format: ContainerFormat | 'auto',
  onFound: (format: ContainerFormat) => void = () => {}
): Chunker {
  if (format === 'mpegts') return new MPEGTSChunker()
  if (format === 'webm') return new WebMChunker()
  return format === 'raw' ? new RawChunker() : new DetectingChunker(onFound)
}

/** Waits for the first bytes, and then leaves all to the chunker for what they are. */
class DetectingChunker implements Chunker {
  readonly #onFound: (format: ContainerFormat) => void
  #first: Uint8Array = NO_BYTES
  #atUs = 0
  #chunker: Chunker | undefined

  constructor(onFound: (format: ContainerFormat) => void) {
    this.#onFound = onFound
  }

  push(bytes: Uint8Array, atUs: number): StreamChunk[] {
    if (this.#chunker !== undefined) return this.#chunker.push(bytes, atUs)
    this.#first = Uint8Array.from([...this.#first, ...bytes])
    this.#atUs = atUs
    return this.#decide(false)
  }

  flush(): StreamChunk[] {
    // What begins like packets, and comes slowly, may still be some.
    const isBegun = this.#first[0] === TS_SYNC && this.#first.length < TS_PACKET_BYTES && !isText(this.#first)
    return [...this.#decide(!isBegun), ...(this.#chunker?.flush() ?? [])]
  }

  end(): StreamChunk[] {
    return [...this.#decide(true), ...(this.#chunker?.end() ?? [])]
  }

  #decide(isAll: boolean): StreamChunk[] {
    if (this.#chunker !== undefined || this.#first.length === 0) return []
    const format = detectFormat(this.#first, isAll)
    if (format === undefined) return []
    this.#onFound(format)
    this.#chunker = chunkerFor(format)
    const first = this.#first
    this.#first = NO_BYTES
    return this.#chunker.push(first, this.#atUs)
  }
}
