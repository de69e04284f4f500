import type { Logger } from '@libp2p/interface'
import type { FrameQueue } from '../net/multicast/frame-queue.ts'
import { decodeValue } from '../net/value.ts'
import type { MediaFrame } from './net-stream.ts'
import { commandOf } from './remote-command.ts'

/** The frames of a queue to their end. Rejects with the signal's reason. */
export async function* framesOf(queue: FrameQueue, signal?: AbortSignal): AsyncGenerator<MediaFrame, void> {
  for (;;) {
    const next = await queue.next(signal)
    if (next.type === 'end') return
    yield next.frame
  }
}

/** The bytes of a queue's frames. Fails at a gap. @param name of the stream, for the error @param onCancel nobody reads it any more @param onRead somebody wants more */
export function readableOf(
  queue: FrameQueue,
  name: string,
  onCancel: () => Promise<void>,
  onRead: () => void = () => {}
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull: async controller => {
        onRead()
        const next = await queue.next()
        if (next.isAfterGap)
          controller.error(
            new Error(`Some of stream "${name}" is missing: read frames(), which goes on behind it`)
          )
        else if (next.type === 'end') controller.close()
        else controller.enqueue(next.frame.data)
      },
      cancel: onCancel
    },
    { highWaterMark: 0 }
  )
}

/** Runs what a publisher has sent with `send()`, if the client has it. What goes wrong is logged. */
export function runSent(client: object, encoded: Uint8Array, log: Logger): void {
  try {
    const [name, ...args] = decodeValue(encoded) as [string, ...unknown[]]
    const result = commandOf(client, name)?.apply(client, args) as unknown
    if (result instanceof Promise) result.catch(error => log.error('%s failed - %e', name, error))
  } catch (error) {
    log.error('what the publisher sends to handlers failed - %e', error)
  }
}
