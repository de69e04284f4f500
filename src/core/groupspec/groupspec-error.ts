import { GroupspecError } from '../errors.ts'

/**
 * The error for text that is not a groupspec.
 *
 * @param field what was being read: 'text', 'version', 'name', 'grant' ...
 * @param offset where: a byte of the decoded groupspec (all segments counted together); for 'text' and 'link' a character
 * @param reason why not, as the rest of the sentence
 */
export function invalidGroupspec(field: string, offset: number, reason: string): GroupspecError {
  const place = field === 'text' || field === 'link' ? 'character' : 'byte'
  const message = `Cannot parse groupspec: ${field} at ${place} ${offset}: ${reason}`
  return new GroupspecError('GROUPSPEC_INVALID', message, { field, offset, reason })
}

/** The error for a groupspec of a version that this library does not speak. */
export function unsupportedGroupspec(version: number): GroupspecError {
  const hint = version < 3 ? "it is Adobe's: make a new group" : 'a newer netgroup is needed'
  const message = `Cannot parse groupspec: it is of version ${version}, this library reads version 3; ${hint}`
  return new GroupspecError('GROUPSPEC_UNSUPPORTED', message, { version })
}
