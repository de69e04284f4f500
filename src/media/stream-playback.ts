import type { MediaFrame, NetStreamPlayer } from '../api/net-stream.ts'
import {
  decodePictureConfig,
  decodeSoundConfig,
  type PictureConfig,
  type SoundConfig
} from './media-config.ts'
import { type Decodable, MediaDeframer } from './media-deframer.ts'
import { newPictureOutput, type PictureOutput } from './picture-output.ts'
import { PicturePlayer } from './picture-player.ts'
import { PlayedElement } from './played-element.ts'
import { PlayoutClock } from './playout-clock.ts'
import { SoundOutput } from './sound-output.ts'
import { SoundPlayer } from './sound-player.ts'

const ofElement = new WeakMap<HTMLVideoElement, StreamPlayback>()
const ofStream = new WeakMap<NetStreamPlayer, StreamPlayback>()

/** When nobody reads a stream any more: it takes one reader at a time. */
const readings = new WeakMap<NetStreamPlayer, Promise<void>>()

/** A stream that is played into an element. */
export class StreamPlayback {
  readonly #video: HTMLVideoElement
  readonly #stream: NetStreamPlayer
  readonly #stopping = new AbortController()
  readonly #element: PlayedElement
  readonly #clock: PlayoutClock
  readonly #pictures: PicturePlayer
  readonly #sounds = new SoundPlayer(sound => this.#onSound(sound))
  readonly #pictureFrames = new MediaDeframer<PictureConfig>({
    decodeConfig: decodePictureConfig,
    isChained: true
  })
  readonly #soundFrames = new MediaDeframer<SoundConfig>({
    decodeConfig: decodeSoundConfig,
    isChained: false
  })
  readonly #isDecoded = { audio: false, video: false }
  #pictureOutput: PictureOutput | undefined
  #soundOutput: SoundOutput | undefined
  #another = Promise.withResolvers<void>()

  private constructor(video: HTMLVideoElement, stream: NetStreamPlayer) {
    this.#video = video
    this.#stream = stream
    this.#element = new PlayedElement(video, () => this.#soundOutput?.resume())
    this.#clock = new PlayoutClock(() => stream.bufferTime * 1_000)
    this.#pictures = new PicturePlayer({
      dueMs: timestamp => this.#clock.dueMs(timestamp),
      onPicture: picture => this.#onPicture(picture),
      onBroken: () => this.#pictureFrames.restart()
    })
  }

  /** Plays it there, in the place of what was there, and of where it was. */
  static replace(video: HTMLVideoElement, stream: NetStreamPlayer | null): void {
    const before = ofElement.get(video)
    if (before !== undefined && before.#stream === stream) return
    before?.stop()
    if (stream === null) return
    ofStream.get(stream)?.stop()
    const playback = new StreamPlayback(video, stream)
    ofElement.set(video, playback)
    ofStream.set(stream, playback)
    readings.set(
      stream,
      (async () => {
        await readings.get(stream)
        await playback.#run()
      })()
    )
  }

  /** The stream goes on: it is the application's. */
  stop(): void {
    ofElement.delete(this.#video)
    ofStream.delete(this.#stream)
    this.#end()
    this.#element.close()
    this.#pictureOutput?.close()
  }

  /** The last picture stays. */
  #end(): void {
    this.#stopping.abort()
    this.#another.resolve()
    this.#pictures.close()
    this.#sounds.close()
    this.#soundOutput?.close()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    void this.#watch(signal)
    while (!signal.aborted) {
      await this.#readToEnd(signal)
      this.#pictures.end()
      // In a group somebody may publish it anew.
      await this.#another.promise
      this.#another = Promise.withResolvers<void>()
    }
  }

  /** Hears of other streams of the name until the player is closed. */
  async #watch(signal: AbortSignal): Promise<void> {
    try {
      for await (const _ of this.#stream.statuses({ code: 'NetStream.MulticastStream.Reset', signal }))
        this.#another.resolve()
      this.#end()
    } catch (error) {
      if (!signal.aborted) reportError(error)
    }
  }

  async #readToEnd(signal: AbortSignal): Promise<void> {
    try {
      for await (const frame of this.#stream.frames({ signal })) {
        if (frame.kind === 'video') await this.#takePicture(frame)
        else if (frame.kind === 'audio') await this.#takeSound(frame)
        if (signal.aborted) return
      }
    } catch (error) {
      // What else could go wrong is not the stream's: it would be heard of nowhere.
      if (!signal.aborted) reportError(error)
    }
  }

  async #takePicture(frame: MediaFrame): Promise<void> {
    const picture = this.#pictureFrames.take(frame)
    if (picture === undefined) return
    if (picture.isReconfigured) await this.#look('video', picture.config, VideoDecoder)
    if (!this.#isDecoded.video || this.#stopping.signal.aborted) return
    if (this.#clock.arrived('video', frame.timestamp, performance.now())) this.#clear()
    this.#pictures.push(picture)
    await this.#pictures.untilRoom()
  }

  async #takeSound(frame: MediaFrame): Promise<void> {
    const sound: Decodable<SoundConfig> | undefined = this.#soundFrames.take(frame)
    if (sound === undefined) return
    if (sound.isReconfigured) await this.#look('audio', sound.config, AudioDecoder)
    if (this.#isDecoded.audio && !this.#stopping.signal.aborted) this.#sounds.push(sound)
  }

  /** Can what comes be decoded here? */
  async #look<C extends { readonly codec: string }>(
    kind: 'audio' | 'video',
    config: C,
    decoder: { isConfigSupported(config: C): Promise<{ supported?: boolean }> }
  ): Promise<void> {
    // What cannot be read is not supported either.
    const { supported } = await decoder.isConfigSupported(config).catch(() => ({ supported: false }))
    this.#isDecoded[kind] = supported === true
    if (!this.#isDecoded[kind])
      this.#stream.tell('NetStream.Play.NoSupportedTrackFound', { kind, codec: config.codec })
  }

  #onPicture(picture: VideoFrame): void {
    if (this.#pictureOutput === undefined) {
      this.#pictureOutput = newPictureOutput()
      this.#element.add(this.#pictureOutput.track)
    }
    this.#pictureOutput.show(picture)
  }

  /** It has come when it is decoded: before, nothing can be done with it. */
  #onSound(sound: AudioData): void {
    if (this.#clock.arrived('audio', sound.timestamp, performance.now())) this.#clear()
    if (this.#soundOutput === undefined) {
      this.#soundOutput = new SoundOutput(sound.sampleRate)
      this.#element.add(this.#soundOutput.track)
    }
    this.#soundOutput.play(sound, this.#clock.dueMs(sound.timestamp) ?? 0)
  }

  /** Times begin anew. */
  #clear(): void {
    this.#pictures.clear()
    this.#soundOutput?.clear()
  }
}
