import { equals } from 'uint8arrays/equals'
import { type Chunk, CONFIGURATION_NUMBERS, encodeMediaPayload, FRAME_NUMBERS } from './media-header.ts'

const NONE = new Uint8Array(0)

/** Puts before each frame of one kind what its player must know. */
export class MediaFramer {
  #number = 0
  #configuration = 0
  #config: Uint8Array = NONE

  /** What comes is to be decoded so, encoded. @returns false when that was so before */
  configure(config: Uint8Array): boolean {
    if (equals(config, this.#config)) return false
    this.#config = config
    this.#configuration = (this.#configuration + 1) % CONFIGURATION_NUMBERS
    return true
  }

  /** The next frame as it travels. @param isStart may one begin to play here? Then the configuration goes with it */
  frame(chunk: Chunk, isStart: boolean): Uint8Array {
    const number = this.#number
    this.#number = (number + 1) % FRAME_NUMBERS
    return encodeMediaPayload(number, this.#configuration, isStart ? this.#config : NONE, chunk)
  }
}
