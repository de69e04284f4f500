import {
  type MediaFrame,
  type NetGroup,
  NetStream,
  type NetStreamPlayer,
  type NetStreamPublisher
} from '../../src/index.ts'

/** Publishes numbered video frames, 25 a second, with a keyframe each second. */
export class Film {
  readonly publisher: NetStreamPublisher
  sent = 0
  #isOver = false

  constructor(publisher: NetStreamPublisher) {
    this.publisher = publisher
    void this.#run()
  }

  stop(): void {
    this.#isOver = true
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await this.publisher.write(frameOf(this.sent)).catch(() => this.stop())
      this.sent += 1
      await new Promise(resolve => setTimeout(resolve, 40))
    }
  }
}

/** The frame of this number: it is a keyframe each second, and its bytes say which it is. */
export function frameOf(number: number): MediaFrame {
  const data = new Uint8Array(number % 25 === 0 ? 20_000 : 2_000).fill(number % 251)
  new DataView(data.buffer).setUint32(0, number)
  return { kind: 'video', timestamp: number * 40_000, keyframe: number % 25 === 0, data }
}

/** Reads a player's frames. */
export class Viewer {
  readonly numbers: number[] = []
  readonly codes: string[] = []
  readonly player: NetStreamPlayer
  isOver = false

  constructor(player: NetStreamPlayer) {
    this.player = player
    player.addEventListener('netStatus', ({ info }) => void this.codes.push(info.code))
    void this.#read()
  }

  static async of(group: NetGroup, name = 'film'): Promise<Viewer> {
    return new Viewer(await NetStream.play(group, name, { bufferTime: 0 }))
  }

  /** Where what follows is not the next, as `before-after`. */
  get holes(): string[] {
    return this.numbers.flatMap((number, i) => {
      const before = this.numbers[i - 1]
      return before === undefined || number === before + 1 ? [] : [`${before}-${number}`]
    })
  }

  async #read(): Promise<void> {
    for await (const { data, kind } of this.player.frames()) {
      if (kind !== 'video') throw new Error(`A frame of kind ${kind} in a film`)
      this.numbers.push(new DataView(data.buffer, data.byteOffset).getUint32(0))
    }
    this.isOver = true
  }
}
