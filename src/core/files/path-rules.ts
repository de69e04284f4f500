// Which names a file that comes from strangers may have: those that mean the same on every system, and nothing outside the folder that it is put into.
import { fromString } from 'uint8arrays/from-string'
import { MAX_FILE_NAME_BYTES, MAX_FILE_PATH_BYTES, MAX_FILE_PATH_SEGMENTS } from '../../wire/limits.ts'

/** Control characters, and what turns the direction of text around: a name must be what it looks like. */
const FORBIDDEN = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u

/** Names that are devices on Windows, with any ending. Source: learn.microsoft.com, "Naming Files, Paths, and Namespaces". */
const DEVICE = /^(con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(\..*)?$/i

/** What Windows refuses in a name besides, or takes off its end. */
const NOT_ON_WINDOWS = /[<>:"|?*]|[. ]$/

/** Why this cannot be the name of a file or folder that is shared, as the rest of a sentence; `undefined` when it can. */
export function fileNameProblem(name: string): string | undefined {
  if (name === '') return 'a name in it is empty'
  if (name === '.' || name === '..') return `'${name}' leads elsewhere`
  if (name.includes('/') || name.includes('\\')) return 'a name in it has a slash or backslash in it'
  if (FORBIDDEN.test(name))
    return 'a name in it has control characters or characters that turn the direction of text in it'
  if (/^[a-z]:/i.test(name)) return `'${name}' begins with a drive letter`
  if (DEVICE.test(name)) return `'${name}' is the name of a device on Windows`
  if (!isWellFormed(name)) return 'a name in it has half a character (a lone surrogate) in it'
  const bytes = fromString(name, 'utf8').byteLength
  if (bytes > MAX_FILE_NAME_BYTES)
    return `a name in it takes ${bytes} bytes of UTF-8, more than ${MAX_FILE_NAME_BYTES}`
  return undefined
}

/** The same for a path inside a shared folder, by its names. */
export function filePathProblem(path: readonly string[]): string | undefined {
  if (path.length > MAX_FILE_PATH_SEGMENTS) return `it is more than ${MAX_FILE_PATH_SEGMENTS} folders deep`
  for (const name of path) {
    const problem = fileNameProblem(name)
    if (problem !== undefined) return problem
  }
  const bytes = fromString(path.join('/'), 'utf8').byteLength
  return bytes > MAX_FILE_PATH_BYTES
    ? `it takes ${bytes} bytes of UTF-8, more than ${MAX_FILE_PATH_BYTES}`
    : undefined
}

/** Why a name that is allowed cannot stand on a disk of Windows, as the rest of a sentence; `undefined` when it can. */
export function windowsNameProblem(name: string): string | undefined {
  return NOT_ON_WINDOWS.test(name) ? `'${name}' is no name that Windows allows` : undefined
}

/** The order of paths: by their names, one after the other, by UTF-16 code units. What is inside a folder follows it at once. */
export function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (const [i, name] of a.entries()) {
    const other = b[i]
    if (other === undefined) return 1
    if (name !== other) return name < other ? -1 : 1
  }
  return a.length - b.length
}

/** Does the first of these lead to the second, or are they the same? */
export function isWithin(folder: readonly string[], path: readonly string[]): boolean {
  return folder.length <= path.length && folder.every((name, i) => name === path[i])
}

function isWellFormed(text: string): boolean {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)
}
