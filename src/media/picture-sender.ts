import { CaptureClock } from './capture-clock.ts'
import type { FrameWriter } from './frame-writer.ts'
import { bytesOf, encodePictureConfig } from './media-config.ts'
import { type CameraOptions, KEYFRAME_INTERVAL_S, pictureEncodingOf, resized } from './picture-encoding.ts'
import { PicturePace } from './picture-pace.ts'
import { picturesOf } from './picture-source.ts'
import { TrackRun } from './track-run.ts'

/** Pictures that wait in the encoder, and behind it in the stream: with more a picture is left out before it is encoded, which no other misses. Guess. */
const MAX_ENCODING = 2
const MAX_WAITING = 3

/** Keyframes that are asked for come this far apart, in ms: they are large. Guess. */
const KEYFRAME_PAUSE_MS = 500

/** An encoder that fails gets a successor, unless it fails within this again, in ms. Hardware encoders are lost when a machine sleeps. */
const FAILURE_PAUSE_MS = 10_000

/** How {@link PictureSender} is made. */
export interface PictureSenderInit {
  readonly track: MediaStreamTrack
  readonly writer: FrameWriter
  readonly options: CameraOptions
  /** Does the network have more than it can take in time? */
  readonly isBehind: () => boolean
  /** A picture was written. */
  readonly onWritten: (isKeyframe: boolean) => void
  /** It has ended: its track has, or this is why. */
  readonly onEnd: (error?: unknown) => void
}

/** Encodes a track of pictures into a stream. */
export class PictureSender {
  readonly #init: PictureSenderInit
  readonly #clock = new CaptureClock()
  readonly #run: TrackRun<VideoFrame>
  #encoding: VideoEncoderConfig
  #encoder: VideoEncoder
  /** The size that the encoder was set up for, which is that of the last picture. */
  #size = ''
  #pace = new PicturePace(0, 0)
  #wantsKeyframe = true
  #keyframeAtMs = Number.NEGATIVE_INFINITY
  #failedAtMs = Number.NEGATIVE_INFINITY
  #last: VideoFrame | undefined
  #lastAtMs = 0
  #repeatTimer: ReturnType<typeof setTimeout> | undefined

