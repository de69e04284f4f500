import { styleText } from 'node:util'
import { CommandError } from './exit-codes.ts'
import { jsonLine } from './json-line.ts'
import { sanitizeLines } from './sanitize.ts'

/** What `--json` prints as one line: a row of the status table, or one of the command line's own, whose codes begin with `Cli.`. */
export interface OutputRow {
  readonly code: string
  readonly level: 'status' | 'warning' | 'error'
  readonly [field: string]: unknown
}

/** How a line reaches a stream. A chat puts its terminal in between, so that no line tears the one being typed. */
export type LineWriter = (stream: NodeJS.WritableStream, line: string) => void

/** The part of a stream that says whether it may be colored. */
type Stream = NodeJS.WritableStream & { isTTY?: boolean }

/** What a command says: results on stdout, everything else on stderr; with `json` both as one object per line. */
export class Output {
  readonly json: boolean
  readonly #stdout: Stream
  readonly #stderr: Stream
  #write: LineWriter = (stream, line) => stream.write(line + '\n')

  constructor(options: { json: boolean; stdout?: Stream; stderr?: Stream }) {
    this.json = options.json
    this.#stdout = options.stdout ?? process.stdout
    this.#stderr = options.stderr ?? process.stderr
  }

  /** From now on every line goes through this writer. */
  useWriter(writer: LineWriter): void {
    this.#write = writer
  }

  /** A result: `text` on stdout, or `row` with `json`. */
  result(row: OutputRow, text: string): void {
    this.#write(this.#stdout, this.json ? jsonLine(row) : text)
  }

  /** Something worth knowing that is no result: on stderr, dimmed on a terminal. */
  note(row: OutputRow, text: string): void {
    this.#write(this.#stderr, this.json ? jsonLine(row) : style('dim', text, this.#stderr))
  }

  /** Something that goes wrong while the command goes on: on stderr. */
  warn(row: OutputRow, text: string): void {
    this.#write(this.#stderr, this.json ? jsonLine(row) : style('yellow', text, this.#stderr))
  }

  /** Why the command fails, in one line on stderr; the stack too when `DEBUG` is set. */
  error(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    const row: OutputRow = { ...detailOf(error), code: codeOf(error), level: 'error', text: message }
    const line = 'netgroup: ' + sanitizeLines(message)
    this.#write(this.#stderr, this.json ? jsonLine(row) : style('red', line, this.#stderr))
    if (process.env['DEBUG'] && error instanceof Error) this.#write(this.#stderr, error.stack ?? '')
  }
}

/** Colored when the stream is a terminal and `NO_COLOR` is not set; else the text as it is. */
export function style(format: Parameters<typeof styleText>[0], text: string, stream: Stream): string {
  return stream.isTTY === true && !process.env['NO_COLOR']
    ? styleText(format, text, { validateStream: false })
    : text
}

function codeOf(error: unknown): string {
  if (error instanceof CommandError) return error.code
  if (error instanceof Error && 'code' in error) return String(error.code)
  return 'Cli.Failed'
}

function detailOf(error: unknown): object {
  if (error instanceof Error && 'detail' in error && typeof error.detail === 'object')
    return error.detail ?? {}
  return {}
}
