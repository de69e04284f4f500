import type { FileEntry } from '../../core/files/file-layout.ts'

/** Files and folders that can be read: what is to be shared. */
export interface FileTree {
  /** Of the file or folder. */
  readonly name: string
  readonly isFolder: boolean
  /** In the order of `comparePaths`. */
  readonly entries: readonly FileEntry[]
  /** What is in the folder and is not shared: symbolic links, devices, sockets. */
  readonly skipped: readonly string[]
  /** So many bytes of an entry, at once where that is quick; fewer when the file is shorter than it was. Throws or rejects when it cannot be read. */
  read(entry: number, offset: number, length: number): Uint8Array | Promise<Uint8Array>
  close(): Promise<void>
}

/** Where something that is fetched goes. */
export interface TargetInit {
  /** As the application gave it. Ends it with a slash, or is there a folder and comes a file: into it, by its own name. */
  readonly path: string
  /** The name that it was shared under. */
  readonly name: string
  /** The manifest's. */
  readonly id: string
  readonly isFolder: boolean
  readonly entries: readonly FileEntry[]
}

/** Files of a target on the disk. */
export interface StoredFiles {
  /** At once where that is quick. Fewer bytes when there are no more. */
  read(entry: number, offset: number, length: number): Uint8Array | Promise<Uint8Array>
  close(): Promise<void>
}

/** Files that are being fetched. */
export interface PartFiles extends StoredFiles {
  /** Were there any before, from an earlier fetch? */
  readonly isResumed: boolean
  /** At once where that is quick. */
  write(entry: number, offset: number, bytes: Uint8Array): Promise<void> | undefined
  /** All is there: gives files their lengths and modes and puts them in their place. They can be read there from then on. */
  finish(): Promise<void>
}

/** Where a fetched file or folder is to stand. */
export interface FileTarget {
  /** The final path. */
  readonly path: string
  /** What stands there: nothing, files that may be these (they are of the same sizes), or other ones. */
  existing(): Promise<'nothing' | 'other' | StoredFiles>
  /** The files beside it that are being fetched, made unless they are there. */
  openPart(): Promise<PartFiles>
}

/** A platform's disk. All of it throws or rejects with the system's errors. */
export interface FileSystem {
  /** A file or folder. */
  openTree(path: string): Promise<FileTree>
  /** @throws (rejects) NetGroupError MANIFEST_INVALID when names in it cannot stand on this disk */
  openTarget(init: TargetInit): Promise<FileTarget>
}
