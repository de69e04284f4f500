import {
  type MediaFrame,
  type NetGroup,
  NetStream,
  type NetStreamPlayer,
  type NetStreamPublisher
} from '../../src/index.ts'
import { FrameReader, numberedBytes, numberOf } from './numbered-frames.ts'

/** Publishes numbered video frames, 25 a second: {@link filmFrame}s, or others. */
export class Film {
  readonly publisher: NetStreamPublisher
  sent = 0
  readonly #frameOf: (number: number) => MediaFrame
  #isOver = false

  constructor(publisher: NetStreamPublisher, frameOf: (number: number) => MediaFrame = filmFrame) {
    this.publisher = publisher
    this.#frameOf = frameOf
    void this.#run()
  }

  stop(): void {
    this.#isOver = true
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await this.publisher.write(this.#frameOf(this.sent)).catch(() => this.stop())
      this.sent += 1
      await new Promise(resolve => setTimeout(resolve, 40))
    }
  }
}

/** The frame of this number: it is a keyframe each second, and its bytes say which it is. */
export function filmFrame(number: number): MediaFrame {
  const keyframe = number % 25 === 0
  const data = numberedBytes(number, keyframe ? 20_000 : 2_000)
  return { kind: 'video', timestamp: number * 40_000, keyframe, data }
}

/** Reads a film, and keeps the numbers of its frames. */
export class FilmViewer extends FrameReader {
  readonly numbers: number[]

  constructor(player: NetStreamPlayer) {
    const numbers: number[] = []
    super(player, frame => {
      if (frame.kind !== 'video') throw new Error(`A frame of kind ${frame.kind} in a film`)
      numbers.push(numberOf(frame))
    })
    this.numbers = numbers
  }

  static async of(group: NetGroup, name = 'film'): Promise<FilmViewer> {
    return new FilmViewer(await NetStream.play(group, name, { bufferTime: 0 }))
  }

  /** Where what follows is not the next, as `before-after`. */
  get holes(): string[] {
    return this.numbers.flatMap((number, i) => {
      const before = this.numbers[i - 1]
      return before === undefined || number === before + 1 ? [] : [`${before}-${number}`]
    })
  }
}
