import { NetGroupError } from '../core/errors.ts'
import { printFileLink } from '../core/files/file-link.ts'
import { isManifestID, type Manifest } from '../core/files/manifest.ts'
import { printGroupspec } from '../core/groupspec/groupspec.ts'
import type { ChunkStore } from '../net/files/chunk-store.ts'
import { DiskStore } from '../net/files/disk-store.ts'
import { FetchedFile } from '../net/files/fetched-file.ts'
import type { FileContext, FileLimits } from '../net/files/file-context.ts'
import { GroupFiles } from '../net/files/group-files.ts'
import { webHash } from '../net/files/hash.ts'
import { makeManifest } from '../net/files/make-manifest.ts'
import { ProgressMeter } from '../net/files/progress-meter.ts'
import { SeededFile } from '../net/files/seeded-file.ts'
import { type FileSource, type NamedSource, noPaths, openSource } from '../net/files/share-source.ts'
import { storageFailed } from '../net/files/storage-failed.ts'
import { StreamStore } from '../net/files/stream-store.ts'
import type { GroupMember } from '../net/group-member.ts'
import type { FetchOptions, FileOptions, SharedFile, ShareOptions } from './files.ts'
import { coreOf } from './net-connection.ts'
import { memberOf, type NetGroup } from './net-group.ts'

/** The files of each membership. */
const filesOf = new WeakMap<GroupMember, GroupFiles>()

/** What {@link shareFile} does. */
export async function share(
  group: NetGroup,
  source: FileSource | readonly NamedSource[],
  options: ShareOptions
): Promise<SharedFile> {
  const { signal, name } = options
  signal?.throwIfAborted()
  const limits = checkedLimits(options)
  const context = await contextOf(group, 'share a file')
  let seeded: SeededFile | undefined
  const progress = progressOf(context, options, () => seeded)
  progress.state = 'checking'
  const tree = await openSource(source, name, { files: context.files, signal })
  try {
    progress.name = tree.name
    const manifest = await makeManifest(tree, {
      hash: context.hash,
      signal,
      onHashed: (bytes, totalBytes) => {
        Object.assign(progress, { bytes, totalBytes })
        progress.touch()
      }
    })
    checkOpen(group, 'share a file')
    progress.state = 'complete'
    seeded = new SeededFile({ context, manifest, tree, limits, progress })
    progress.tell()
    return handleOf(group, manifest, seeded, tree.skipped)
  } catch (error) {
    progress.close()
    await tree.close()
    throw storageFailed(error, 'read', tree.name)
  }
}

/** What {@link fetchFile} does. */
export async function fetch(
  group: NetGroup,
  manifestID: string,
  sink: WritableStream<Uint8Array> | { path: string },
  options: FetchOptions
): Promise<SharedFile> {
  const { signal, priority = 'normal', order = 'rarest' } = options
  signal?.throwIfAborted()
  if (!isManifestID(manifestID))
    throw new TypeError(
      `Cannot fetch ${JSON.stringify(manifestID)}: give a manifest's id, 64 hex digits, from shareFile() or parseFileLink()`
    )
  checkFetchOptions(options)
  const limits = checkedLimits(options)
  const context = await contextOf(group, 'fetch a file')
  const store = storeOf(sink, context, options.overwrite ?? false)
  let fetched: FetchedFile | undefined
  const progress = progressOf(context, options, () => fetched)
  const isSequential = order === 'sequential' || store instanceof StreamStore
  fetched = new FetchedFile({ context, manifestID, store, limits, priority, isSequential, progress })
  const running = fetched
  const onClosed = (): void => void running.close().catch(() => {})
  group.addEventListener('NetGroup.Connect.Closed', onClosed)
  try {
    await running.run(signal)
  } finally {
    group.removeEventListener('NetGroup.Connect.Closed', onClosed)
  }
  return handleOf(group, running.manifest, running, [])
}

function progressOf(
  { clock }: FileContext,
  { onProgress }: FileOptions,
  file: () => { readonly peers: number } | undefined
): ProgressMeter {
  return new ProgressMeter({ clock, peers: () => file()?.peers ?? 0, listener: onProgress })
}

function handleOf(
  group: NetGroup,
  manifest: Manifest,
  file: { close(): Promise<void> },
  skipped: readonly string[]
): SharedFile {
  const groupspec = printGroupspec(memberOf(group).groupspec, { authorizations: false })
  const close = (): Promise<void> => {
    group.removeEventListener('NetGroup.Connect.Closed', onClosed)
    return file.close()
  }
  const onClosed = (): void => void close().catch(() => {})
  group.addEventListener('NetGroup.Connect.Closed', onClosed)
  return {
    link: printFileLink({ groupspec, manifestID: manifest.id }),
    manifestID: manifest.id,
    name: manifest.root.name,
    totalBytes: manifest.root.totalBytes,
    skipped,
    close,
    [Symbol.asyncDispose]: close
  }
}

async function contextOf(group: NetGroup, doing: string): Promise<FileContext> {
  checkOpen(group, doing)
  const member = memberOf(group)
  const { name, capabilities } = member.groupspec
  if (!capabilities.objectReplicationEnabled)
    throw new NetGroupError(
      'CAPABILITY_DISABLED',
      `Cannot ${doing} in group "${name}": object replication is not enabled in its groupspec`,
      { capability: 'objectReplicationEnabled' }
    )
  const { platform, host } = coreOf(group.connection)
  const files = await platform.files?.()
  checkOpen(group, doing)
  const groupFiles = filesOf.get(member) ?? new GroupFiles()
  filesOf.set(member, groupFiles)
  return {
    open: (namespace, listener) => member.replication.open(namespace, listener),
    files,
    hash: platform.hash ?? webHash,
    clock: host.clock,
    group: groupFiles,
    reportFalse: peer => {
      member.reject('false chunk')
      const link = member.links.get(peer)
      if (link !== undefined) host.reportInvalidMessage(link.peerID)
    }
  }
}

/** A group that was closed is no longer on its connection's list. */
function checkOpen(group: NetGroup, doing: string): void {
  if (!group.connection.groups.includes(group))
    throw new NetGroupError('CLOSED', `Cannot ${doing}: the group was closed`, {})
}

function storeOf(
  sink: WritableStream<Uint8Array> | { path: string },
  { files, hash }: FileContext,
  overwrite: boolean
): ChunkStore {
  if (sink instanceof WritableStream) return new StreamStore(sink)
  if (typeof sink !== 'object' || sink === null || typeof sink.path !== 'string' || sink.path === '')
    throw new TypeError('Cannot fetch the file: give a WritableStream, or { path }, to put it')
  if (files === undefined) throw noPaths(`fetch to ${sink.path}`)
  return new DiskStore({ files, hash, path: sink.path, overwrite })
}

function checkedLimits({ limitUp, limitDown }: FileOptions & { limitDown?: number }): FileLimits {
  for (const limit of [limitUp, limitDown])
    if (limit !== undefined && !(typeof limit === 'number' && limit > 0))
      throw new RangeError(`Cannot limit to ${limit} bytes per second: give a number over 0`)
  return { limitUp, limitDown }
}

function checkFetchOptions({ priority, order }: FetchOptions): void {
  if (priority !== undefined && !['low', 'normal', 'high'].includes(priority))
    throw new TypeError(
      `Cannot fetch with priority ${JSON.stringify(priority)}: give 'low', 'normal' or 'high'`
    )
  if (order !== undefined && order !== 'rarest' && order !== 'sequential')
    throw new TypeError(`Cannot fetch in order ${JSON.stringify(order)}: give 'rarest' or 'sequential'`)
}
