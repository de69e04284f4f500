import type { NetGroup } from 'netgroup'
import * as library from 'netgroup'

// The part of NetStream that this example uses. To be replaced by `import { type MediaFrame, NetStream } from 'netgroup'`.

export interface MediaFrame {
  kind: 'audio' | 'video' | 'data'
  timestamp: number
  keyframe?: boolean
  data: Uint8Array
}

interface NetStreamClass {
  publish(
    group: NetGroup,
    name: string
  ): Promise<{ write(frame: MediaFrame): Promise<void>; close(): Promise<void> }>
  play(
    group: NetGroup,
    name: string
  ): Promise<{ frames(options: { signal: AbortSignal }): AsyncIterable<MediaFrame>; close(): Promise<void> }>
}

export const NetStream: NetStreamClass = (library as unknown as { NetStream: NetStreamClass }).NetStream
