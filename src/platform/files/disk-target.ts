import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import { invalidManifest } from '../../core/files/manifest-error.ts'
import { windowsNameProblem } from '../../core/files/path-rules.ts'
import type { FileTarget, StoredFiles, TargetInit } from '../../net/files/file-system.ts'
import { openDiskPart } from './disk-part.ts'
import { ifMissing } from './if-missing.ts'
import { OpenHandles } from './open-handles.ts'

/** A place on the disk for a file or folder, whose names have been checked by the rules that hold everywhere. */
export async function openDiskTarget(init: TargetInit): Promise<FileTarget> {
  checkNames(init)
  const path = await targetPath(init)
  return {
    path,
    existing: () => existing(path, init),
    openPart: () => openDiskPart(path, init)
  }
}

async function targetPath({ path, name, isFolder }: TargetInit): Promise<string> {
  const isInto = path.endsWith('/') || path.endsWith(sep)
  if (isInto || (!isFolder && (await statOf(path))?.isDirectory() === true)) return join(resolve(path), name)
  return resolve(path)
}

async function existing(
  path: string,
  { isFolder, entries }: TargetInit
): Promise<'nothing' | 'other' | StoredFiles> {
  const there = await statOf(path)
  if (there === undefined) return 'nothing'
  if (isFolder ? !there.isDirectory() : !there.isFile()) return 'other'
  const pathOf = (entry: number): string => join(path, ...(entries[entry]?.path ?? []))
  for (const [i, entry] of entries.entries()) {
    const stats = await statOf(pathOf(i))
    if (stats === undefined) return 'other'
    if (entry.isFolder ? !stats.isDirectory() : !stats.isFile() || stats.size !== entry.size) return 'other'
  }
  const handles = new OpenHandles(pathOf, false)
  return {
    read: (entry, offset, length) => handles.read(entry, offset, length),
    close: () => handles.close()
  }
}

/** Names that this system would bend: two that become one, or one that becomes another. */
function checkNames({ path, name, isFolder, entries }: TargetInit): void {
  const { platform } = process
  if (platform === 'win32') {
    const own = basename(path) === name || path.endsWith('/') ? [name] : []
    for (const segment of [...own, ...entries.flatMap(entry => entry.path)]) {
      const problem = windowsNameProblem(segment)
      if (problem !== undefined) throw invalidManifest(problem)
    }
  }
  if (!isFolder || (platform !== 'win32' && platform !== 'darwin')) return
  const seen = new Set<string>()
  for (const entry of entries) {
    const key = entry.path.join('/').normalize('NFC').toLowerCase()
    if (seen.has(key))
      throw invalidManifest(`'${entry.path.join('/')}' and another name are one on this disk`)
    seen.add(key)
  }
}

/** What stands there, links followed. */
async function statOf(path: string): Promise<Stats | undefined> {
  return await stat(path).catch(ifMissing)
}
