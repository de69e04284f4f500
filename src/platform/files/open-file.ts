import { type FileHandle, open } from 'node:fs/promises'

/** A file that is open, and closed when nobody is at work with it any more. */
export class OpenFile {
  readonly #handle: Promise<FileHandle>
  #ready: FileHandle | undefined
  #users = 0
  #onFree: (() => void) | undefined

  constructor(path: string, flags: number) {
    this.#handle = open(path, flags, 0o666)
    this.#handle.then(
      handle => {
        this.#ready = handle
      },
      // Whoever uses it hears of it.
      () => {}
    )
  }

  get isBusy(): boolean {
    return this.#users > 0
  }

  /** Once it is open; not to be kept. */
  get ready(): FileHandle | undefined {
    return this.#ready
  }

  async use<T>(work: (handle: FileHandle) => Promise<T>): Promise<T> {
    this.#users += 1
    try {
      return await work(await this.#handle)
    } finally {
      this.#users -= 1
      if (this.#users === 0) this.#onFree?.()
    }
  }

  /** To be called once; not to be used afterwards. */
  async close(): Promise<void> {
    if (this.isBusy)
      await new Promise<void>(resolve => {
        this.#onFree = resolve
      })
    const handle = await this.#handle.catch(() => undefined)
    await handle?.close()
  }
}
