import { Writable } from 'node:stream'

/** A terminal's screen as far as a line editor uses it: text with wrapping, moving the cursor, erasing. Scrolls without end. */
export class Screen extends Writable {
  readonly isTTY = true
  readonly rows = 24
  readonly columns: number
  #lines: string[] = ['']
  #row = 0
  #column = 0

  constructor(columns: number) {
    super({ decodeStrings: false })
    this.columns = columns
  }

  /** What a person would read, without the blanks at the ends. */
  get text(): string {
    return this.#lines
      .map(line => line.trimEnd())
      .join('\n')
      .trimEnd()
  }

  /** Where the cursor stands. */
  get cursor(): { row: number; column: number } {
    return { row: this.#row, column: this.#column }
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are a terminal's control sequences
    for (const [token, count, command] of chunk.matchAll(/\x1b\[(\??\d*)([A-Za-z])|./gs)) {
      // Colors, whether the cursor is seen and lines are wrapped: no other text.
      if (command === 'h' || command === 'l' || command === 'm') continue
      if (command !== undefined) this.#control(command, count === '' ? undefined : Number(count))
      else this.#put(token)
    }
    done()
  }

  #control(command: string, count: number | undefined): void {
    if (command === 'A') this.#row = Math.max(0, this.#row - (count ?? 1))
    else if (command === 'B') this.#down(count ?? 1)
    else if (command === 'C') this.#column = Math.min(this.columns - 1, this.#column + (count ?? 1))
    else if (command === 'D') this.#column = Math.max(0, this.#column - (count ?? 1))
    else if (command === 'G') this.#column = (count ?? 1) - 1
    else if (command === 'K' && count === 2) this.#lines[this.#row] = ''
    else if (command === 'J' || command === 'K') this.#erase(command)
    else throw new Error(`This screen does not know ${command}`)
  }

  #erase(command: string): void {
    this.#lines[this.#row] = (this.#lines[this.#row] ?? '').slice(0, this.#column)
    if (command === 'J') this.#lines.length = this.#row + 1
  }

  #put(character: string): void {
    if (character === '\r') this.#column = 0
    else if (character === '\n') this.#newline()
    else {
      if (this.#column === this.columns) this.#newline()
      const line = (this.#lines[this.#row] ?? '').padEnd(this.#column)
      this.#lines[this.#row] = line.slice(0, this.#column) + character + line.slice(this.#column + 1)
      this.#column++
    }
  }

  #newline(): void {
    this.#down(1)
    this.#column = 0
  }

  #down(rows: number): void {
    this.#row += rows
    while (this.#lines.length <= this.#row) this.#lines.push('')
  }
}
