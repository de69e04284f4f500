import { ExitCode } from './exit-codes.ts'

// A process that was told to end is gone within 2 s, whatever still hangs.
const LAST_MOMENT_MS = 1_800

/**
 * Ends a command cleanly: the first Ctrl-C (or SIGTERM, SIGHUP, or a reader of our stdout that went away) aborts {@link signal}, the
 * second ends the process at once. There is one per process.
 */
export class Lifetime {
  /** The exit code after Ctrl-C. A broken pipe is 0 in every command. @default 130 */
  whenInterrupted: ExitCode = ExitCode.INTERRUPTED
  /** Told when nothing can be written to stdout, as on a full disk. The command ends then, with exit code 1. */
  onWriteError: ((error: unknown) => void) | undefined
  readonly #controller = new AbortController()

  /** Aborted when the command is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Listen to the process's signals and to stdout. Call it before anything slow. */
  watch(): void {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => this.interrupt())
    for (const stream of [process.stdout, process.stderr])
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EPIPE') this.#end(ExitCode.DONE, 'the reader went away')
        else this.#cannotWrite(stream, error)
      })
  }

  #cannotWrite(stream: NodeJS.WritableStream, error: NodeJS.ErrnoException): void {
    if (this.signal.aborted) return
    // There is no other way to tell of what cannot be told.
    const reason = error.code === 'ENOSPC' ? 'the disk is full (ENOSPC)' : error.message
    if (stream === process.stdout)
      this.onWriteError?.(new Error(`Cannot write to standard output: ${reason}`, { cause: error }))
    this.#end(ExitCode.FAILED, 'nothing can be written')
  }

  /** What Ctrl-C does. A terminal in raw mode calls this itself. */
  interrupt(): void {
    if (this.signal.aborted) process.exit(this.whenInterrupted)
    this.#end(this.whenInterrupted, 'interrupted')
  }

  #end(exitCode: ExitCode, reason: string): void {
    if (this.signal.aborted) return
    process.exitCode = exitCode
    setTimeout(() => process.exit(), LAST_MOMENT_MS).unref()
    this.#controller.abort(new Error(reason))
  }
}

/** Resolves when the signal aborts; at once when it already has. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
