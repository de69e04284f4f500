import type { NetStreamPlayer, NetStreamPublisher } from 'netgroup'
import { deadline } from './deadline.ts'
import { aborted } from './lifetime.ts'

/** How long a publisher's `close()` may wait until its neighbors have the last fragments: more than it does (3.5 s of a stream that has just begun, 2 s for room, 8 s). After Ctrl-C the process has less than 2 s. */
const CLOSE_S = 15
const CLOSE_INTERRUPTED_S = 1

/**
 * A player ends by itself when it has all of a stream that was ended. When the publisher is gone without a word, nobody comes back, and no frame has come for so
 * long, the stream is over: longer than the window in which something may still arrive (8 s).
 */
const END_QUIET_MS = 10_000

/** Ends a stream: neighbors get the last of it, and know that it is the last. Waits for that 15 s at most, after Ctrl-C 1 s. */
export async function endPublishing(publisher: NetStreamPublisher, signal: AbortSignal): Promise<void> {
  const limit = deadline(new AbortController().signal, signal.aborted ? CLOSE_INTERRUPTED_S : CLOSE_S)
  try {
    await Promise.race([publisher.close({ signal: limit.signal }), aborted(limit.signal)])
  } catch (error) {
    if (!limit.signal.aborted) throw error
  } finally {
    limit.clear()
  }
}

/** Tells when a stream is over: it was unpublished, nothing of it is still on its way, and no other has taken its place. */
export class StreamEnd {
  readonly #onEnd: () => void
  #timer: NodeJS.Timeout | undefined
  #isUnpublished = false
  /** A frame is being handled: its reader may be slow, and more may wait behind it. */
  #isBusy = false
  #isOver = false

  constructor(player: NetStreamPlayer, onEnd: () => void) {
    this.#onEnd = onEnd
    player.addEventListener('NetStream.Play.UnpublishNotify', () => {
      this.#isUnpublished = true
      this.#wait()
    })
    for (const code of ['NetStream.Play.Start', 'NetStream.MulticastStream.Reset'] as const)
      player.addEventListener(code, () => {
        this.#isUnpublished = false
        this.stop()
      })
  }

  /** Is its publisher gone without a word? */
  get isOver(): boolean {
    return this.#isOver
  }

  /** A frame has come, and is being handled. */
  frameCame(): void {
    this.#isBusy = true
    this.stop()
  }

  /** The next frame is waited for. */
  frameHandled(): void {
    this.#isBusy = false
    this.#wait()
  }

  /** Waits no more. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #wait(): void {
    this.stop()
    if (this.#isBusy || !this.#isUnpublished) return
    this.#timer = setTimeout(() => {
      this.#isOver = true
      this.#onEnd()
    }, END_QUIET_MS)
  }
}
