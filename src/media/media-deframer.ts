import { equals } from 'uint8arrays/equals'
import type { MediaFrame } from '../api/net-stream.ts'
import { decodeMediaPayload, FRAME_NUMBERS, type MediaPayload } from './media-header.ts'

/** A frame that can be decoded. */
export interface Decodable<Config> {
  readonly config: Config
  /** Is the configuration another one than before? */
  readonly isReconfigured: boolean
  readonly isKeyframe: boolean
  /** µs. */
  readonly timestamp: number
  readonly data: Uint8Array
}

/** How {@link MediaDeframer} is made. */
export interface MediaDeframerInit<Config> {
  /** Undefined for what cannot be used. */
  readonly decodeConfig: (bytes: Uint8Array) => Config | undefined
  /** Do frames need those before them, back to a keyframe? Pictures do, sounds do not. */
  readonly isChained: boolean
}

/** Takes the frames of one kind apart, and leaves out those that cannot be decoded: before the first configuration, and of pictures those from a gap to the next keyframe. */
export class MediaDeframer<Config> {
  readonly #init: MediaDeframerInit<Config>
  #number: number | undefined
  #configuration: number | undefined
  #bytes: Uint8Array | undefined
  #config: Config | undefined
  #isBroken = true

  constructor(init: MediaDeframerInit<Config>) {
    this.#init = init
  }

  /** Undefined for what is no frame of a page, or cannot be decoded. */
  take(frame: MediaFrame): Decodable<Config> | undefined {
    const payload = decodeMediaPayload(frame.data)
    if (payload === undefined) return undefined
    const isStart = frame.keyframe === true && payload.config.byteLength > 0
    if (this.#number !== undefined && payload.number !== (this.#number + 1) % FRAME_NUMBERS) this.restart()
    this.#number = payload.number
    const isReconfigured = this.#configure(payload)
    if (isReconfigured || payload.configuration !== this.#configuration) this.restart()
    if (isStart) this.#isBroken = false
    const config = this.#config
    if (config === undefined || payload.configuration !== this.#configuration) return undefined
    if (this.#init.isChained && this.#isBroken) return undefined
    const { timestamp } = frame
    return { config, isReconfigured, isKeyframe: isStart, timestamp, data: payload.data }
  }

  /** What comes next needs what is not there. */
  restart(): void {
    this.#isBroken = true
  }

  #configure({ config, configuration }: MediaPayload): boolean {
    if (config.byteLength === 0) return false
    this.#configuration = configuration
    if (this.#bytes !== undefined && equals(config, this.#bytes)) return false
    this.#bytes = config
    this.#config = this.#init.decodeConfig(config)
    return true
  }
}
