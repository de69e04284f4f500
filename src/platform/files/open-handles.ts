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

  /** So many bytes of a file; fewer when there are no more. */
  async read(entry: number, offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    const done = await this.#with(entry, handle => this.#fill(handle, bytes, offset))
    return bytes.subarray(0, done)
  }

  async write(entry: number, offset: number, bytes: Uint8Array): Promise<void> {
    await this.#with(entry, handle => this.#drain(handle, bytes, offset))
  }

  async truncate(entry: number, length: number): Promise<void> {
    await this.#with(entry, handle => handle.truncate(length))
  }

  /** Closes what is open, once nobody is at work with it. With `isLast` nothing is opened any more. */
  async close(isLast = true): Promise<void> {
    if (isLast) this.#isClosed = true
    const all = [...this.#opened.values()]
    this.#opened.clear()
    await Promise.all(all.map(file => file.close()))
  }

  /** @returns how many bytes there were */
  async #fill(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<number> {
    let done = 0
    while (done < bytes.byteLength) {
      const [length, position] = [bytes.byteLength - done, offset + done]
      const read = this.#speed.isFast
        ? this.#speed.time(() => readSync(handle.fd, bytes, done, length, position))
        : (await this.#byThread(handle.read(bytes, done, length, position))).bytesRead
      if (read === 0) break
      done += read
    }
    return done
  }

  async #drain(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
    let done = 0
    while (done < bytes.byteLength) {
      const [length, position] = [bytes.byteLength - done, offset + done]
      done += this.#speed.isFast
        ? this.#speed.time(() => writeSync(handle.fd, bytes, done, length, position))
        : (await this.#byThread(handle.write(bytes, done, length, position))).bytesWritten
    }
  }

  async #byThread<T>(work: Promise<T>): Promise<T> {
    const done = await work
    this.#speed.onPause()
    return done
  }

  async #with<T>(entry: number, work: (handle: FileHandle) => Promise<T>): Promise<T> {
    const file = this.#open(entry)
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
