import type { MediaFrame, NetStreamPlayer } from '../../src/index.ts'

/** So many bytes, which say of which number they are: {@link numberOf}. */
export function numberedBytes(number: number, length: number): Uint8Array {
  const data = new Uint8Array(length).fill(number % 251)
  new DataView(data.buffer).setUint32(0, number)
  return data
}

/** Which frame it is, by its bytes. */
export function numberOf({ data }: MediaFrame): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(0)
}

/** Reads a player's frames, and hears its events. */
export class FrameReader {
  readonly codes: string[] = []
  readonly player: NetStreamPlayer
  isOver = false

  constructor(player: NetStreamPlayer, onFrame: (frame: MediaFrame) => void) {
    this.player = player
    player.addEventListener('netStatus', ({ info }) => void this.codes.push(info.code))
    void this.#read(onFrame)
  }

  async #read(onFrame: (frame: MediaFrame) => void): Promise<void> {
    for await (const frame of this.player.frames()) onFrame(frame)
    this.isOver = true
  }
}
