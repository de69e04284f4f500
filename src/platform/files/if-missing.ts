/** For `catch`: undefined when a path leads to nothing. @throws the error when it is another one */
export function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
  throw error
}
