import type { NetStreamPublisher } from '../api/net-stream.ts'
import { isNetGroupError } from '../core/errors.ts'
import { FrameWriter } from './frame-writer.ts'
import type { CameraOptions } from './picture-encoding.ts'
import { PictureSender } from './picture-sender.ts'
import { type MicrophoneOptions, SoundSender } from './sound-sender.ts'

/** How often it is looked whether frames were left out on their way to somebody, in ms. */
const LOOK_EVERY_MS = 1_000

/** Pictures that wait for the one who plays them may come this late, in s: further ones are left out. Guess: half of the deadline of those that are not reliable. */
const MAX_BEHIND_S = 0.25

const publications = new WeakMap<NetStreamPublisher, MediaPublication>()

/** The camera and the microphone of a stream that is published. */
export class MediaPublication {
  readonly #stream: NetStreamPublisher
  readonly #pictureWriter: FrameWriter
  readonly #soundWriter: FrameWriter
  #pictures: PictureSender | undefined
  #sounds: SoundSender | undefined
  /** Of several that are attached at the same time, the last one stays. */
  #cameraTurn = 0
  #soundTurn = 0
  #lookedAtMs = 0
  #droppedFrames = 0

  private constructor(stream: NetStreamPublisher) {
    this.#stream = stream
    this.#pictureWriter = new FrameWriter(stream, 'video', error => this.#endPictures(error))
    this.#soundWriter = new FrameWriter(stream, 'audio', error => this.#endSounds(error))
    // Who plays a direct stream from now on has none of what was before.
    stream.addEventListener('NetStream.Connect.Success', () => {
      this.#pictures?.requestKeyframe()
      this.#sounds?.repeatConfig()
    })
  }

  /** One for each stream. */
  static of(stream: NetStreamPublisher): MediaPublication {
    const known = publications.get(stream)
    if (known !== undefined) return known
    const publication = new MediaPublication(stream)
    publications.set(stream, publication)
    return publication
  }

  /** In the place of the one before. @throws Rejects NetGroupError PLATFORM_UNSUPPORTED: then the one before stays */
  async attachCamera(track: MediaStreamTrack | null, options: CameraOptions): Promise<void> {
    this.#cameraTurn += 1
    const turn = this.#cameraTurn
    const pictures = track === null ? undefined : await this.#preparePictures(track, options)
    if (turn !== this.#cameraTurn) {
      pictures?.stop()
      return
    }
    this.#pictures?.stop()
    this.#pictures = pictures
    pictures?.start()
  }

  /** In the place of the one before. @throws Rejects NetGroupError PLATFORM_UNSUPPORTED: then the one before stays */
  async attachAudio(track: MediaStreamTrack | null, options: MicrophoneOptions): Promise<void> {
    this.#soundTurn += 1
    const turn = this.#soundTurn
    const sounds = track === null ? undefined : await this.#prepareSounds(track, options)
    if (turn !== this.#soundTurn) {
      sounds?.stop()
      return
    }
    this.#sounds?.stop()
    this.#sounds = sounds
    sounds?.start()
  }

  async #preparePictures(track: MediaStreamTrack, options: CameraOptions): Promise<PictureSender> {
    const pictures: PictureSender = await PictureSender.prepare({
      track,
      writer: this.#pictureWriter,
      options,
      isBehind: () => this.#isBehind,
      onWritten: isKeyframe => this.#onPicture(isKeyframe),
      onEnd: error => {
        if (this.#pictures === pictures) this.#endPictures(error)
      }
    })
    return pictures
  }

  async #prepareSounds(track: MediaStreamTrack, options: MicrophoneOptions): Promise<SoundSender> {
    const sounds: SoundSender = await SoundSender.prepare({
      track,
      writer: this.#soundWriter,
      options,
      isAlone: () => this.#pictures === undefined,
      onEnd: error => {
        if (this.#sounds === sounds) this.#endSounds(error)
      }
    })
    return sounds
  }

  /** Of one who plays it is known how much waits. Of several, who is slow holds nobody back, unless what is sent is reliable: then writing waits. */
  get #isBehind(): boolean {
    const { peerStreams, info } = this.#stream
    return peerStreams.length === 1 && (info['videoBufferLength'] ?? 0) > MAX_BEHIND_S
  }

  #onPicture(isKeyframe: boolean): void {
    // Who begins at this picture begins with the sound behind it.
    if (isKeyframe) this.#sounds?.repeatConfig()
    const nowMs = performance.now()
    if (nowMs - this.#lookedAtMs < LOOK_EVERY_MS) return
    this.#lookedAtMs = nowMs
    const { droppedFrames = 0 } = this.#stream.info
    if (droppedFrames > this.#droppedFrames) this.#pictures?.requestKeyframe()
    this.#droppedFrames = droppedFrames
  }

  #endPictures(error: unknown): void {
    const pictures = this.#pictures
    this.#pictures = undefined
    pictures?.stop()
    if (pictures !== undefined) this.#tell('video', error)
  }

  #endSounds(error: unknown): void {
    const sounds = this.#sounds
    this.#sounds = undefined
    sounds?.stop()
    if (sounds !== undefined) this.#tell('audio', error)
  }

  /** A track that ends tells the application itself, and who closes a stream knows it. */
  #tell(kind: 'audio' | 'video', error: unknown): void {
    if (error === undefined || isNetGroupError(error, 'CLOSED')) return
    const reason = error instanceof Error ? error.message : String(error)
    this.#stream.tell('NetStream.Failed', { kind, reason })
  }
}
