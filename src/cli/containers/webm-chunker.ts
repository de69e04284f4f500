import { type Chunker, MAX_CHUNK_BYTES, NO_BYTES, type StreamChunk } from './chunk.ts'
import { ChunkCutter } from './chunk-cutter.ts'
import { EBMLID, type ElementHead, readElementHead, readTrackNumber, unsignedOf } from './ebml.ts'
import { HeldBytes } from './held-bytes.ts'
import { StreamClock } from './stream-clock.ts'
import { MAX_HEADER_PART_BYTES, WebMHeader } from './webm-header.ts'

/** A cluster that has not shown a picture after this much is no place to begin: guess, seconds of sound. */
const MAX_UNDECIDED_BYTES = 256 * 1024

/** What a block begins with: its track, 2 bytes of time, flags. */
const MAX_BLOCK_HEAD_BYTES = 11

/** What stands beside clusters: one of these ends a cluster whose size is not known. */
const BESIDE_CLUSTERS: ReadonlySet<number> = new Set([
  EBMLID.EBML,
  EBMLID.SEGMENT,
  EBMLID.SEEK_HEAD,
  EBMLID.INFO,
  EBMLID.TRACKS,
  EBMLID.CUES,
  EBMLID.CHAPTERS,
  EBMLID.TAGS,
  EBMLID.ATTACHMENTS,
  EBMLID.CLUSTER
])

/** Elements that are entered, not passed over. */
const ENTERED: ReadonlySet<number> = new Set([EBMLID.SEGMENT, EBMLID.CLUSTER, EBMLID.BLOCK_GROUP])

const KEPT: ReadonlySet<number> = new Set([EBMLID.EBML, EBMLID.INFO, EBMLID.TRACKS])

/**
 * Cuts WebM and Matroska at elements. A late one may begin at a cluster whose first picture needs no other, with what stands before the first cluster as its header.
 * Clusters and segments whose size is not known, and streams that follow each other, are understood.
 */
export class WebMChunker implements Chunker {
  readonly #held = new HeldBytes()
  readonly #cutter = new ChunkCutter(this.#held)
  readonly #header = new WebMHeader()
  readonly #clock = new StreamClock()
  /** The next element begins here, or after these bytes that are still to come. */
  #at = 0
  /** The last element that was read begins here. */
  #elementAt = 0
  /** A cluster of which is not known yet whether one may begin there. */
  #undecided: number | undefined
  /** The cluster is the first of its stream: that begins with its header, and one who comes now shall have that, not another place directly behind it. */
  #isFirstCluster = false
  #clusterTicks = 0
  #clusterUs = 0
  /** The group of a block with a picture, until it is known whether that needs another. */
  #groupEnd: number | undefined
  #isPictureInGroup = false
  /** Something was broken: look for the next cluster. */
  #isLost = false

