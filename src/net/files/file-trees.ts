// What can be shared besides a path: bytes in memory, blobs, and several of anything under one name.
import { FILE_CHUNK_BYTES, type FileEntry } from '../../core/files/file-layout.ts'
import { comparePaths } from '../../core/files/path-rules.ts'
import type { FileTree } from './file-system.ts'

const noClose = async (): Promise<void> => {}

function entryOf(size: number): FileEntry {
  return { path: [], size, isFolder: false, isExecutable: false }
}

/** A blob: read as it is needed. */
export function blobTree(blob: Blob, name: string): FileTree {
  return {
    name,
    isFolder: false,
    entries: [entryOf(blob.size)],
    skipped: [],
    read: async (_, offset, length) =>
      new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
    close: noClose
  }
}

/** All that this gives, kept in memory: it can be read once only. @throws (rejects) its error; TypeError when it gives something else than bytes; the signal's reason */
export async function iterableTree(
  source: AsyncIterable<Uint8Array>,
  name: string,
  signal: AbortSignal | undefined
): Promise<FileTree> {
  const chunks: Uint8Array[] = []
  let [size, room] = [0, 0]
  for await (const bytes of until(signal, source)) {
    if (!(bytes instanceof Uint8Array))
      throw new TypeError('Cannot share this: it gives something else than Uint8Arrays')
    for (let at = 0; at < bytes.byteLength; ) {
      if (room === 0) {
        chunks.push(new Uint8Array(FILE_CHUNK_BYTES))
        room = FILE_CHUNK_BYTES
      }
      const part = bytes.subarray(at, at + room)
      chunks.at(-1)?.set(part, FILE_CHUNK_BYTES - room)
      at += part.byteLength
      size += part.byteLength
      room -= part.byteLength
    }
  }
  return {
    name,
    isFolder: false,
    entries: [entryOf(size)],
    skipped: [],
    // Chunks are read as they are cut.
    read: async (_, offset, length) =>
      chunks[offset / FILE_CHUNK_BYTES]?.subarray(0, length) ?? new Uint8Array(0),
    close: noClose
  }
}

/** What this gives, until the signal says no: also while nothing comes. */
async function* until<T>(signal: AbortSignal | undefined, source: AsyncIterable<T>): AsyncGenerator<T> {
  const aborted = Promise.withResolvers<never>()
  aborted.promise.catch(() => {})
  const onAbort = (): void => aborted.reject(signal?.reason)
  signal?.addEventListener('abort', onAbort)
  const iterator = source[Symbol.asyncIterator]()
  try {
    signal?.throwIfAborted()
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted.promise])
      if (next.done === true) return
      yield next.value
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    // It may be in the middle of something: nobody waits for it.
    Promise.resolve(iterator.return?.()).catch(() => {})
  }
}

/** Several files and folders as one folder, by their names. */
export function combinedTree(trees: readonly FileTree[], name: string): FileTree {
  const places = trees
    .flatMap(tree => [
      ...(tree.isFolder ? [{ tree, number: -1, entry: folderOf(tree.name) }] : []),
      ...tree.entries.map((entry, number) => ({
        tree,
        number,
        entry: { ...entry, path: [tree.name, ...entry.path] }
      }))
    ])
    .sort((a, b) => comparePaths(a.entry.path, b.entry.path))
  return {
    name,
    isFolder: true,
    entries: places.map(({ entry }) => entry),
    skipped: trees.flatMap(tree => tree.skipped),
    read: async (entry, offset, length) => {
      const place = places[entry]
      return (await place?.tree.read(place.number, offset, length)) ?? new Uint8Array(0)
    },
    close: async () => {
      await Promise.all(trees.map(tree => tree.close()))
    }
  }
}

function folderOf(name: string): FileEntry {
  return { path: [name], size: 0, isFolder: true, isExecutable: false }
}
