import { NetGroupError } from '../../core/errors.ts'

/** What the commonest of the system's codes mean. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the disk cannot be written to',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
  EIO: 'the disk has a fault',
  ENOTDIR: 'a part of the path is no folder',
  EMFILE: 'this process has too many files open',
  EFBIG: 'the disk takes no file of this length'
}

/**
 * What failed, in our words, when it was the system that refused; anything else as it is.
 *
 * @param doing what was being done with the path
 * @param path in which all of it is; where the system names the one that it refuses, that is told
 */
export function storageFailed(error: unknown, doing: 'read' | 'write', path: string): unknown {
  const systemCode = codeOf(error)
  if (systemCode === undefined) return error
  const refused = doing === 'read' ? (pathOf(error) ?? path) : path
  const stays = doing === 'write' ? '. What was fetched before stays; fetch again to go on' : ''
  return new NetGroupError(
    'STORAGE_FAILED',
    `Cannot ${doing} ${refused}: ${REASONS[systemCode] ?? 'the system refuses it'} (${systemCode})${stays}`,
    { path: refused, systemCode },
    { cause: error }
  )
}

/** The code of a system's error, `'ENOSPC'` … */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

function pathOf(error: unknown): string | undefined {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined
}