  private constructor(init: PictureSenderInit, encoding: VideoEncoderConfig) {
    this.#init = init
    this.#run = new TrackRun({
      pieces: signal => picturesOf(init.track, signal),
      take: picture => this.#take(picture),
      release: () => this.#release(),
      onEnd: init.onEnd
    })
    this.#encoding = encoding
    this.#encoder = this.#newEncoder()
  }

  /** @throws Rejects NetGroupError PLATFORM_UNSUPPORTED */
  static async prepare(init: PictureSenderInit): Promise<PictureSender> {
    return new PictureSender(init, await pictureEncodingOf(init.track, init.options))
  }

  /** Begins. Once. */
  start(): void {
    this.#run.start()
  }

  /** The next picture is to be one at which one can begin, if the last such is not just now. */
  requestKeyframe(): void {
    this.#wantsKeyframe = true
    // A track gives no pictures while nothing changes, as shared screens do: then the last one is sent again.
    if (this.#last !== undefined) this.#repeatAfter(KEYFRAME_PAUSE_MS)
  }

  /** The track goes on: it is the application's. Idempotent. */
  stop(): void {
    this.#run.stop()
  }

  #release(): void {
    clearTimeout(this.#repeatTimer)
    this.#last?.close()
    this.#last = undefined
    if (this.#encoder.state !== 'closed') this.#encoder.close()
  }

  #take(picture: VideoFrame): void {
    const nowMs = performance.now()
    this.#clock.arrived(picture.timestamp, nowMs)
    this.#last?.close()
    this.#last = picture.clone()
    this.#lastAtMs = nowMs
    this.#encode(picture, nowMs)
    this.#repeatAfter(this.#keyframeIntervalMs)
  }

  #repeatAfter(ms: number): void {
    clearTimeout(this.#repeatTimer)
    this.#repeatTimer = setTimeout(() => this.#repeat(), ms)
  }

  #repeat(): void {
    const last = this.#last
    if (last === undefined) return
    const nowMs = performance.now()
    const timestamp = Math.round(last.timestamp + (nowMs - this.#lastAtMs) * 1_000)
    const again = new VideoFrame(last, { timestamp })
    this.#wantsKeyframe = true
    try {
      this.#encode(again, nowMs)
      this.#repeatAfter(this.#keyframeIntervalMs)
    } catch (error) {
      this.#run.fail(error)
    } finally {
      again.close()
    }
  }

  #encode(picture: VideoFrame, nowMs: number): void {
    this.#fit(picture, nowMs)
    if (!this.#hasRoom(nowMs)) return
    const keyFrame = this.#isKeyframeDue(nowMs)
    if (keyFrame) {
      this.#wantsKeyframe = false
      this.#keyframeAtMs = nowMs
    }
    this.#encoder.encode(picture, { keyFrame })
  }

  #hasRoom(nowMs: number): boolean {
    const { writer, isBehind } = this.#init
    const isFull = writer.waiting > MAX_WAITING || isBehind()
    if (this.#pace.picture(isFull, nowMs))
      this.#encoder.configure({ ...this.#encoding, bitrate: this.#pace.bitrate })
    return !isFull && this.#encoder.encodeQueueSize <= MAX_ENCODING
  }

  #isKeyframeDue(nowMs: number): boolean {
    const sinceMs = nowMs - this.#keyframeAtMs
    return sinceMs >= this.#keyframeIntervalMs || (this.#wantsKeyframe && sinceMs >= KEYFRAME_PAUSE_MS)
  }

  get #keyframeIntervalMs(): number {
    return (this.#init.options.keyframeInterval ?? KEYFRAME_INTERVAL_S) * 1_000
  }

  /** Cameras that are turned, and windows that are shared, change their size. */
  #fit({ displayWidth, displayHeight }: VideoFrame, nowMs: number): void {
    const size = `${displayWidth} × ${displayHeight}`
    if (size === this.#size) return
    this.#size = size
    this.#encoding = resized(this.#encoding, displayWidth, displayHeight, this.#init.options.bitrate)
    this.#encoder.configure(this.#encoding)
    this.#pace = new PicturePace(this.#encoding.bitrate ?? 0, nowMs)
    this.#beginAnew()
  }

  #beginAnew(): void {
    this.#wantsKeyframe = true
    this.#keyframeAtMs = Number.NEGATIVE_INFINITY
  }

  #newEncoder(): VideoEncoder {
    return new VideoEncoder({
      output: (chunk, metadata) => this.#write(chunk, metadata?.decoderConfig),
      error: error => this.#onError(error)
    })
  }

  #write(chunk: EncodedVideoChunk, decoder: VideoDecoderConfig | undefined): void {
    const { writer, onWritten } = this.#init
    if (decoder !== undefined) writer.configure(this.#configOf(decoder))
    const keyframe = chunk.type === 'key'
    writer.write(chunk, { timestamp: this.#clock.timeOf(chunk.timestamp), hasConfig: keyframe, keyframe })
    onWritten(keyframe)
  }

  #configOf({ codec, codedWidth, codedHeight, description }: VideoDecoderConfig): Uint8Array {
    return encodePictureConfig({
      codec,
      codedWidth: codedWidth ?? this.#encoding.width,
      codedHeight: codedHeight ?? this.#encoding.height,
      ...(description === undefined ? {} : { description: bytesOf(description) })
    })
  }

  #onError(error: unknown): void {
    const nowMs = performance.now()
    if (nowMs - this.#failedAtMs < FAILURE_PAUSE_MS) {
      this.#run.fail(error)
      return
    }
    this.#failedAtMs = nowMs
    this.#encoder = this.#newEncoder()
    this.#size = ''
    this.#beginAnew()
  }
}
