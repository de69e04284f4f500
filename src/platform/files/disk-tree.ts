import type { Stats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { FileEntry } from '../../core/files/file-layout.ts'
import { comparePaths } from '../../core/files/path-rules.ts'
import type { FileTree } from '../../net/files/file-system.ts'
import { OpenHandles } from './open-handles.ts'

/** May anybody run it? */
const EXECUTABLE = 0o111

/**
 * A file or folder to be shared, with all that is in it. A path that is a symbolic link is followed; links inside the folder are not, and are skipped, since they may lead anywhere. So is
 * what is no file: devices, sockets.
 */
export async function openDiskTree(path: string): Promise<FileTree> {
  const root = await realpath(path)
  const stats = await stat(root)
  const name = nameOf(path, root)
  if (stats.isFile()) return readable(name, false, [entryOf([], stats)], [], () => root)
  if (!stats.isDirectory()) throw new TypeError(`Cannot share ${path}: it is neither a file nor a folder`)
  const { entries, skipped } = await walk(root)
  return readable(name, true, entries, skipped, entry => join(root, ...(entries[entry]?.path ?? [])))
}

/** What the caller calls it, unless that is '.' or '..'. */
function nameOf(path: string, root: string): string {
  const name = basename(path)
  return name === '.' || name === '..' || name === '' ? basename(root) : name
}

function readable(
  name: string,
  isFolder: boolean,
  entries: readonly FileEntry[],
  skipped: readonly string[],
  pathOf: (entry: number) => string
): FileTree {
  const handles = new OpenHandles(pathOf, false)
  return {
    name,
    isFolder,
    entries,
    skipped,
    read: (entry, offset, length) => handles.read(entry, offset, length),
    close: () => handles.close()
  }
}

async function walk(root: string): Promise<{ entries: FileEntry[]; skipped: string[] }> {
  const entries: FileEntry[] = []
  const skipped: string[] = []
  const folders: string[][] = [[]]
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    for (const child of await readdir(join(root, ...path), { withFileTypes: true })) {
      const childPath = [...path, child.name]
      if (child.isDirectory()) {
        folders.push(childPath)
        entries.push({ path: childPath, size: 0, isFolder: true, isExecutable: false })
      } else if (child.isFile()) entries.push(entryOf(childPath, await stat(join(root, ...childPath))))
      else skipped.push(childPath.join('/'))
    }
  }
  entries.sort((a, b) => comparePaths(a.path, b.path))
  return { entries, skipped }
}

function entryOf(path: readonly string[], stats: Stats): FileEntry {
  return { path, size: stats.size, isFolder: false, isExecutable: (stats.mode & EXECUTABLE) !== 0 }
}
