// Files among the members of a group: what they take is loaded with the first of them.
import type { FilePriority } from '../net/files/group-files.ts'
import type { FileProgress } from '../net/files/progress-meter.ts'
import type { FileSource, NamedSource } from '../net/files/share-source.ts'
import type { NetGroup } from './net-group.ts'
import type { AbortOptions } from './status-target.ts'

/** How to share or fetch. */
export interface FileOptions extends AbortOptions {
  /** Hears how it goes, at most ten times a second, and once at the end. Later, of what others get from here. */
  onProgress?: (progress: FileProgress) => void
  /** Bytes per second that others get from here. @default no limit */
  limitUp?: number
}

/** How to share. */
export interface ShareOptions extends FileOptions {
  /** What others see. @default the name of the file or folder; `'file'` and `'files'` for what has none */
  name?: string
}

/** How to fetch. */
export interface FetchOptions extends FileOptions {
  /** Bytes per second that come from others. @default no limit */
  limitDown?: number
  /** Among the fetches of a group: while one gets something, those of a lower priority ask for nothing. @default 'normal' */
  priority?: FilePriority
  /** Replace what stands at the target and is something else. Of a folder other files stay. @default false */
  overwrite?: boolean
  /** `'sequential'`: from the beginning on, for who reads along; it spreads worse. A stream is always fetched so. @default 'rarest' */
  order?: 'rarest' | 'sequential'
}

/** A file or folder that is offered to the group, until it is closed or the group is. */
export interface SharedFile {
  /** The group and the file in one text: `netgroup:#G:…&file=…`. Without authorizations. */
  readonly link: string
  /** 64 hex digits: which file this is, down to its last byte. */
  readonly manifestID: string
  /** The name that it is shared under. */
  readonly name: string
  /** Of all files in it. */
  readonly totalBytes: number
  /** Paths in a shared folder that are not in it: symbolic links, devices, sockets. */
  readonly skipped: readonly string[]
  /** Offers it no more. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Offers a file, a folder, or several, to the members of a group. Reads all of it once, and then as it is asked for: a file that changes meanwhile is not offered any more where it has. Who has the same
 * files under the same name shares the same.
 *
 * @param source a Blob; bytes, which are kept in memory; `{ path }` of a file or folder (Node), symbolic links in it left out; or an array of these with names
 * @throws (rejects) NetGroupError CLOSED, CAPABILITY_DISABLED, STORAGE_FAILED, PLATFORM_UNSUPPORTED; RangeError for a name or number of files that cannot be shared;
 *   TypeError for other arguments; the signal's reason
 */
export async function shareFile(
  group: NetGroup,
  source: FileSource | readonly NamedSource[],
  options: ShareOptions = {}
): Promise<SharedFile> {
  const { share } = await import('./file-sharing.ts')
  return await share(group, source, options)
}

/**
 * Fetches what a member shares, from all that have something of it, and verifies each chunk. Resolves when all is there; from then on, and while it fetches, others get it from here too.
 *
 * @param sink a stream, which gets the bytes of a file in order, at its pace; or `{ path }` (Node): the file or folder itself, or, with a slash at its end, the folder that it is put into. What is under way
 *   stands beside it as `<path>.<8 digits of the id>.part`, and is gone on with when the same is fetched again
 * @throws (rejects) NetGroupError CLOSED, CAPABILITY_DISABLED, FILE_EXISTS, MANIFEST_INVALID, STORAGE_FAILED, PLATFORM_UNSUPPORTED; TypeError for what is no manifest's id, or wrong arguments; the
 *   stream's error; the signal's reason. What was fetched to a path stays there
 */
export async function fetchFile(
  group: NetGroup,
  manifestID: string,
  sink: WritableStream<Uint8Array> | { path: string },
  options: FetchOptions = {}
): Promise<SharedFile> {
  const { fetch } = await import('./file-sharing.ts')
  return await fetch(group, manifestID, sink, options)
}
