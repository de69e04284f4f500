import type { Clock } from '../clock.ts'
import type { ObjectListener, ObjectSpace } from '../object-space.ts'
import type { FileSystem } from './file-system.ts'
import type { GroupFiles } from './group-files.ts'
import type { Hash } from './hash.ts'

/** What shares and fetches of a membership stand on. */
export interface FileContext {
  readonly open: (namespace: string, listener: ObjectListener) => ObjectSpace
  readonly files: FileSystem | undefined
  readonly hash: Hash
  readonly clock: Clock
  readonly group: GroupFiles
  /** This peer has sent what is false by its own bytes. */
  readonly reportFalse: (peer: string) => void
}

/** Limits in bytes per second; undefined: none. */
export interface FileLimits {
  readonly limitUp: number | undefined
  readonly limitDown: number | undefined
}
