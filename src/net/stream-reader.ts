import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { concat } from 'uint8arrays/concat'

/**
 * Reads a libp2p stream, first by exact lengths (a handshake), then as it comes (frames). Attach it in the same task in which the
 * stream was handed over, or bytes are lost. Whatever goes wrong inside ends the stream and nothing else: a `message` listener that throws
 * would end the process.
 */
export class StreamReader {
  readonly #stream: Stream
  readonly #maxWaitingBytes: number
  #waiting: Uint8Array = new Uint8Array(0)
  #wanted: { bytes: number; resolve(bytes: Uint8Array): void; reject(error: Error): void } | undefined
  #onBytes: ((bytes: Uint8Array) => void) | undefined
  #ended: Error | undefined
  #hasFailed = false

  /** @param maxWaitingBytes what may wait between reads: more ends the stream */
  constructor(stream: Stream, maxWaitingBytes: number) {
    this.#stream = stream
    this.#maxWaitingBytes = maxWaitingBytes
    stream.addEventListener('message', this.#onMessage)
    stream.addEventListener('remoteCloseWrite', this.#onEnd)
    stream.addEventListener('close', this.#onEnd)
    // It may have ended before anybody listened.
    if (stream.status !== 'open') this.#onEnd(new Event('close'))
  }

  /** The next bytes, exactly this many. Rejects when the stream ends before. One read at a time. */
  read(bytes: number): Promise<Uint8Array> {
    if (this.#waiting.byteLength >= bytes) return Promise.resolve(this.#take(bytes))
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      this.#wanted = { bytes, resolve, reject }
    })
  }

  /** From now on all bytes go here, those that wait first. What throws in there ends the stream. */
  pipe(onBytes: (bytes: Uint8Array) => void): void {
    this.#onBytes = onBytes
    if (this.#waiting.byteLength > 0) this.#deliver(this.#take(this.#waiting.byteLength))
  }

  readonly #onMessage = (event: StreamMessageEvent): void => {
    const { data } = event
    if (this.#onBytes !== undefined) {
      // As they lie in memory: what is large is not copied to be in one piece.
      for (const bytes of data instanceof Uint8Array ? [data] : data) this.#deliver(bytes)
      return
    }
    const bytes = data instanceof Uint8Array ? data : data.subarray()
    this.#waiting = concat([this.#waiting, bytes])
    if (this.#waiting.byteLength > this.#maxWaitingBytes) {
      this.#stream.abort(new Error(`More than ${this.#maxWaitingBytes} bytes before they were asked for`))
      return
    }
    const wanted = this.#wanted
    if (wanted !== undefined && this.#waiting.byteLength >= wanted.bytes) {
      this.#wanted = undefined
      wanted.resolve(this.#take(wanted.bytes))
    }
  }

  readonly #onEnd = (event: Event): void => {
    this.#ended ??= (event as StreamCloseEvent).error ?? new Error('The stream ended')
    this.#wanted?.reject(this.#ended)
    this.#wanted = undefined
  }

  #deliver(bytes: Uint8Array): void {
    if (this.#hasFailed) return
    try {
      this.#onBytes?.(bytes)
    } catch (error) {
      this.#hasFailed = true
      this.#stream.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #take(bytes: number): Uint8Array {
    const taken = this.#waiting.subarray(0, bytes)
    this.#waiting = this.#waiting.subarray(bytes)
    return taken
  }
}
