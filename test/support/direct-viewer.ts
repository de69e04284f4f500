import { type MediaFrame, NetStream, type NetStreamPlayer } from '../../src/index.ts'
import type { NetConnection } from '../../src/node.ts'
import { at } from './inbox.ts'
import { FrameReader, numberedBytes, numberOf } from './numbered-frames.ts'

/** By which it is dialed. */
export function addressOf({ multiaddrs }: NetConnection): string {
  return at(multiaddrs, 0)
}

/** A frame that says which one it is. */
export const frameOf = (number: number, kind: MediaFrame['kind'] = 'data', bytes = 1_000): MediaFrame => ({
  kind,
  timestamp: number * 1_000,
  data: numberedBytes(number, bytes)
})

/** Reads a direct stream, and keeps its frames. */
export class DirectViewer extends FrameReader {
  readonly frames: MediaFrame[]

  constructor(player: NetStreamPlayer) {
    const frames: MediaFrame[] = []
    super(player, frame => void frames.push(frame))
    this.frames = frames
  }

  static async of(connection: NetConnection, publisher: NetConnection, name = 'cam'): Promise<DirectViewer> {
    const options = { bufferTime: 0 }
    return new DirectViewer(await NetStream.playDirect(connection, addressOf(publisher), name, options))
  }

  numbers(kind?: MediaFrame['kind']): number[] {
    return this.frames.filter(frame => kind === undefined || frame.kind === kind).map(numberOf)
  }
}
