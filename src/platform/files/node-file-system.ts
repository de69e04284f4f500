// Files of this machine, for shares and fetches. Loaded when a path is given for the first time.
import type { FileSystem } from '../../net/files/file-system.ts'
import { openDiskTarget } from './disk-target.ts'
import { openDiskTree } from './disk-tree.ts'

/** The disk, in Node. */
export const nodeFileSystem: FileSystem = { openTree: openDiskTree, openTarget: openDiskTarget }
