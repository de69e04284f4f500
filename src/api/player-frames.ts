// What a player's application gets: frames, or their bytes, and the calls of `send()`.
import type { Logger } from '@libp2p/interface'
import type { FrameQueue } from '../net/multicast/frame-queue.ts'
import { decodeValue } from '../net/value.ts'
import type { MediaFrame, PlayOptions } from './net-stream.ts'
import { commandOf } from './remote-command.ts'

/** How {@link PlayerOutput} is made. */
export interface PlayerOutputInit {
  readonly queue: FrameQueue
  /** Of the stream, for errors. */
  readonly name: string
  readonly gaps: NonNullable<PlayOptions<object>['gaps']>
  /** Nobody reads its bytes any more. */
  readonly onCancel: () => Promise<void>
  /** Somebody wants more. */
  readonly onRead?: () => void
}

/** What is read of a stream that is played: as frames or as bytes, since each takes what the other would have. */
export class PlayerOutput {
  readonly #init: PlayerOutputInit
  #readAs: 'frames()' | 'readable' | undefined
  #readable: ReadableStream<Uint8Array> | undefined
  /** What stands behind the gap at which the last one failed: with this the next begins. */
  #behindGap: Uint8Array | undefined

  constructor(init: PlayerOutputInit) {
    this.#init = init
  }

  /** The frames to their end. Rejects with the signal's reason. @throws TypeError when the bytes are read */
  frames(signal?: AbortSignal): AsyncGenerator<MediaFrame, void> {
    this.#readOnlyAs('frames()')
    return this.#frames(signal)
  }

  /** The bytes of the frames. Once it has failed or ended there is another, for what comes then. @throws TypeError when the frames are read */
  get readable(): ReadableStream<Uint8Array> {
    this.#readOnlyAs('readable')
    this.#readable ??= this.#openReadable()
    return this.#readable
  }

  async *#frames(signal?: AbortSignal): AsyncGenerator<MediaFrame, void> {
    const { queue, onRead } = this.#init
    for (;;) {
      onRead?.()
      const next = await queue.next(signal)
      if (next.type === 'end') return
      const { kind, timestamp, keyframe, data } = next.frame
      yield { kind, timestamp, keyframe, ...(next.isAfterGap ? { afterGap: true } : {}), data }
    }
  }

  #openReadable(): ReadableStream<Uint8Array> {
    const { queue, name, gaps, onCancel, onRead } = this.#init
    return new ReadableStream<Uint8Array>(
      {
        pull: async controller => {
          if (this.#behindGap !== undefined) {
            controller.enqueue(this.#behindGap)
            this.#behindGap = undefined
            return
          }
          onRead?.()
          const next = await queue.next()
          if (next.isAfterGap && gaps === 'fail') {
            this.#readable = undefined
            if (next.type === 'frame') this.#behindGap = next.frame.data
            controller.error(
              new Error(
                `Some of stream "${name}" is missing. To go on behind it, take \`readable\` anew, or play with { gaps: 'skip' }`
              )
            )
          } else if (next.type === 'end') {
            this.#readable = undefined
            controller.close()
          } else controller.enqueue(next.frame.data)
        },
        cancel: onCancel
      },
      { highWaterMark: 0 }
    )
  }

  #readOnlyAs(way: 'frames()' | 'readable'): void {
    this.#readAs ??= way
    if (this.#readAs !== way)
      throw new TypeError(
        `Cannot read \`${way}\` of stream "${this.#init.name}": \`${this.#readAs}\` is read already. Play it twice to read both`
      )
  }
}

/** Runs what a publisher has sent with `send()`, if the client has it. What goes wrong is logged. */
export function runSent(client: object, encoded: Uint8Array, log: Logger): void {
  try {
    const [name, ...args] = decodeValue(encoded) as [string, ...unknown[]]
    const command = commandOf(client, name)
    if (command === undefined) log('the publisher sends to handler %s, and the client has none', name)
    const result = command?.apply(client, args) as unknown
    if (result instanceof Promise) result.catch(error => log.error('%s failed - %e', name, error))
  } catch (error) {
    log.error('what the publisher sends to handlers failed - %e', error)
  }
}
