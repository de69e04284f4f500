import { FILE_CHUNK_BYTES } from '../../core/files/file-layout.ts'
import type { BytePace } from '../../shared/byte-pace.ts'
import type { Clock, Timer } from '../clock.ts'
import type { ObjectSpace } from '../object-space.ts'

/** How {@link FileServer} is made. */
export interface FileServerInit {
  readonly space: () => ObjectSpace
  /** The object, and only if it is the right one; undefined when it cannot be had any more. */
  readonly read: (index: number) => Promise<Uint8Array | undefined> | Uint8Array | undefined
  /** The limit of what goes out; undefined: none. */
  readonly pace: BytePace | undefined
  readonly clock: Clock
  /** So many bytes were handed to the network. */
  readonly onSent: (bytes: number) => void
}

/** Answers others' requests for parts of a file, in the order in which they are put to it. */
export class FileServer {
  readonly #init: FileServerInit
  /** Those that wait for the limit. */
  readonly #waiting: { index: number; requestID: number }[] = []
  #timer: Timer | undefined
  #isClosed = false

  constructor(init: FileServerInit) {
    this.#init = init
  }

  onRequest(index: number, requestID: number): void {
    if (this.#init.pace === undefined) {
      this.#answer(index, requestID)
      return
    }
    this.#waiting.push({ index, requestID })
    this.#pump()
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#waiting.length = 0
  }

  /** Asked one at a time once the limit is reached: how long an object is, is known when it has been read. */
  #pump(): void {
    const { pace, clock } = this.#init
    this.#timer?.cancel()
    this.#timer = undefined
    while (!this.#isClosed && this.#waiting.length > 0) {
      const waitMs = pace?.waitMs(clock.now()) ?? 0
      if (waitMs > 0) {
        this.#timer = clock.setTimer(() => this.#pump(), waitMs)
        return
      }
      const next = this.#waiting.shift()
      if (next === undefined) return
      // Taken at once for what most objects are.
      pace?.spend(FILE_CHUNK_BYTES, clock.now())
      this.#answer(next.index, next.requestID)
    }
  }

  #answer(index: number, requestID: number): void {
    try {
      const bytes = this.#init.read(index)
      if (bytes instanceof Promise)
        bytes.then(later => this.#onRead(index, requestID, later)).catch(() => this.#deny(index, requestID))
      else this.#onRead(index, requestID, bytes)
    } catch {
      this.#deny(index, requestID)
    }
  }

  #onRead(index: number, requestID: number, bytes: Uint8Array | undefined): void {
    if (this.#isClosed) return
    if (bytes === undefined) {
      this.#deny(index, requestID)
      return
    }
    if (this.#init.space().answer(requestID, bytes) === 'taken') this.#init.onSent(bytes.byteLength)
  }

  /** What cannot be read any more, or has changed, is not offered any more. */
  #deny(index: number, requestID: number): void {
    if (this.#isClosed) return
    this.#init.space().deny(requestID)
    this.#init.space().removeHave(index, index)
  }
}