  push(bytes: Uint8Array): StreamChunk[] {
    this.#held.append(bytes)
    while (this.#at < this.#held.end) {
      const isThere: boolean = this.#isLost ? this.#findCluster() : this.#element()
      if (!isThere) break
    }
    if (this.#undecided !== undefined && this.#held.end - this.#undecided > MAX_UNDECIDED_BYTES)
      this.#decide(false)
    this.#cutter.cutIfGood(this.#decided, this.#clock.nowUs)
    // An element that is too long for a chunk.
    if (this.#undecided === undefined && this.#held.end - this.#held.start > MAX_CHUNK_BYTES)
      this.#cutter.cutAt(Math.min(this.#at, this.#held.end), this.#clock.nowUs)
    return this.#cutter.drain()
  }

  flush(): StreamChunk[] {
    this.#cutter.cutAt(this.#decided, this.#clock.nowUs)
    return this.#cutter.drain()
  }

  end(): StreamChunk[] {
    this.#endGroup()
    if (this.#undecided !== undefined) this.#decide(false)
    this.#cutter.cutAt(this.#held.end, this.#clock.nowUs)
    return this.#cutter.drain()
  }

  /** What stands before this place is whole, and known well enough to be given away. Half an element is of no use, and after a gap it would take what follows for its other half. */
  get #decided(): number {
    return this.#undecided ?? (this.#at <= this.#held.end ? this.#at : this.#elementAt)
  }

  /** Reads one element; false when more bytes must come. */
  #element(): boolean {
    const head = readElementHead(this.#held, this.#at)
    if (head === 'more') return false
    if (head === 'invalid') {
      this.#lose()
      return true
    }
    if (this.#groupEnd !== undefined && this.#at >= this.#groupEnd) this.#endGroup()
    if (BESIDE_CLUSTERS.has(head.id)) this.#besideClusters(head)
    if (!this.#isReadable(head)) return false
    const content = this.#at + head.headBytes
    this.#elementAt = this.#at
    if (KEPT.has(head.id) && isShort(head))
      this.#header.take(head.id, this.#held, this.#at, content, content + (head.size ?? 0))
    else this.#readChild(head, content)
    // Only what is entered may be without a size.
    if (head.size === undefined && !ENTERED.has(head.id)) this.#lose()
    else this.#at = ENTERED.has(head.id) ? content : content + (head.size ?? 0)
    this.#cutter.cutIfGood(this.#decided, this.#clock.nowUs)
    return true
  }

  /** Is all of the element there that is looked at? */
  #isReadable(head: ElementHead): boolean {
    const { id, size = 0, headBytes } = head
    const isKept = KEPT.has(id) && isShort(head)
    const isBlock = id === EBMLID.SIMPLE_BLOCK || id === EBMLID.BLOCK
    const isLookedAt = isBlock || id === EBMLID.TIMESTAMP
    const needed = isKept ? size : isLookedAt ? Math.min(size, MAX_BLOCK_HEAD_BYTES) : 0
    return this.#at + headBytes + needed <= this.#held.end
  }

  #besideClusters({ id }: ElementHead): void {
    this.#endGroup()
    if (this.#undecided !== undefined && this.#undecided !== this.#at) this.#decide(false)
    if (id === EBMLID.CLUSTER) this.#undecided = this.#at
    // What follows is whole: it needs nothing before it.
    else if (id === EBMLID.EBML) {
      this.#header.forget()
      this.#isFirstCluster = true
      this.#cutter.startAt(this.#at, NO_BYTES, this.#clock.nowUs)
    }
  }

  #readChild({ id, size = 0 }: ElementHead, content: number): void {
    if (id === EBMLID.TIMESTAMP) {
      this.#clusterTicks = unsignedOf(this.#held.view(content, content + Math.min(size, 8)))
      this.#clock.tell(this.#header.us(this.#clusterTicks))
      this.#clusterUs = this.#clock.nowUs
      if (!this.#header.hasVideo && this.#undecided !== undefined) this.#decide(true)
    } else if (id === EBMLID.SIMPLE_BLOCK) this.#block(content, flags => (flags & 0x80) !== 0)
    else if (id === EBMLID.BLOCK_GROUP) this.#groupEnd = content + size
    else if (id === EBMLID.BLOCK) this.#block(content, () => undefined)
    else if (id === EBMLID.REFERENCE_BLOCK && this.#undecided !== undefined && this.#isPictureInGroup)
      this.#decide(false)
  }

  #block(content: number, isKeyframe: (flags: number) => boolean | undefined): void {
    const track = readTrackNumber(this.#held, content)
    if (track === undefined) return
    const [high = 0, low = 0, flags = 0] = this.#held.view(content + track.length, content + track.length + 3)
    const ticks = ((high << 24) >> 16) | low
    this.#clock.tell(this.#header.us(this.#clusterTicks + ticks))
    if (this.#undecided === undefined || !this.#header.isVideo(track.value)) return
    const answer = isKeyframe(flags)
    if (answer === undefined) this.#isPictureInGroup = true
    else this.#decide(answer)
  }

  /** A group with a picture that has named no other picture. */
  #endGroup(): void {
    if (this.#undecided !== undefined && this.#isPictureInGroup) this.#decide(true)
    this.#isPictureInGroup = false
    this.#groupEnd = undefined
  }

  /** It is known now whether one may begin at the cluster. */
  #decide(mayStart: boolean): void {
    const place = this.#undecided
    // It is copied each time, and a broken stream may have a cluster every few bytes.
    const header = mayStart ? this.#header.bytes : undefined
    const isKeyframe = !this.#isFirstCluster
    this.#isFirstCluster = false
    this.#undecided = undefined
    this.#isPictureInGroup = false
    if (place !== undefined && header !== undefined)
      this.#cutter.startAt(place, header, this.#clusterUs, isKeyframe)
  }

  #lose(): void {
    this.#endGroup()
    if (this.#undecided !== undefined) this.#decide(false)
    this.#isLost = true
    // What is broken here may have the id of a cluster: it would be found again without end.
    this.#at++
  }

  #findCluster(): boolean {
    while (this.#at + 4 <= this.#held.end) {
      if (unsignedOf(this.#held.view(this.#at, this.#at + 4)) === EBMLID.CLUSTER) {
        this.#isLost = false
        return true
      }
      this.#at++
      this.#cutter.cutIfGood(this.#at, this.#clock.nowUs)
    }
    return false
  }
}

function isShort({ size }: ElementHead): boolean {
  return size !== undefined && size <= MAX_HEADER_PART_BYTES
}
