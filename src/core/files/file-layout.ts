/** A chunk of a file, in bytes: what is fetched and verified at once. Source: protocol.md §7 (objects of 16 to 64 KiB are best). */
export const FILE_CHUNK_BYTES = 65_536

/** A file or folder that is shared, as all that fetch it see it. */
export interface FileEntry {
  /** The names from the shared folder down to it; none when it is the shared file itself. */
  readonly path: readonly string[]
  /** In bytes; 0 for a folder. */
  readonly size: number
  readonly isFolder: boolean
  /** May it be run, where files have that? */
  readonly isExecutable: boolean
}

/** Where a chunk stands. */
export interface ChunkPlace {
  /** Number of the entry. */
  readonly entry: number
  /** In the file, in bytes. */
  readonly offset: number
  /** In bytes. */
  readonly length: number
}

/** How the files of a share are cut into chunks: each file begins with a new one, the last one of each may be shorter. */
export class FileLayout {
  readonly entries: readonly FileEntry[]
  readonly totalBytes: number
  readonly chunkCount: number
  /** Number of the first chunk of each entry. */
  readonly #firsts: Float64Array

  constructor(entries: readonly FileEntry[]) {
    this.entries = entries
    this.#firsts = new Float64Array(entries.length)
    let [chunks, bytes] = [0, 0]
    for (const [i, { size }] of entries.entries()) {
      this.#firsts[i] = chunks
      chunks += Math.ceil(size / FILE_CHUNK_BYTES)
      bytes += size
    }
    this.chunkCount = chunks
    this.totalBytes = bytes
  }

  /** Where this chunk stands. @throws RangeError for a chunk that there is none of */
  placeOf(chunk: number): ChunkPlace {
    if (!Number.isInteger(chunk) || chunk < 0 || chunk >= this.chunkCount)
      throw new RangeError(`There is no chunk ${chunk} among ${this.chunkCount}`)
    const entry = this.#entryOf(chunk)
    const offset = (chunk - (this.#firsts[entry] ?? 0)) * FILE_CHUNK_BYTES
    const size = this.entries[entry]?.size ?? 0
    return { entry, offset, length: Math.min(FILE_CHUNK_BYTES, size - offset) }
  }

  /** The last entry that begins at or before this chunk; empty ones share their first chunk with the file that follows, which is the last. */
  #entryOf(chunk: number): number {
    let [low, high] = [0, this.#firsts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#firsts[middle] ?? 0) <= chunk) low = middle
      else high = middle - 1
    }
    return low
  }
}
