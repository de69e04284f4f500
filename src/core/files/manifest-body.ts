// The body of a manifest: the list of files and folders, then the SHA-256 of each chunk. Entries come in the order of their paths, so that the same files make the
// same manifest, no path comes twice, and what would lie inside a file follows it at once.
import { decode, encode, rfc8949EncodeOptions } from 'cborg'
import { MAX_MANIFEST_ENTRIES } from '../../wire/limits.ts'
import { type FileEntry, FileLayout } from './file-layout.ts'
import { invalidManifest } from './manifest-error.ts'
import type { ManifestRoot } from './manifest-root.ts'
import { comparePaths, filePathProblem, isWithin } from './path-rules.ts'

const IS_EXECUTABLE = 1
const IS_FOLDER = 2

/** The entries as bytes: a flat array of path, size and flags of each. */
export function encodeEntries(entries: readonly FileEntry[]): Uint8Array {
  return encode(
    entries.flatMap(({ path, size, isFolder, isExecutable }) => [
      path.join('/'),
      size,
      (isExecutable ? IS_EXECUTABLE : 0) | (isFolder ? IS_FOLDER : 0)
    ]),
    rfc8949EncodeOptions
  )
}

/** Reads the entries of a body that belongs to this root. @throws NetGroupError MANIFEST_INVALID when they are not in order, or not what the root says */
export function decodeEntries(body: Uint8Array, root: ManifestRoot): FileLayout {
  const entries = readEntries(body.subarray(0, root.entriesBytes))
  const problem = entriesProblem(entries, root.isFolder)
  if (problem !== undefined) throw invalidManifest(problem)
  const layout = new FileLayout(entries)
  if (layout.totalBytes !== root.totalBytes || layout.chunkCount !== root.chunkCount)
    throw invalidManifest('the sizes of its files do not add up to what it claims')
  return layout
}

/** Why these cannot be shared together, as the rest of a sentence; `undefined` when they can. They are in the order of {@link comparePaths}. */
export function entriesProblem(entries: readonly FileEntry[], isFolder: boolean): string | undefined {
  if (entries.length > MAX_MANIFEST_ENTRIES)
    return `it has ${entries.length} files and folders, more than ${MAX_MANIFEST_ENTRIES}`
  if (!isFolder) {
    const [only] = entries
    if (entries.length !== 1 || only === undefined || only.path.length > 0 || only.isFolder)
      return 'it is a file, and has others in it'
    return undefined
  }
  let before: FileEntry | undefined
  for (const entry of entries) {
    const problem = entryProblem(entry, before)
    if (problem !== undefined) return problem
    before = entry
  }
  return undefined
}

function entryProblem(entry: FileEntry, before: FileEntry | undefined): string | undefined {
  const { path, isFolder, size } = entry
  if (path.length === 0) return 'a path in it is empty'
  const problem = filePathProblem(path)
  if (problem !== undefined) return problem
  if (isFolder && (size !== 0 || entry.isExecutable)) return 'a folder in it has a size'
  if (before === undefined) return undefined
  if (comparePaths(before.path, path) >= 0) return 'a path in it comes twice, or out of order'
  if (!before.isFolder && isWithin(before.path, path)) return 'a path in it leads through a file'
  return undefined
}

function readEntries(bytes: Uint8Array): FileEntry[] {
  let list: unknown
  try {
    list = decode(bytes, { strict: true, allowIndefinite: false, allowUndefined: false })
  } catch (cause) {
    throw invalidManifest('its list of files cannot be read', cause)
  }
  if (!Array.isArray(list) || list.length % 3 !== 0 || list.length > 3 * MAX_MANIFEST_ENTRIES)
    throw invalidManifest('its list of files cannot be read')
  const entries: FileEntry[] = []
  for (let i = 0; i < list.length; i += 3) entries.push(readEntry(list[i], list[i + 1], list[i + 2]))
  return entries
}

function readEntry(path: unknown, size: unknown, flags: unknown): FileEntry {
  if (typeof path !== 'string') throw invalidManifest('a path in it is no text')
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalidManifest('a file in it has no size')
  if (typeof flags !== 'number' || !Number.isInteger(flags) || flags < 0 || flags > 3)
    throw invalidManifest('a file in it is of an unknown kind')
  return {
    path: path === '' ? [] : path.split('/'),
    size,
    isFolder: (flags & IS_FOLDER) !== 0,
    isExecutable: (flags & IS_EXECUTABLE) !== 0
  }
}
