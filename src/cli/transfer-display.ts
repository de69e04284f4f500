import cliProgress from 'cli-progress'
import { describeBytes, describeSeconds } from './byte-size.ts'
import type { Output } from './output.ts'
import { sanitize } from './sanitize.ts'

/** Without a terminal a line comes this often, at most. */
const LINE_EVERY_MS = 5_000

/** With `--json`, a row. */
const ROW_EVERY_MS = 1_000

const BAR_EVERY_MS = 100

/** Longer names would leave no room for the rest of the line. */
const MAX_NAME = 24

/** What is told of a transfer: `FileProgress` of the library. */
export interface TransferState {
  readonly state: 'searching' | 'checking' | 'fetching' | 'complete'
  readonly name: string | undefined
  readonly bytes: number
  readonly totalBytes: number
  readonly peers: number
  readonly bytesPerSecond: number
  readonly uploadedBytes: number
  readonly uploadBytesPerSecond: number
}

type Stream = NodeJS.WritableStream & { isTTY?: boolean }

/** How a {@link TransferDisplay} is made. */
export interface TransferDisplayOptions {
  readonly output: Output
  /** @default process.stderr */
  readonly stream?: Stream
  /** @default performance.now */
  readonly nowMs?: () => number
}

/** How far a transfer is, on stderr: a bar where that is a terminal, now and then a line where it is not, rows with `--json`. */
export class TransferDisplay {
  readonly #output: Output
  readonly #stream: Stream
  readonly #nowMs: () => number
  /** What came too soon after the last one to be told. */
  #untold: TransferState | undefined
  #told: { atMs: number; line: string; state: TransferState['state'] } | undefined
  #bar: { bars: cliProgress.MultiBar; bar: cliProgress.SingleBar } | undefined

  constructor(options: TransferDisplayOptions) {
    this.#output = options.output
    this.#stream = options.stream ?? process.stderr
    this.#nowMs = options.nowMs ?? (() => performance.now())
  }

  /** Says how far it is now: to be called as often as there is news. */
  update(state: TransferState): void {
    if (this.#stream.isTTY === true && !this.#output.json) this.#draw(state)
    else this.#tell(state)
  }

  /** Says how far it was last, and gives the line of the terminal back: what is printed afterwards stands below the bar. Idempotent. */
  stop(): void {
    if (this.#untold !== undefined) this.#say(this.#untold)
    const shown = this.#bar
    this.#bar = undefined
    if (shown === undefined) return
    shown.bars.update()
    shown.bars.stop()
    this.#output.useWriter((stream, line) => stream.write(line + '\n'))
  }

  #tell(progress: TransferState): void {
    const everyMs = this.#output.json ? ROW_EVERY_MS : LINE_EVERY_MS
    const isSoon = this.#told?.state === progress.state && this.#nowMs() - this.#told.atMs < everyMs
    this.#untold = isSoon ? progress : undefined
    if (!isSoon) this.#say(progress)
  }

  #say(progress: TransferState): void {
    this.#untold = undefined
    const line = describe(progress)
    const { state, bytes, totalBytes, peers, bytesPerSecond, uploadedBytes, uploadBytesPerSecond } = progress
    if (line === this.#told?.line) return
    this.#told = { atMs: this.#nowMs(), line, state }
    const seconds = secondsLeft(progress)
    const fields = { state, bytes, totalBytes, peers, bytesPerSecond, uploadedBytes, uploadBytesPerSecond }
    const left = seconds === undefined ? {} : { secondsLeft: Math.ceil(seconds) }
    this.#output.note({ code: 'Cli.Progress', level: 'status', ...fields, ...left }, line)
  }

  #draw(progress: TransferState): void {
    const text = describe(progress)
    this.#bar ??= this.#start(text)
    const { bytes, totalBytes } = progress
    this.#bar.bar.setTotal(Math.max(1, totalBytes))
    this.#bar.bar.update(totalBytes === 0 && progress.state === 'complete' ? 1 : bytes, { text })
  }

  #start(text: string): { bars: cliProgress.MultiBar; bar: cliProgress.SingleBar } {
    const bars = new cliProgress.MultiBar({
      format: '{bar} {text}',
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
    const bar = bars.create(1, 0, { text })
    this.#output.useWriter((stream: Stream, line) => {
      // A file is not where the bar stands.
      if (stream.isTTY !== true) stream.write(line + '\n')
      else {
        bars.log(line + '\n')
        bars.update()
      }
    })
    return { bars, bar }
  }
}

/** `film.mp4: 50 %, 32 MiB of 64 MiB, 8 MiB/s, 3 peers, 4 s left` */
function describe(progress: TransferState): string {
  const name = progress.name === undefined ? '' : shortened(sanitize(progress.name)) + ': '
  return name + wordsOf(progress).join(', ')
}

function wordsOf(progress: TransferState): string[] {
  const { state, bytes, totalBytes, bytesPerSecond, uploadedBytes, uploadBytesPerSecond } = progress
  const peers = progress.peers === 1 ? '1 peer' : `${progress.peers} peers`
  const percent = `${totalBytes === 0 ? 100 : Math.floor((bytes / totalBytes) * 100)} %`
  const size = `${describeBytes(bytes)} of ${describeBytes(totalBytes)}`
  if (state === 'searching') return ['looking for somebody who has it', peers]
  if (state === 'checking') return ['reading what is here', percent, size]
  if (state === 'complete')
    return [
      'all here',
      describeBytes(totalBytes),
      `${describeBytes(uploadedBytes)} given`,
      `${describeBytes(uploadBytesPerSecond)}/s`,
      peers
    ]
  const seconds = secondsLeft(progress)
  const left = seconds === undefined ? [] : [`${describeSeconds(seconds)} left`]
  return [percent, size, `${describeBytes(bytesPerSecond)}/s`, peers, ...left]
}

function secondsLeft({ state, bytes, totalBytes, bytesPerSecond }: TransferState): number | undefined {
  return state === 'fetching' && bytesPerSecond > 0 ? (totalBytes - bytes) / bytesPerSecond : undefined
}

function shortened(name: string): string {
  return name.length <= MAX_NAME ? name : name.slice(0, MAX_NAME - 1) + '…'
}
