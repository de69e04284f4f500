import { CommandError, ExitCode } from './exit-codes.ts'

/** What the system says, and what can be done about it. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EEXIST: 'a file of this name is there, and no folder',
  ENOTDIR: 'a part of its path is a file and no folder',
  EACCES: 'no permission; look at its owner and mode (ls -l)',
  EPERM: 'the system does not permit it',
  EROFS: 'the disk can only be read; choose another place with --output',
  ENOSPC: 'the disk is full; make room and run the same command again: it goes on where it was',
  EDQUOT: 'your quota is used up; make room and run the same command again: it goes on where it was',
  ENAMETOOLONG: 'its name is too long for this disk; choose another place with --output',
  EMFILE: 'too many files are open; see ulimit -n',
  EIO: 'the disk reports an error'
}

/**
 * In one line why the system refused something, instead of its own words: itself when it is no error of the system.
 *
 * @param doing what was being done: "share film.mp4"
 */
export function explained(doing: string, error: unknown): unknown {
  const { code, path } = systemErrorOf(error) ?? {}
  const reason = REASONS[code ?? '']
  if (code === undefined || reason === undefined) return error
  const where = path === undefined || doing.includes(path) ? '' : `${path}: `
  return new CommandError(ExitCode.FAILED, code, `Cannot ${doing}: ${where}${reason}`)
}

/** An error of the system, or the one that is the cause of this error. */
function systemErrorOf(error: unknown): NodeJS.ErrnoException | undefined {
  for (let each = error; each instanceof Error; each = each.cause)
    if ('syscall' in each || (each as NodeJS.ErrnoException).errno !== undefined) return each
  return undefined
}
