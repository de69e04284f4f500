import type { NetGroup, NetStreamPlayer, NetStreamPublisher } from 'netgroup'
import { deadline } from './deadline.ts'
import { aborted } from './lifetime.ts'
import { pause } from './pause.ts'

/** The last fragments are with the neighbors when none has gone out for so long: guess, a few round trips. */
const QUIET_MS = 300

/** They are not waited for longer than this. Guess. */
const LAST_FRAGMENTS_S = 3

/** Nor is the end of the stream itself: guess. After Ctrl-C the process has less than 2 s. */
const CLOSE_S = 5
const CLOSE_INTERRUPTED_S = 1

const LOOK_EVERY_MS = 50

/**
 * A player ends by itself when it has all of a stream that was ended. When the publisher is gone without a word, nobody comes back, and no frame has come for so
 * long, the stream is over: longer than the window in which something may still arrive (8 s).
 */
const END_QUIET_MS = 10_000

/** Ends a stream so that neighbors have the last of it and know that it is the last. Takes 8 s at most, after Ctrl-C 1 s. */
export async function endPublishing(
  group: NetGroup,
  publisher: NetStreamPublisher,
  signal: AbortSignal
): Promise<void> {
  await within(LAST_FRAGMENTS_S, signal, limit => untilQuiet(group, publisher, limit))
  await within(signal.aborted ? CLOSE_INTERRUPTED_S : CLOSE_S, undefined, limit =>
    publisher.close({ signal: limit })
  )
}

/** Tells when a stream is over: it was unpublished, nothing of it is still on its way, and no other has taken its place. */
export class StreamEnd {
  readonly #onEnd: () => void
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  constructor(player: NetStreamPlayer, onEnd: () => void) {
    this.#onEnd = onEnd
    player.addEventListener('NetStream.Play.UnpublishNotify', () => this.#wait())
    for (const code of ['NetStream.Play.Start', 'NetStream.MulticastStream.Reset'] as const)
      player.addEventListener(code, () => this.stop())
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** A frame has come. */
  frameCame(): void {
    if (this.#timer !== undefined) this.#wait()
  }

  /** Waits no more. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #wait(): void {
    this.stop()
    this.#timer = setTimeout(() => {
      this.#isOver = true
      this.#onEnd()
    }, END_QUIET_MS)
  }
}

async function untilQuiet(
  group: NetGroup,
  publisher: NetStreamPublisher,
  signal: AbortSignal
): Promise<void> {
  let sent = sentBy(publisher)
  for (let quietMs = 0; quietMs < QUIET_MS && group.neighborCount > 0; quietMs += LOOK_EVERY_MS) {
    await pause(LOOK_EVERY_MS, signal)
    if (signal.aborted) return
    const now = sentBy(publisher)
    if (now !== sent) quietMs = 0
    sent = now
  }
}

function sentBy({ multicastInfo }: NetStreamPublisher): number {
  return (multicastInfo['fragmentsPushedToPeers'] ?? 0) + (multicastInfo['fragmentsRequestedByPeers'] ?? 0)
}

/** Runs this for so long at most, and then goes on as if it were done. */
async function within(
  seconds: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<void>
): Promise<void> {
  const limit = deadline(signal ?? new AbortController().signal, seconds)
  try {
    if (!limit.signal.aborted) await Promise.race([run(limit.signal), aborted(limit.signal)])
  } catch (error) {
    if (!limit.signal.aborted) throw error
  } finally {
    limit.clear()
  }
}
