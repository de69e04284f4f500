import { createInterface } from 'node:readline'

/** The lines of standard input; none is read, and so none is lost, before the first is asked for. Ends on abort. */
export async function* linesOfStdin(signal: AbortSignal): AsyncGenerator<string> {
  if (signal.aborted) return
  yield* createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY, signal })
}
