import { NO_BYTES } from './chunk.ts'
import { EBMLID, forEachElement, unsignedOf } from './ebml.ts'
import type { HeldBytes } from './held-bytes.ts'

/**
 * A part of the header that is longer is not kept, and then nobody can begin late. Guess: codecs' private data are some KiB; pictures and fonts stand in
 * attachments, which are not kept anyway.
 */
export const MAX_HEADER_PART_BYTES: number = 128 * 1024

const DEFAULT_TIMESTAMP_SCALE = 1_000_000
const VIDEO = 1

/** The segment's id, and a size that says: not known. */
const OPEN_SEGMENT = Uint8Array.of(0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)

/** What a Matroska stream says before its first cluster, as far as whoever begins late needs it: no index, tags, attachments, or padding. */
export class WebMHeader {
  #ebml: Uint8Array = NO_BYTES
  #info: Uint8Array = NO_BYTES
  #tracks: Uint8Array = NO_BYTES
  #videoTracks = new Set<number>()
  #timestampScale = DEFAULT_TIMESTAMP_SCALE

  /** The header for a decoder that begins at a cluster; undefined when something of it was missing or too long. */
  get bytes(): Uint8Array | undefined {
    if (this.#ebml.length === 0 || this.#tracks.length === 0) return undefined
    return Uint8Array.from([...this.#ebml, ...OPEN_SEGMENT, ...this.#info, ...this.#tracks])
  }

  /** Are there pictures? */
  get hasVideo(): boolean {
    return this.#videoTracks.size > 0
  }

  /** Is this the number of a track of pictures? */
  isVideo(track: number): boolean {
    return this.#videoTracks.has(track)
  }

  /** A time in the stream's own units, in µs. */
  us(ticks: number): number {
    return Math.round((ticks * this.#timestampScale) / 1_000)
  }

  /** Another stream begins. */
  forget(): void {
    this.#ebml = NO_BYTES
    this.#info = NO_BYTES
    this.#tracks = NO_BYTES
    this.#videoTracks = new Set()
    this.#timestampScale = DEFAULT_TIMESTAMP_SCALE
  }

  /** Takes a whole element: EBML, Info or Tracks. */
  take(id: number, held: HeldBytes, from: number, content: number, to: number): void {
    const bytes = held.view(from, to).slice()
    if (id === EBMLID.EBML) this.#ebml = bytes
    else if (id === EBMLID.INFO) {
      this.#info = bytes
      forEachElement(held, content, to, (child, first, end) => {
        if (child === EBMLID.TIMESTAMP_SCALE)
          this.#timestampScale = unsignedOf(held.view(first, end)) || DEFAULT_TIMESTAMP_SCALE
      })
    } else if (id === EBMLID.TRACKS) {
      this.#tracks = bytes
      forEachElement(held, content, to, (child, first, end) => {
        if (child === EBMLID.TRACK_ENTRY) this.#readTrack(held, first, end)
      })
    }
  }

  #readTrack(held: HeldBytes, from: number, to: number): void {
    let number = 0
    let type = 0
    forEachElement(held, from, to, (id, first, end) => {
      if (id === EBMLID.TRACK_NUMBER) number = unsignedOf(held.view(first, end))
      if (id === EBMLID.TRACK_TYPE) type = unsignedOf(held.view(first, end))
    })
    if (type === VIDEO) this.#videoTracks.add(number)
  }
}
