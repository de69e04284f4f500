import { chmod, lstat, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileEntry } from '../../core/files/file-layout.ts'
import type { PartFiles, TargetInit } from '../../net/files/file-system.ts'
import { ifMissing } from './if-missing.ts'
import { OpenHandles } from './open-handles.ts'

/** So many digits of the manifest's id are in the name of what stands beside the target while it is being fetched: two that go to one place must not write into each other. */
const ID_DIGITS = 8

/** The files of a target that are not all there: `<path>.<id>.part`, a file or a folder. */
export async function openDiskPart(path: string, init: TargetInit): Promise<PartFiles> {
  const part = new DiskPart(path, init)
  await part.prepare()
  return part
}

class DiskPart implements PartFiles {
  readonly #path: string
  readonly #init: TargetInit
  readonly #handles: OpenHandles
  /** Where the files are now. */
  #root: string
  isResumed = false

  constructor(path: string, init: TargetInit) {
    this.#path = path
    this.#init = init
    this.#root = `${path}.${init.id.slice(0, ID_DIGITS)}.part`
    this.#handles = new OpenHandles(entry => this.#pathOf(entry), true)
  }

  /** Makes folders, and files that have nothing in them. What is there already is to be of the same kinds. */
  async prepare(): Promise<void> {
    const { entries, isFolder } = this.#init
    await this.#checkPlace()
    await mkdir(dirname(this.#path), { recursive: true })
    this.isResumed = await this.#isThere(this.#root, isFolder)
    if (isFolder) await mkdir(this.#root, { recursive: true })
    const made = new Set<string>()
    for (const [i, entry] of entries.entries()) {
      await this.#makeFolders(this.#root, entry, made)
      if (!entry.isFolder) await this.#isThere(this.#pathOf(i), false)
    }
  }

  /** Will it fit in its place? Better known now than when all has come: a file takes no folder's place, a folder no file's, and neither goes through a link. */
  async #checkPlace(): Promise<void> {
    const { entries, isFolder } = this.#init
    if (!isFolder) await this.#requireNoFolder(this.#path)
    else if (await this.#isThere(this.#path, true))
      for (const entry of entries) {
        const path = join(this.#path, ...entry.path)
        if (entry.isFolder) await this.#isThere(path, true)
        else await this.#requireNoFolder(path)
      }
  }

  async #requireNoFolder(path: string): Promise<void> {
    const stats = await lstat(path).catch(ifMissing)
    if (stats?.isDirectory() === true) throw wrongKind(path, false)
  }

  read(entry: number, offset: number, length: number): Uint8Array | Promise<Uint8Array> {
    return this.#handles.read(entry, offset, length)
  }

  write(entry: number, offset: number, bytes: Uint8Array): Promise<void> | undefined {
    return this.#handles.write(entry, offset, bytes)
  }

  async finish(): Promise<void> {
    const { entries, isFolder } = this.#init
    for (const [i, entry] of entries.entries()) {
      if (entry.isFolder) continue
      // An earlier fetch may have left more; and an empty file has not been made yet.
      await this.#handles.truncate(i, entry.size)
      if (entry.isExecutable) await makeExecutable(this.#pathOf(i))
    }
    // Windows renames nothing that is open; from now on they are opened at their place.
    await this.#handles.close(false)
    if (isFolder && (await this.#isThere(this.#path, true))) await this.#mergeInto()
    else await rename(this.#root, this.#path).catch(error => this.#ifPlaced(error))
    this.#root = this.#path
  }

  /** Another fetch to the same place has finished before this one: they share the part. */
  async #ifPlaced(error: NodeJS.ErrnoException): Promise<void> {
    const isPlaced = error.code === 'ENOENT' && (await this.#isThere(this.#path, this.#init.isFolder))
    if (!isPlaced) throw error
  }

  close(): Promise<void> {
    return this.#handles.close()
  }

  /** The target is a folder that may be replaced: what else is in it stays. */
  async #mergeInto(): Promise<void> {
    const made = new Set<string>()
    for (const entry of this.#init.entries) {
      await this.#makeFolders(this.#path, entry, made)
      if (!entry.isFolder) await rename(join(this.#root, ...entry.path), join(this.#path, ...entry.path))
    }
    await rm(this.#root, { recursive: true })
  }

  async #makeFolders(root: string, { path, isFolder }: FileEntry, made: Set<string>): Promise<void> {
    const depth = isFolder ? path.length : path.length - 1
    for (let i = 1; i <= depth; i++) {
      const folder = join(root, ...path.slice(0, i))
      if (made.has(folder)) continue
      made.add(folder)
      if (!(await this.#isThere(folder, true))) await mkdir(folder)
    }
  }

  /** Is it there? Not through a link: it would lead out of the target. */
  async #isThere(path: string, isFolder: boolean): Promise<boolean> {
    const stats = await lstat(path).catch(ifMissing)
    if (stats === undefined) return false
    if (isFolder ? stats.isDirectory() : stats.isFile()) return true
    throw wrongKind(path, isFolder)
  }

  #pathOf(entry: number): string {
    return join(this.#root, ...(this.#init.entries[entry]?.path ?? []))
  }
}

function wrongKind(path: string, isFolder: boolean): TypeError {
  return new TypeError(`Cannot fetch to ${path}: what is there is no ${isFolder ? 'folder' : 'file'}`)
}

/** Whoever may read it may run it. */
async function makeExecutable(path: string): Promise<void> {
  const { mode } = await lstat(path)
  await chmod(path, (mode & 0o777) | ((mode & 0o444) >> 2))
}
