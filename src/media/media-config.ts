import { MAX_MEDIA_CONFIG_BYTES, MAX_PICTURE_PIXELS, MAX_SOUND_CHANNELS } from '../wire/limits.ts'
import { MediaConfig } from '../wire/media.ts'

/** What a decoder is told of the pictures of a stream, as WebCodecs has it. */
export interface PictureConfig {
  readonly codec: string
  readonly codedWidth: number
  readonly codedHeight: number
  readonly description?: Uint8Array
}

/** The same of its sound. */
export interface SoundConfig {
  readonly codec: string
  readonly sampleRate: number
  readonly numberOfChannels: number
  readonly description?: Uint8Array
}

/** Sample rates that are played, in Hz: WebCodecs and Web Audio take others nowhere. */
const MIN_SAMPLE_RATE = 8_000
const MAX_SAMPLE_RATE = 96_000

/** As it travels. */
export function encodePictureConfig(config: PictureConfig): Uint8Array {
  const { codec, codedWidth, codedHeight, description } = config
  return encode({ codec, width: codedWidth, height: codedHeight, ...withDescription(description) })
}

/** As it travels. */
export function encodeSoundConfig({
  codec,
  sampleRate,
  numberOfChannels,
  description
}: SoundConfig): Uint8Array {
  return encode({ codec, sampleRate, channels: numberOfChannels, ...withDescription(description) })
}

/** Undefined for what is none, or is beyond what is shown here. */
export function decodePictureConfig(bytes: Uint8Array): PictureConfig | undefined {
  const config = decode(bytes)
  if (config === undefined) return undefined
  const { codec, width, height, description } = config
  if (width < 1 || height < 1 || width * height > MAX_PICTURE_PIXELS) return undefined
  return { codec, codedWidth: width, codedHeight: height, ...withDescription(description) }
}

/** Undefined for what is none, or is beyond what is played here. */
export function decodeSoundConfig(bytes: Uint8Array): SoundConfig | undefined {
  const config = decode(bytes)
  if (config === undefined) return undefined
  const { codec, sampleRate, channels, description } = config
  if (sampleRate < MIN_SAMPLE_RATE || sampleRate > MAX_SAMPLE_RATE) return undefined
  if (channels < 1 || channels > MAX_SOUND_CHANNELS) return undefined
  return { codec, sampleRate, numberOfChannels: channels, ...withDescription(description) }
}

function withDescription(description: Uint8Array | undefined): { description?: Uint8Array } {
  return description === undefined || description.byteLength === 0 ? {} : { description }
}

function encode(config: Partial<MediaConfig>): Uint8Array {
  return MediaConfig.encode(config)
}

function decode(bytes: Uint8Array): MediaConfig | undefined {
  if (bytes.byteLength > MAX_MEDIA_CONFIG_BYTES) return undefined
  try {
    const config = MediaConfig.decode(bytes)
    return config.codec === '' ? undefined : config
  } catch {
    return undefined
  }
}

/** The same bytes. */
export function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
    : new Uint8Array(source).slice()
}
