import { NetGroupError } from '../../core/errors.ts'
import type { FileSystem, FileTree } from './file-system.ts'
import { blobTree, combinedTree, iterableTree } from './file-trees.ts'
import { storageFailed } from './storage-failed.ts'

/** One thing to share. */
export type FileSource = Blob | AsyncIterable<Uint8Array> | { readonly path: string }

/** One thing of several, and what it is called among them. */
export interface NamedSource {
  readonly source: FileSource
  /** @default the name that it has; bytes have none */
  readonly name?: string
}

/** What opening a source takes. */
export interface OpenSourceOptions {
  readonly files: FileSystem | undefined
  readonly signal: AbortSignal | undefined
}

/** What is to be called so when nothing has a name. */
const NAMELESS = 'file'
const NAMELESS_FOLDER = 'files'

/** What stands behind a source, or several. @throws (rejects) TypeError for what is none, STORAGE_FAILED, PLATFORM_UNSUPPORTED */
export async function openSource(
  source: FileSource | readonly NamedSource[],
  name: string | undefined,
  options: OpenSourceOptions
): Promise<FileTree> {
  if (!Array.isArray(source)) return await openOne(source as FileSource, name, options)
  const named = source as readonly NamedSource[]
  if (named.length === 0) throw new TypeError('Cannot share nothing: give at least one file')
  const trees: FileTree[] = []
  try {
    for (const one of named) trees.push(await openOne(one.source, one.name, options))
  } catch (error) {
    await Promise.all(trees.map(tree => tree.close()))
    throw error
  }
  return combinedTree(trees, name ?? NAMELESS_FOLDER)
}

async function openOne(
  source: FileSource,
  name: string | undefined,
  { files, signal }: OpenSourceOptions
): Promise<FileTree> {
  if (source instanceof Blob) return blobTree(source, name ?? nameOf(source) ?? NAMELESS)
  if (typeof source === 'object' && source !== null) {
    if ('path' in source && typeof source.path === 'string') {
      const tree = await openPath(source.path, files)
      return name === undefined ? tree : renamed(tree, name)
    }
    if (Symbol.asyncIterator in source) return await iterableTree(source, name ?? NAMELESS, signal)
  }
  throw new TypeError(
    'Cannot share this: give a Blob, an AsyncIterable of Uint8Arrays, or { path }, or an array of { source, name }'
  )
}

async function openPath(path: string, files: FileSystem | undefined): Promise<FileTree> {
  if (files === undefined) throw noPaths(`share ${path}`)
  try {
    return await files.openTree(path)
  } catch (error) {
    throw storageFailed(error, 'read', path)
  }
}

/** There are no paths on this platform. */
export function noPaths(doing: string): NetGroupError<'PLATFORM_UNSUPPORTED'> {
  return new NetGroupError(
    'PLATFORM_UNSUPPORTED',
    `Cannot ${doing}: there are no paths in a browser; give a Blob, or a stream`,
    { feature: 'paths' }
  )
}

/** Nothing but the name is another. */
function renamed(tree: FileTree, name: string): FileTree {
  const { isFolder, entries, skipped } = tree
  return {
    name,
    isFolder,
    entries,
    skipped,
    read: (entry, offset, length) => tree.read(entry, offset, length),
    close: () => tree.close()
  }
}

/** A File has one. */
function nameOf(blob: Blob): string | undefined {
  return 'name' in blob && typeof blob.name === 'string' && blob.name !== '' ? blob.name : undefined
}
