import type { ExitCode } from './exit-codes.ts'
import { ExitCode as Exit, exitCodeOf } from './exit-codes.ts'
import type { Lifetime } from './lifetime.ts'
import { Output } from './output.ts'

/** What every command has at hand. */
export interface Run {
  readonly output: Output
  readonly lifetime: Lifetime
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

/** How a command is to be run. */
export interface RunOptions {
  json?: boolean
  /** The exit code after Ctrl-C: 0 for what runs until it is stopped. @default 130 */
  whenInterrupted?: ExitCode
}

/**
 * Run a command's body: its answer (default 0) becomes the exit code; what it throws is told in one line and becomes the exit code that
 * belongs to the error. After Ctrl-C nothing it throws is told. The process then ends by itself, as nothing is left open.
 */
export async function runCommand(
  lifetime: Lifetime,
  options: RunOptions,
  body: (run: Run) => Promise<ExitCode | undefined>
): Promise<void> {
  const output = new Output({ json: options.json ?? false })
  lifetime.onWriteError = error => output.error(error)
  lifetime.whenInterrupted = options.whenInterrupted ?? Exit.INTERRUPTED
  try {
    const exitCode = await body({ output, lifetime, signal: lifetime.signal })
    if (!lifetime.signal.aborted) process.exitCode = exitCode ?? Exit.DONE
  } catch (error) {
    if (lifetime.signal.aborted) return
    output.error(error)
    process.exitCode = exitCodeOf(error)
  }
}
