import { type MediaFrame, NetStream, type NetStreamPlayer } from '../../src/index.ts'
import type { NetConnection } from '../../src/node.ts'
import { at } from './inbox.ts'

/** By which it is dialed. */
export function addressOf({ multiaddrs }: NetConnection): string {
  return at(multiaddrs, 0)
}

/** A frame that says which one it is. */
export const frameOf = (number: number, kind: MediaFrame['kind'] = 'data', bytes = 1_000): MediaFrame => {
  const data = new Uint8Array(bytes).fill(number % 251)
  new DataView(data.buffer).setUint32(0, number)
  return { kind, timestamp: number * 1_000, data }
}

/** Reads a player's frames. */
export class Viewer {
  readonly frames: MediaFrame[] = []
  readonly codes: string[] = []
  readonly player: NetStreamPlayer
  isOver = false

  constructor(player: NetStreamPlayer) {
    this.player = player
    player.addEventListener('netStatus', ({ info }) => void this.codes.push(info.code))
    void this.#read()
  }

  static async of(connection: NetConnection, publisher: NetConnection, name = 'cam'): Promise<Viewer> {
    const options = { bufferTime: 0 }
    return new Viewer(await NetStream.playDirect(connection, addressOf(publisher), name, options))
  }

  numbers(kind?: MediaFrame['kind']): number[] {
    return this.frames
      .filter(frame => kind === undefined || frame.kind === kind)
      .map(({ data }) => new DataView(data.buffer, data.byteOffset).getUint32(0))
  }

  async #read(): Promise<void> {
    for await (const frame of this.player.frames()) this.frames.push(frame)
    this.isOver = true
  }
}
