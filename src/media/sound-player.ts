import { MAX_SOUND_CHANNELS, MAX_UNDECODED_SOUNDS } from '../wire/limits.ts'
import type { SoundConfig } from './media-config.ts'
import type { Decodable } from './media-deframer.ts'

/** Decodes sound as it comes, and hands it on. */
export class SoundPlayer {
  readonly #onSound: (sound: AudioData) => void
  #decoder: AudioDecoder | undefined

  /** @param onSound who is told closes it */
  constructor(onSound: (sound: AudioData) => void) {
    this.#onSound = onSound
  }

  /** The configuration of each can be decoded here. */
  push({ config, isReconfigured, timestamp, data }: Decodable<SoundConfig>): void {
    this.#decoder ??= this.#newDecoder()
    try {
      if (isReconfigured || this.#decoder.state === 'unconfigured') this.#decoder.configure(config)
      if (this.#decoder.decodeQueueSize >= MAX_UNDECODED_SOUNDS) return
      this.#decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp, data }))
    } catch {
      this.close()
    }
  }

  /** Idempotent. What comes afterwards is decoded by another decoder. */
  close(): void {
    if (this.#decoder !== undefined && this.#decoder.state !== 'closed') this.#decoder.close()
    this.#decoder = undefined
  }

  #newDecoder(): AudioDecoder {
    const decoder: AudioDecoder = new AudioDecoder({
      output: sound => {
        if (decoder === this.#decoder && sound.numberOfChannels <= MAX_SOUND_CHANNELS) this.#onSound(sound)
        else sound.close()
      },
      error: () => {
        if (decoder === this.#decoder) this.#decoder = undefined
      }
    })
    return decoder
  }
}
