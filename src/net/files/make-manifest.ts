import { toString as bytesToText } from 'uint8arrays/to-string'
import { FILE_CHUNK_BYTES, FileLayout } from '../../core/files/file-layout.ts'
import { Manifest, pieceOf } from '../../core/files/manifest.ts'
import { encodeEntries, entriesProblem } from '../../core/files/manifest-body.ts'
import { encodeRoot, HASH_BYTES } from '../../core/files/manifest-root.ts'
import { fileNameProblem } from '../../core/files/path-rules.ts'
import { MAX_FILE_CHUNKS, MAX_MANIFEST_ENTRIES_BYTES } from '../../wire/limits.ts'
import type { FileTree } from './file-system.ts'
import type { Hash } from './hash.ts'

/** How {@link makeManifest} is to go about it. */
export interface MakeManifestOptions {
  readonly hash: Hash
  readonly signal: AbortSignal | undefined
  /** So many bytes have been hashed, of so many. */
  readonly onHashed: (bytes: number, totalBytes: number) => void
}

/**
 * Reads all that is to be shared, and says what it is.
 *
 * @throws (rejects) RangeError for what cannot be shared: a name, too many files, too long; Error when a file changes meanwhile; the system's error; the signal's reason
 */
export async function makeManifest(tree: FileTree, options: MakeManifestOptions): Promise<Manifest> {
  const layout = checkedLayout(tree)
  const entries = encodeEntries(tree.entries)
  if (entries.byteLength > MAX_MANIFEST_ENTRIES_BYTES)
    throw new RangeError(`Cannot share ${tree.name}: the list of its files takes ${entries.byteLength} bytes`)
  const body = new Uint8Array(entries.byteLength + HASH_BYTES * layout.chunkCount)
  body.set(entries)
  await hashChunks(tree, layout, body.subarray(entries.byteLength), options)
  const root = {
    name: tree.name,
    isFolder: tree.isFolder,
    totalBytes: layout.totalBytes,
    chunkCount: layout.chunkCount,
    entriesBytes: entries.byteLength,
    pieceHashes: await hashPieces(body, options.hash)
  }
  const rootBytes = encodeRoot(root)
  const id = bytesToText(await options.hash(rootBytes), 'base16')
  return new Manifest(id, rootBytes, root, body)
}

function checkedLayout({ name, isFolder, entries }: FileTree): FileLayout {
  const problem = fileNameProblem(name) ?? entriesProblem(entries, isFolder)
  if (problem !== undefined) throw new RangeError(`Cannot share ${JSON.stringify(name)}: ${problem}`)
  const layout = new FileLayout(entries)
  if (layout.chunkCount > MAX_FILE_CHUNKS)
    throw new RangeError(
      `Cannot share ${name}: it has ${layout.totalBytes} bytes, more than ${MAX_FILE_CHUNKS} chunks take`
    )
  return layout
}

async function hashChunks(
  tree: FileTree,
  layout: FileLayout,
  hashes: Uint8Array,
  { hash, signal, onHashed }: MakeManifestOptions
): Promise<void> {
  let done = 0
  for (let chunk = 0; chunk < layout.chunkCount; chunk++) {
    signal?.throwIfAborted()
    const { entry, offset, length } = layout.placeOf(chunk)
    const bytes = await tree.read(entry, offset, length)
    if (bytes.byteLength !== length)
      throw new Error(`Cannot share ${tree.name}: it became shorter while it was read`)
    hashes.set(await hash(bytes), HASH_BYTES * chunk)
    done += length
    onHashed(done, layout.totalBytes)
  }
}

async function hashPieces(body: Uint8Array, hash: Hash): Promise<Uint8Array> {
  const pieces = Math.ceil(body.byteLength / FILE_CHUNK_BYTES)
  const hashes = new Uint8Array(HASH_BYTES * pieces)
  for (let i = 0; i < pieces; i++) hashes.set(await hash(pieceOf(body, i)), HASH_BYTES * i)
  return hashes
}
