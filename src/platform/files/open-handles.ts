import { constants, readSync, writeSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { DiskSpeed } from './disk-speed.ts'
import { OpenFile } from './open-file.ts'

/** Files that are open at the same time, per share or fetch: a folder may have more than a process may open. Guess: limits begin at 256. */
const MAX_OPEN_HANDLES = 32

/** Files that are read and written here and there, opened as they are needed. */
export class OpenHandles {
  readonly #flags: number
  readonly #pathOf: (entry: number) => string
  /** By entry, the one used longest ago first. */
  readonly #opened = new Map<number, OpenFile>()
  readonly #speed = new DiskSpeed()
  #isClosed = false

  /** @param isWritten files are written too, and made where there is none */
  constructor(pathOf: (entry: number) => string, isWritten: boolean) {
    this.#pathOf = pathOf
    this.#flags = isWritten
      ? constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)
      : constants.O_RDONLY
  }

  /** So many bytes of a file; fewer when there are no more. At once, while the file is open and the disk is fast. */
  read(entry: number, offset: number, length: number): Uint8Array | Promise<Uint8Array> {
    // Not zeroed: that costs more than reading it.
    const bytes = Buffer.allocUnsafeSlow(length)
    const file = this.#open(entry)
    const done = this.#atOnce(file, handle => this.#speed.time(() => fill(handle, bytes, offset)))
    if (done !== undefined) return view(bytes, done)
    return this.#with(file, entry, handle => this.#fill(handle, bytes, offset)).then(later =>
      view(bytes, later)
    )
  }

  /** The same. */
  write(entry: number, offset: number, bytes: Uint8Array): Promise<void> | undefined {
    const file = this.#open(entry)
    const done = this.#atOnce(file, handle => this.#speed.time(() => drain(handle, bytes, offset)))
    return done === undefined
      ? this.#with(file, entry, handle => this.#drain(handle, bytes, offset))
      : undefined
  }

  async truncate(entry: number, length: number): Promise<void> {
    await this.#with(this.#open(entry), entry, handle => handle.truncate(length))
  }

  /** Closes what is open, once nobody is at work with it. With `isLast` nothing is opened any more. */
  async close(isLast = true): Promise<void> {
    if (isLast) this.#isClosed = true
    const all = [...this.#opened.values()]
    this.#opened.clear()
    await Promise.all(all.map(file => file.close()))
  }

  /** @returns what this gives; undefined when it cannot be done at once */
  #atOnce(file: OpenFile, work: (handle: FileHandle) => number): number | undefined {
    return file.ready !== undefined && this.#speed.isFast ? work(file.ready) : undefined
  }

  /** @returns how many bytes there were */
  async #fill(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<number> {
    if (this.#speed.isFast) return this.#speed.time(() => fill(handle, bytes, offset))
    let done = 0
    while (done < bytes.byteLength) {
      const { bytesRead } = await handle.read(bytes, done, bytes.byteLength - done, offset + done)
      if (bytesRead === 0) break
      done += bytesRead
    }
    this.#speed.onPause()
    return done
  }

  async #drain(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
    if (this.#speed.isFast) {
      this.#speed.time(() => drain(handle, bytes, offset))
      return
    }
    let done = 0
    while (done < bytes.byteLength)
      done += (await handle.write(bytes, done, bytes.byteLength - done, offset + done)).bytesWritten
    this.#speed.onPause()
  }

  async #with<T>(file: OpenFile, entry: number, work: (handle: FileHandle) => Promise<T>): Promise<T> {
    try {
      return await file.use(work)
    } catch (error) {
      // What could not be opened is tried again.
      if (this.#opened.get(entry) === file && !file.isBusy) {
        this.#opened.delete(entry)
        await file.close()
      }
      throw error
    }
  }

  #open(entry: number): OpenFile {
    if (this.#isClosed) throw new Error('The files are closed')
    const file = this.#opened.get(entry) ?? new OpenFile(this.#pathOf(entry), this.#flags)
    this.#opened.delete(entry)
    this.#opened.set(entry, file)
    if (this.#opened.size > MAX_OPEN_HANDLES) this.#closeOldest()
    return file
  }

  #closeOldest(): void {
    for (const [entry, file] of this.#opened) {
      if (file.isBusy) continue
      this.#opened.delete(entry)
      file.close().catch(() => {})
      return
    }
  }
}

/** Reads until the bytes are full or the file is at its end. @returns how many bytes there were */
function fill({ fd }: FileHandle, bytes: Uint8Array, offset: number): number {
  let done = 0
  while (done < bytes.byteLength) {
    const read = readSync(fd, bytes, done, bytes.byteLength - done, offset + done)
    if (read === 0) break
    done += read
  }
  return done
}

/** Writes all of it. @returns how many bytes */
function drain({ fd }: FileHandle, bytes: Uint8Array, offset: number): number {
  let done = 0
  while (done < bytes.byteLength) done += writeSync(fd, bytes, done, bytes.byteLength - done, offset + done)
  return done
}

/** As a plain array: what it is must not depend on the platform. */
function view({ buffer, byteOffset }: Buffer, length: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length)
}
