import { NetGroupError } from '../core/errors.ts'
import { CaptureClock } from './capture-clock.ts'
import type { FrameWriter } from './frame-writer.ts'
import { bytesOf, encodeSoundConfig } from './media-config.ts'
import { SampleTimes } from './sample-times.ts'
import { soundsOf } from './sound-source.ts'
import { TrackRun } from './track-run.ts'

/** How sound is sent. */
export interface MicrophoneOptions {
  /** In bits per second. @default 64,000 */
  bitrate?: number
}

/** What all browsers with WebCodecs encode and decode. */
const CODEC = 'opus'

/** Speech is clear with half of it, music is good enough. Guess. */
const BITRATE = 64_000

/** What Opus has in a piece where the encoder does not say: WebCodecs' default. */
const USUAL_DURATION_US = 20_000

/** Where the track does not say. */
const USUAL = { sampleRate: 48_000, channelCount: 1 }

/** Pieces of 10 or 20 ms that wait in the encoder, and behind it in the stream: with more they are left out. Guess: sound that is a second late is of no use to anybody. */
const MAX_ENCODING = 50
const MAX_WAITING = 50

/** How often the configuration is said, in ms, for those who come late: where there are pictures, also behind each keyframe. Guess: a fifth of the header's cost otherwise. */
const CONFIG_EVERY_MS = 1_000

/** How {@link SoundSender} is made. */
export interface SoundSenderInit {
  readonly track: MediaStreamTrack
  readonly writer: FrameWriter
  readonly options: MicrophoneOptions
  /** Does the stream begin at sounds, since it has no pictures? */
  readonly isAlone: () => boolean
  /** It has ended: its track has, or this is why. */
  readonly onEnd: (error?: unknown) => void
}

/** Encodes a track of sound into a stream. */
export class SoundSender {
  readonly #init: SoundSenderInit
  readonly #clock = new CaptureClock()
  readonly #times = new SampleTimes()
  readonly #run: TrackRun<AudioData>
  readonly #encoder: AudioEncoder
  /** What the encoder was set up for, which is what came last. */
  #shape = ''
  #saidAtMs = Number.NEGATIVE_INFINITY

  private constructor(init: SoundSenderInit) {
    this.#init = init
    this.#run = new TrackRun({
      pieces: signal => soundsOf(init.track, signal),
      take: sound => this.#encode(sound),
      release: () => this.#release(),
      onEnd: init.onEnd
    })
    this.#encoder = new AudioEncoder({
      output: (chunk, metadata) => this.#write(chunk, metadata?.decoderConfig),
      error: error => this.#run.fail(error)
    })
  }

  /** @throws Rejects NetGroupError PLATFORM_UNSUPPORTED */
  static async prepare(init: SoundSenderInit): Promise<SoundSender> {
    const { sampleRate, channelCount } = { ...USUAL, ...init.track.getSettings() }
    const encoding = encodingOf(sampleRate, channelCount, init.options)
    const { supported } = await AudioEncoder.isConfigSupported(encoding).catch(() => ({ supported: false }))
    if (supported === true) return new SoundSender(init)
    throw new NetGroupError(
      'PLATFORM_UNSUPPORTED',
      `Cannot attach a microphone: this browser does not encode ${CODEC} of ${sampleRate} Hz and ${channelCount} channels`,
      { feature: CODEC }
    )
  }

  /** Begins. Once. */
  start(): void {
    this.#run.start()
  }

  /** Somebody has come who does not know the configuration. */
  repeatConfig(): void {
    this.#saidAtMs = Number.NEGATIVE_INFINITY
  }

  /** The track goes on: it is the application's. Idempotent. */
  stop(): void {
    this.#run.stop()
  }

  #release(): void {
    if (this.#encoder.state !== 'closed') this.#encoder.close()
  }

  #encode(sound: AudioData): void {
    this.#clock.arrived(sound.timestamp, performance.now())
    if (this.#encoder.encodeQueueSize > MAX_ENCODING || this.#init.writer.waiting > MAX_WAITING) return
    const { sampleRate, numberOfChannels } = sound
    const shape = `${sampleRate} Hz, ${numberOfChannels}`
    if (shape !== this.#shape)
      this.#encoder.configure(encodingOf(sampleRate, numberOfChannels, this.#init.options))
    this.#shape = shape
    this.#times.put(sound.timestamp, sound.duration)
    this.#encoder.encode(sound)
  }

  #write(chunk: EncodedAudioChunk, decoder: AudioDecoderConfig | undefined): void {
    const { writer, isAlone } = this.#init
    const nowMs = performance.now()
    const deviceUs = this.#times.take(chunk.duration ?? USUAL_DURATION_US) ?? chunk.timestamp
    const isNew = decoder !== undefined && writer.configure(configOf(decoder))
    const hasConfig = isNew || nowMs - this.#saidAtMs >= CONFIG_EVERY_MS
    if (hasConfig) this.#saidAtMs = nowMs
    const keyframe = hasConfig && isAlone()
    writer.write(chunk, { timestamp: this.#clock.timeOf(deviceUs), hasConfig, keyframe })
  }
}

function encodingOf(
  sampleRate: number,
  numberOfChannels: number,
  { bitrate = BITRATE }: MicrophoneOptions
): AudioEncoderConfig {
  return { codec: CODEC, sampleRate, numberOfChannels, bitrate }
}

function configOf({ codec, sampleRate, numberOfChannels, description }: AudioDecoderConfig): Uint8Array {
  return encodeSoundConfig({
    codec,
    sampleRate,
    numberOfChannels,
    ...(description === undefined ? {} : { description: bytesOf(description) })
  })
}
