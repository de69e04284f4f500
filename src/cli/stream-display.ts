import { describeBytes } from './byte-size.ts'
import { LiveLine, type TerminalStream } from './live-line.ts'
import type { Output } from './output.ts'

/** Without a terminal a line comes this often, at most. */
const LINE_EVERY_MS = 5_000

/** What is told of a stream, once a second. */
export interface StreamState {
  readonly role: 'publish' | 'play'
  /** Has a byte of it come? */
  readonly isLive: boolean
  /** Of the stream itself, from its beginning here. */
  readonly bytes: number
  readonly bytesPerSecond: number
  readonly neighbors: number
  /** What goes to others: the stream, and all that is said about it. */
  readonly sendBytesPerSecond: number
  readonly sendControlBytesPerSecond: number
  /** Neighbors that are fed from here, as far as that is known: what is sent, in copies of the whole stream. */
  readonly copiesSent: number
  /** The longest of the last second, by both clocks; undefined when not known. */
  readonly delayMs: number | undefined
  /** Pieces of the stream that are missing. */
  readonly dropped: number
}

/** How a {@link StreamDisplay} is made. */
export interface StreamDisplayOptions {
  readonly output: Output
  /** @default process.stderr */
  readonly stream?: TerminalStream
  /** @default performance.now */
  readonly nowMs?: () => number
}

/** How a stream goes, on stderr: a line that changes where that is a terminal, now and then a line where it is not, rows with `--json`. */
export class StreamDisplay {
  readonly #output: Output
  readonly #line: LiveLine | undefined
  readonly #nowMs: () => number
  #toldAtMs: number | undefined

  constructor({ output, stream = process.stderr, nowMs = () => performance.now() }: StreamDisplayOptions) {
    this.#output = output
    this.#line = stream.isTTY === true && !output.json ? new LiveLine(output, stream) : undefined
    this.#nowMs = nowMs
  }

  /** Says how it goes now: to be called once a second, with `more` for the row of `--json`. */
  tell(state: StreamState, more: object = {}): void {
    const nowMs = this.#nowMs()
    const text = describeStream(state)
    if (this.#line !== undefined) this.#line.show(text)
    else if (this.#output.json || this.#toldAtMs === undefined || nowMs - this.#toldAtMs >= LINE_EVERY_MS) {
      this.#toldAtMs = nowMs
      this.#output.note({ code: 'Cli.Stream.Statistics', level: 'status', ...state, ...more }, text)
    }
  }

  /** Gives the line of the terminal back. Idempotent. */
  stop(): void {
    this.#line?.stop()
  }
}

/** `2.1 Mbit/s, 3 neighbors, sending 2.0 copies (4.2 Mbit/s), delay 80 ms, 3 dropped, 8.2 MiB` */
export function describeStream(state: StreamState): string {
  const { role, isLive, copiesSent, delayMs, dropped } = state
  const neighbors = state.neighbors === 1 ? '1 neighbor' : `${state.neighbors} neighbors`
  if (!isLive) return [role === 'play' ? 'waiting for the stream' : 'waiting for input', neighbors].join(', ')
  const up = describeRate(state.sendBytesPerSecond)
  const words = [
    describeRate(state.bytesPerSecond),
    neighbors,
    `sending ${copiesSent.toFixed(1)} copies (${up})`
  ]
  if (delayMs !== undefined) words.push(`delay ${Math.round(delayMs)} ms`)
  if (dropped > 0) words.push(`${dropped} dropped`)
  return [...words, describeBytes(state.bytes)].join(', ')
}

/** A rate as people know it of streams: `2.1 Mbit/s`. */
export function describeRate(bytesPerSecond: number): string {
  const bits = bytesPerSecond * 8
  return bits < 1_000_000 ? `${Math.round(bits / 1_000)} kbit/s` : `${(bits / 1_000_000).toFixed(1)} Mbit/s`
}
