import type { Readable } from 'node:stream'
import type { Chunker, StreamChunk } from './containers/chunk.ts'

/** So long without a byte, and what has come is passed on. Guess: half of a picture at 25 a second. */
const IDLE_MS = 20

/** A piece of the input, its end, or nothing for {@link IDLE_MS}. */
type Outcome = IteratorResult<Uint8Array, undefined> | 'idle'

/**
 * The chunks of what is read, as they become complete. The input is read no faster than they are taken, and ends on abort as if it were at its end.
 *
 * @param nowUs of a clock that never goes back
 */
export async function* chunksOf(
  input: Readable,
  chunker: Chunker,
  signal: AbortSignal,
  nowUs: () => number = () => Math.round(performance.now() * 1_000)
): AsyncGenerator<StreamChunk> {
  const stop = (): unknown => input.destroy()
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const pieces = input[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>
    let piece = nextPiece(pieces, signal)
    for (let isFlushed = true; ; ) {
      const outcome: Outcome = isFlushed ? await piece : await orIdle(piece)
      if (outcome === 'idle') yield* chunker.flush()
      else if (outcome.done === true) break
      else {
        yield* chunker.push(outcome.value, nowUs())
        piece = nextPiece(pieces, signal)
      }
      isFlushed = outcome === 'idle'
    }
    yield* chunker.end()
  } finally {
    signal.removeEventListener('abort', stop)
    input.destroy()
  }
}

async function nextPiece(
  pieces: AsyncIterator<Uint8Array, undefined>,
  signal: AbortSignal
): Promise<IteratorResult<Uint8Array, undefined>> {
  try {
    return await pieces.next()
  } catch (error) {
    if (signal.aborted) return { done: true, value: undefined }
    throw error
  }
}

async function orIdle(piece: Promise<IteratorResult<Uint8Array, undefined>>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined
  const idle = new Promise<'idle'>(resolve => {
    timer = setTimeout(resolve, IDLE_MS, 'idle')
  })
  try {
    return await Promise.race([piece, idle])
  } finally {
    clearTimeout(timer)
  }
}
