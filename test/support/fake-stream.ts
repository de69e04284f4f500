import type { Outlet, Piece } from '../../src/net/class-scheduler.ts'

/** The sending end of a stream with a window: what is beyond it waits in the stream until {@link FakeStream.drain}. */
export class FakeStream implements Outlet {
  /** What has been handed over, in order. */
  readonly sent: Uint8Array[] = []
  /** Why it was aborted. */
  aborted: Error | undefined
  writeStatus = 'writable'
  writableNeedsDrain = false
  writeBufferLength = 0
  readonly #windowBytes: number
  #freeBytes: number
  readonly #events = new EventTarget()
  readonly #listeners = new Map<string, number>()
  readonly #onSend: (data: Uint8Array) => void

  /** @param windowBytes what it takes before it is full @param onSend hears of each piece, to compare streams */
  constructor(windowBytes: number = Number.POSITIVE_INFINITY, onSend: (data: Uint8Array) => void = () => {}) {
    this.#windowBytes = windowBytes
    this.#freeBytes = windowBytes
    this.#onSend = onSend
  }

  /** Listeners that are attached. */
  get listenerCount(): number {
    return [...this.#listeners.values()].reduce((sum, count) => sum + count, 0)
  }

  send(piece: Piece): boolean {
    const data = piece.subarray()
    if (this.writeStatus !== 'writable')
      throw new Error(`Cannot write to a stream that is ${this.writeStatus}`)
    this.sent.push(data)
    this.#onSend(data)
    const taken = Math.min(this.#freeBytes, data.byteLength)
    this.#freeBytes -= taken
    this.writeBufferLength += data.byteLength - taken
    this.writableNeedsDrain = this.#freeBytes === 0
    return !this.writableNeedsDrain
  }

  /** The reader has read everything: the window is open again. */
  drain(): void {
    this.writeBufferLength = 0
    this.#freeBytes = this.#windowBytes
    this.writableNeedsDrain = false
    this.#events.dispatchEvent(new Event('drain'))
  }

  abort(error: Error): void {
    if (this.writeStatus === 'closed') return
    this.aborted = error
    this.close()
  }

  close(): void {
    this.writeStatus = 'closed'
    this.writeBufferLength = 0
    this.#events.dispatchEvent(new Event('close'))
  }

  addEventListener(type: 'drain' | 'close', listener: () => void): void {
    this.#listeners.set(type, (this.#listeners.get(type) ?? 0) + 1)
    this.#events.addEventListener(type, listener)
  }

  removeEventListener(type: 'drain' | 'close', listener: () => void): void {
    this.#listeners.set(type, (this.#listeners.get(type) ?? 0) - 1)
    this.#events.removeEventListener(type, listener)
  }
}
