import type { NetGroup } from 'netgroup'
import * as library from 'netgroup'
import { CommandError, ExitCode } from './exit-codes.ts'

// The part of NetStream that the command line uses, in the shape of the public API. To be replaced by `import { NetStream } from 'netgroup'`.

/** A frame of a stream; its timestamp in µs. */
export interface MediaFrame {
  kind: 'audio' | 'video' | 'data'
  timestamp: number
  keyframe?: boolean
  data: Uint8Array
}

/** What both ends of a stream have. */
export interface NetStream {
  readonly info: Readonly<Record<string, number>>
  readonly multicastInfo: Readonly<Record<string, number>>
  addEventListener(code: StreamCode, listener: () => void): void
  close(options?: { signal?: AbortSignal }): Promise<void>
}

/** A status of a stream. */
export type StreamCode =
  | 'NetStream.Play.Start'
  | 'NetStream.Play.UnpublishNotify'
  | 'NetStream.MulticastStream.Reset'

/** The end that publishes. */
export interface NetStreamPublisher extends NetStream {
  write(frame: MediaFrame): Promise<void>
}

/** The end that plays. */
export interface NetStreamPlayer extends NetStream {
  frames(options?: { signal?: AbortSignal }): AsyncIterable<MediaFrame>
}

interface NetStreamClass {
  publish(group: NetGroup, name: string, options?: { signal?: AbortSignal }): Promise<NetStreamPublisher>
  play(group: NetGroup, name: string, options?: { signal?: AbortSignal }): Promise<NetStreamPlayer>
}

/** The library's NetStream. @throws CommandError where it has none */
export function netStream(): NetStreamClass {
  const { NetStream } = library as unknown as { NetStream?: NetStreamClass }
  if (NetStream !== undefined) return NetStream
  throw new CommandError(
    ExitCode.FAILED,
    'PLATFORM_UNSUPPORTED',
    'This version of netgroup has no streams yet'
  )
}
