import cliProgress from 'cli-progress'
import { describeBytes, describeSeconds } from './byte-size.ts'
import type { Output } from './output.ts'
import { sanitize } from './sanitize.ts'
import { TransferRate } from './transfer-rate.ts'

/** Without a terminal a line comes this often, at most. */
const LINE_EVERY_MS = 5_000

/** With `--json`, a row. */
const ROW_EVERY_MS = 1_000

const BAR_EVERY_MS = 100

/** Longer names would leave no room for the rest of the line. */
const MAX_NAME = 24

/** What is told of a transfer. */
export interface TransferState {
  readonly bytes: number
  readonly totalBytes: number
  readonly peers: number
}

/** How a {@link TransferDisplay} is made. */
export interface TransferDisplayOptions {
  readonly output: Output
  /** What is transferred: a name; made safe here. */
  readonly name: string
  /** @default process.stderr */
  readonly stream?: NodeJS.WritableStream & { isTTY?: boolean }
  /** @default performance.now */
  readonly nowMs?: () => number
}

/** How far a transfer is, on stderr: a bar where that is a terminal, now and then a line where it is not, rows with `--json`. */
export class TransferDisplay {
  readonly #output: Output
  readonly #name: string
  readonly #stream: NodeJS.WritableStream & { isTTY?: boolean }
  readonly #nowMs: () => number
  readonly #rate = new TransferRate()
  #told: { atMs: number; line: string } | undefined
  #bar: { bars: cliProgress.MultiBar; bar: cliProgress.SingleBar } | undefined

  constructor(options: TransferDisplayOptions) {
    this.#output = options.output
    this.#name = sanitize(options.name)
    this.#stream = options.stream ?? process.stderr
    this.#nowMs = options.nowMs ?? (() => performance.now())
  }

  /** Says how far it is now: as often as there is news, or every second. */
  update(state: TransferState): void {
    const nowMs = this.#nowMs()
    this.#rate.add(state.bytes, nowMs)
    const bytesPerSecond = Math.round(this.#rate.at(nowMs))
    const missing = state.totalBytes - state.bytes
    const secondsLeft = bytesPerSecond > 0 ? missing / bytesPerSecond : undefined
    if (this.#stream.isTTY === true && !this.#output.json) this.#draw(state, bytesPerSecond, secondsLeft)
    else this.#tell(state, bytesPerSecond, secondsLeft)
  }

  /** Gives the line of the terminal back. What is printed afterwards stands below the bar. Idempotent. */
  stop(): void {
    const shown = this.#bar
    this.#bar = undefined
    if (shown === undefined) return
    shown.bars.update()
    shown.bars.stop()
    this.#output.useWriter((stream, line) => stream.write(line + '\n'))
  }

  #tell(state: TransferState, bytesPerSecond: number, secondsLeft: number | undefined): void {
    const nowMs = this.#nowMs()
    const everyMs = this.#output.json ? ROW_EVERY_MS : LINE_EVERY_MS
    const line = describe(state, bytesPerSecond, secondsLeft)
    const isDone = state.bytes === state.totalBytes
    const sinceMs = nowMs - (this.#told?.atMs ?? Number.NEGATIVE_INFINITY)
    if (line === this.#told?.line || (sinceMs < everyMs && !isDone)) return
    this.#told = { atMs: nowMs, line }
    const left = secondsLeft === undefined ? {} : { secondsLeft: Math.ceil(secondsLeft) }
    const { bytes, totalBytes, peers } = state
    this.#output.note(
      { code: 'Cli.Progress', level: 'status', bytes, totalBytes, bytesPerSecond, peers, ...left },
      `${this.#name}: ${line}`
    )
  }

  #draw(state: TransferState, bytesPerSecond: number, secondsLeft: number | undefined): void {
    const text = describe(state, bytesPerSecond, secondsLeft)
    this.#bar ??= this.#start(text)
    this.#bar.bar.setTotal(Math.max(1, state.totalBytes))
    this.#bar.bar.update(state.totalBytes === 0 ? 1 : state.bytes, { name: shortened(this.#name), text })
  }

  #start(text: string): { bars: cliProgress.MultiBar; bar: cliProgress.SingleBar } {
    const bars = new cliProgress.MultiBar({
      format: '{name} {bar} {text}',
      stream: this.#stream,
      barsize: 20,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      hideCursor: true,
      fps: 1_000 / BAR_EVERY_MS,
      // Ctrl-C is for the command to deal with.
      gracefulExit: false,
      // A line above it would leave it undrawn.
      forceRedraw: true
    })
    const bar = bars.create(1, 0, { name: shortened(this.#name), text })
    this.#output.useWriter((stream, line) => {
      // Standard output may be a file or the same terminal: the bar has to be out of its way only on the terminal.
      if (stream !== this.#stream && !('isTTY' in stream && stream.isTTY === true)) stream.write(line + '\n')
      else {
        bars.log(line + '\n')
        bars.update()
      }
    })
    return { bars, bar }
  }
}

function shortened(name: string): string {
  return name.length <= MAX_NAME ? name : name.slice(0, MAX_NAME - 1) + '…'
}

function describe(
  { bytes, totalBytes, peers }: TransferState,
  bytesPerSecond: number,
  secondsLeft: number | undefined
): string {
  const percent = totalBytes === 0 ? 100 : Math.floor((bytes / totalBytes) * 100)
  const isDone = bytes === totalBytes
  const words = [`${percent} %`, `${describeBytes(bytes)} of ${describeBytes(totalBytes)}`]
  if (!isDone) words.push(`${describeBytes(bytesPerSecond)}/s`)
  words.push(peers === 1 ? '1 peer' : `${peers} peers`)
  if (!isDone && secondsLeft !== undefined) words.push(`${describeSeconds(secondsLeft)} left`)
  return words.join(', ')
}
