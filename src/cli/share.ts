import { access, constants, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { GroupSpecifier, type NetGroup, type SharedFile, shareFile } from 'netgroup'
import { ExitCode, usageError } from './exit-codes.ts'
import { aborted } from './lifetime.ts'
import { joinGroup } from './membership.ts'
import type { GroupOptions } from './options.ts'
import type { Output } from './output.ts'
import type { Run } from './run-command.ts'
import { sanitize } from './sanitize.ts'
import { shellWord } from './shell-word.ts'
import { explained } from './system-error.ts'
import { TransferDisplay } from './transfer-display.ts'

/** How `netgroup share` is given. */
export interface ShareCommandOptions extends GroupOptions {
  group?: string
  as?: string
  limitUp?: number
}

/** A group that is there for files alone. A plain name's flags never change: they are the group's identity. */
const SHARE_CAPABILITIES = { objectReplicationEnabled: true } as const

/** Share files under a link, which goes to stdout, until Ctrl-C. */
export async function share(
  run: Run,
  paths: readonly string[],
  options: ShareCommandOptions
): Promise<undefined> {
  const { output, signal } = run
  for (const path of paths) await requireReadable(path)
  requireDifferentNames(paths)
  const display = new TransferDisplay({ output })
  try {
    const text = options.group ?? newGroup(paths)
    const joining = { ...options, capabilities: SHARE_CAPABILITIES, carryRelays: true }
    await using membership = await joinGroup(run, text, joining)
    const shared = await shareAll(run, membership.group, paths, options, display)
    tellShared(output, membership.group, shared)
    for (const path of shared.skipped)
      output.warn(
        { code: 'Cli.Skipped', level: 'warning', path },
        `not shared, as it is neither a file nor a folder: ${sanitize(path)}`
      )
    // It has been shared: to end it is in order.
    run.lifetime.whenInterrupted = ExitCode.DONE
    await aborted(signal)
    await shared.close()
    display.stop()
    tellEnded(output, paths, shared)
  } finally {
    display.stop()
  }
  return undefined
}

async function shareAll(
  { signal }: Run,
  group: NetGroup,
  paths: readonly string[],
  options: ShareCommandOptions,
  display: TransferDisplay
): Promise<SharedFile> {
  const [source, ...others] = paths.map(path => ({ source: { path: resolve(path) } }))
  if (source === undefined) throw usageError('Nothing to share: give a FILE')
  const name = options.as ?? (others.length > 0 ? severalNames(paths) : undefined)
  const sharing = shareFile(group, others.length > 0 ? [source, ...others] : source.source, {
    signal,
    onProgress: progress => display.update(progress),
    ...(name === undefined ? {} : { name }),
    ...(options.limitUp === undefined ? {} : { limitUp: options.limitUp })
  })
  return await sharing.catch((error: unknown) => {
    // A name, or a number of files, that cannot be shared.
    throw error instanceof RangeError ? usageError(error.message) : error
  })
}

function tellShared(output: Output, { groupID }: NetGroup, { link, manifestID }: SharedFile): void {
  output.result({ code: 'Cli.Shared', level: 'status', link, manifestID, groupID }, link)
  if (!output.json)
    output.note(
      { code: 'Cli.Sharing', level: 'status' },
      `shared until Ctrl-C; to fetch it: netgroup fetch ${shellWord(link)}`
    )
}

function tellEnded(output: Output, paths: readonly string[], { link }: SharedFile): void {
  const again = ['netgroup share', ...paths.map(shellWord), '--group', shellWord(link)].join(' ')
  output.note(
    { code: 'Cli.ShareEnded', level: 'status', link },
    `shared no more; under the same link again: ${again}`
  )
}

/** A group that nobody else is in, named after what is shared in it. */
function newGroup(paths: readonly string[]): string {
  const name = basename(resolve(paths[0] ?? '')).replace(/[^\p{L}\p{N}._ -]/gu, '_')
  const spec = new GroupSpecifier(name.slice(0, 60) || 'files', SHARE_CAPABILITIES)
  spec.makeUnique()
  return spec.toString()
}

/** The folder that several are fetched as. */
function severalNames(paths: readonly string[]): string {
  return `${basename(resolve(paths[0] ?? ''))} and ${paths.length - 1} more`
}

async function requireReadable(path: string): Promise<void> {
  try {
    const found = await stat(path)
    if (!found.isFile() && !found.isDirectory())
      throw usageError(`Cannot share ${path}: it is neither a file nor a folder`)
    await access(path, constants.R_OK)
  } catch (error) {
    throw explained(`share ${path}`, error)
  }
}

function requireDifferentNames(paths: readonly string[]): void {
  const names = new Set<string>()
  for (const path of paths) {
    const name = basename(resolve(path))
    if (names.has(name)) throw usageError(`Cannot share two files named ${name} under one link: rename one`)
    names.add(name)
  }
}
