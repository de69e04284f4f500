import { createInterface, type Interface } from 'node:readline'

/** Where a {@link Terminal} reads and writes. */
export interface TerminalOptions {
  input: NodeJS.ReadableStream
  output: NodeJS.WritableStream
  prompt: string
  /** Called on Ctrl-C: a terminal in raw mode gives a key, and no signal. */
  onInterrupt: () => void
}

/** How many rows readline goes up before it draws. Public but undocumented; seen in Node 20.20. */
interface WithPreviousRows {
  readonly prevRows?: number
}

/** A terminal where lines come in while one is being typed: they appear above it, and the typed text stays as it was. */
export class Terminal {
  readonly #readline: Interface & WithPreviousRows
  readonly #output: NodeJS.WritableStream
  #isOpen = true

  constructor({ input, output, prompt, onInterrupt }: TerminalOptions) {
    this.#output = output
    this.#readline = createInterface({ input, output, prompt, terminal: true, historySize: 200 })
    this.#readline.on('SIGINT', onInterrupt)
    this.#readline.on('close', () => {
      this.#isOpen = false
      output.write('\n')
    })
  }

  /** Print a line to this stream (mostly our own output) above the one being typed. */
  print(stream: NodeJS.WritableStream, line: string): void {
    if (!this.#isOpen) {
      stream.write(line + '\n')
      return
    }
    const { rows } = this.#readline.getCursorPos()
    // Up to the first row of what is typed, and erase from there.
    this.#output.write(`${rows > 0 ? `\x1b[${rows}A` : ''}\r\x1b[J`)
    stream.write(line + '\n')
    // readline goes up as many rows as it believes to be below its prompt (after a paste: too few), and draws: give it those rows.
    this.#output.write('\n'.repeat(this.#readline.prevRows ?? 0))
    this.#readline.prompt(true)
  }

  /** Each line typed, until Ctrl-D or {@link close}. Shows the prompt. */
  async *lines(): AsyncGenerator<string> {
    this.#readline.prompt()
    for await (const line of this.#readline) {
      yield line
      if (this.#isOpen) this.#readline.prompt()
    }
  }

  /** Give the terminal back. Ends {@link lines}. */
  close(): void {
    if (this.#isOpen) this.#readline.close()
  }
}
