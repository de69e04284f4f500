import type { Output } from './output.ts'

const ERASE = '\r\x1b[K'

/** A terminal, as far as a line at its end needs it. */
export type TerminalStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number }

/** The last line of a terminal, which changes; what else is printed stands above it. */
export class LiveLine {
  readonly #output: Output
  readonly #stream: TerminalStream
  #text: string | undefined

  constructor(output: Output, stream: TerminalStream) {
    this.#output = output
    this.#stream = stream
  }

  /** Shows this text, as much of it as one line holds. */
  show(text: string): void {
    if (this.#text === undefined) this.#output.useWriter((stream, line) => this.#above(stream, line))
    this.#text = text
    this.#draw()
  }

  /** Leaves what it shows as a line among others. Idempotent. */
  stop(): void {
    if (this.#text === undefined) return
    this.#text = undefined
    this.#stream.write('\n')
    this.#output.useWriter((stream, line) => stream.write(line + '\n'))
  }

  #above(stream: TerminalStream, line: string): void {
    // A file is not where the line stands.
    if (stream.isTTY !== true) stream.write(line + '\n')
    else {
      stream.write(ERASE + line + '\n')
      this.#draw()
    }
  }

  #draw(): void {
    // A line that is full would wrap, and then not be erased.
    this.#stream.write(ERASE + (this.#text ?? '').slice(0, (this.#stream.columns ?? 80) - 1))
  }
}
