import type { HeldBytes } from './held-bytes.ts'

/** Ids of the elements of Matroska that chunks need: RFC 9559. */
export const EBMLID = {
  EBML: 0x1a45dfa3,
  SEGMENT: 0x18538067,
  SEEK_HEAD: 0x114d9b74,
  INFO: 0x1549a966,
  TIMESTAMP_SCALE: 0x2ad7b1,
  TRACKS: 0x1654ae6b,
  TRACK_ENTRY: 0xae,
  TRACK_NUMBER: 0xd7,
  TRACK_TYPE: 0x83,
  CUES: 0x1c53bb6b,
  CHAPTERS: 0x1043a770,
  TAGS: 0x1254c367,
  ATTACHMENTS: 0x1941a469,
  CLUSTER: 0x1f43b675,
  TIMESTAMP: 0xe7,
  SIMPLE_BLOCK: 0xa3,
  BLOCK_GROUP: 0xa0,
  BLOCK: 0xa1,
  REFERENCE_BLOCK: 0xfb
} as const

/** An id and a size are at most this long together. */
export const MAX_ELEMENT_HEAD_BYTES = 12

/** What an element begins with. */
export interface ElementHead {
  readonly id: number
  /** Bytes of its content; undefined: until something comes that cannot be in it. */
  readonly size: number | undefined
  /** Bytes of id and size. */
  readonly headBytes: number
}

/** Reads the head of an element; 'more' when it is not all there, 'invalid' when there is none. */
export function readElementHead(held: HeldBytes, place: number): ElementHead | 'more' | 'invalid' {
  const id = readNumber(held, place, 4)
  if (typeof id === 'string') return id
  const size = readNumber(held, place + id.length, 8)
  if (typeof size === 'string') return size
  const headBytes = id.length + size.length
  if (size.isAllOnes) return { id: id.marked, size: undefined, headBytes }
  return Number.isSafeInteger(size.value) ? { id: id.marked, size: size.value, headBytes } : 'invalid'
}

/** A number whose length stands in its first bits: a track's, in a block. */
export function readTrackNumber(
  held: HeldBytes,
  place: number
): { value: number; length: number } | undefined {
  const number = readNumber(held, place, 8)
  return typeof number === 'string' ? undefined : number
}

/** The unsigned number that these bytes are. */
export function unsignedOf(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0)
}

/** Calls for each element in these bytes, until one is broken or its end is missing. */
export function forEachElement(
  held: HeldBytes,
  from: number,
  to: number,
  each: (id: number, from: number, to: number) => void
): void {
  let place = from
  while (place < to) {
    const head = readElementHead(held, place)
    if (typeof head === 'string' || head.size === undefined) return
    const content = place + head.headBytes
    if (content + head.size > to) return
    each(head.id, content, content + head.size)
    place = content + head.size
  }
}

interface MarkedNumber {
  readonly value: number
  /** With the bit that marks its length: as ids are written. */
  readonly marked: number
  readonly length: number
  readonly isAllOnes: boolean
}

function readNumber(held: HeldBytes, place: number, maxLength: number): MarkedNumber | 'more' | 'invalid' {
  if (place >= held.end) return 'more'
  const first = held.at(place)
  const length = Math.clz32(first) - 23
  if (length > maxLength) return 'invalid'
  if (place + length > held.end) return 'more'
  const rest = held.view(place + 1, place + length)
  const mark = 2 ** (8 - length)
  const tail = unsignedOf(rest)
  const value = (first - mark) * 2 ** (8 * (length - 1)) + tail
  const isAllOnes = first === 2 * mark - 1 && rest.every(byte => byte === 0xff)
  return { value, marked: first * 2 ** (8 * (length - 1)) + tail, length, isAllOnes }
}
