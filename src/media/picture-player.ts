import { MAX_PICTURE_PIXELS, MAX_UNDECODED_BYTES } from '../wire/limits.ts'
import type { PictureConfig } from './media-config.ts'
import type { Decodable } from './media-deframer.ts'

/** Pictures that are decoded before their turn: they are large, and decoders have few of them. */
const MAX_DECODED = 4

/** How long before its turn a picture is decoded, in ms. Guess. */
const DECODE_AHEAD_MS = 200

/** How {@link PicturePlayer} is made. */
export interface PicturePlayerInit {
  /** When a picture of this time is due, in ms of `performance.now()`; undefined when that is not known. */
  readonly dueMs: (timestamp: number) => number | undefined
  /** It is its turn. Who is told closes it. */
  readonly onPicture: (picture: VideoFrame) => void
  /** The decoder failed: pictures go on at a keyframe. */
  readonly onBroken: () => void
}

/** Decodes pictures shortly before their turn, and gives out each at its turn. */
export class PicturePlayer {
  readonly #init: PicturePlayerInit
  #decoder: VideoDecoder | undefined
  #undecoded: Decodable<PictureConfig>[] = []
  #undecodedBytes = 0
  #decoded: VideoFrame[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #room: PromiseWithResolvers<void> | undefined
  #isEnding = false
  #isClosed = false

  constructor(init: PicturePlayerInit) {
    this.#init = init
  }

  /** The first is a keyframe. The configuration of each can be decoded here. */
  push(picture: Decodable<PictureConfig>): void {
    this.#undecoded.push(picture)
    this.#undecodedBytes += picture.data.byteLength
    this.#isEnding = false
    this.#goOn()
  }

  /** Resolves when there is room for more. */
  async untilRoom(): Promise<void> {
    while (!this.#isClosed && this.#undecodedBytes > MAX_UNDECODED_BYTES) {
      this.#room ??= Promise.withResolvers<void>()
      await this.#room.promise
    }
  }

  /** What waits is not due any more. */
  clear(): void {
    this.#undecoded = []
    this.#undecodedBytes = 0
    for (const picture of this.#decoded.splice(0)) picture.close()
    this.#tellRoom()
    this.#closeDecoder()
  }

  /** Nothing follows for now: the decoder is to give out what it keeps for what comes. */
  end(): void {
    this.#isEnding = true
    this.#goOn()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.clear()
  }

  #goOn(): void {
    if (this.#isClosed) return
    clearTimeout(this.#timer)
    this.#show()
    this.#decode()
    const nextMs = this.#nextMs()
    if (nextMs !== undefined)
      this.#timer = setTimeout(() => this.#goOn(), Math.max(0, nextMs - performance.now()))
  }

  #decode(): void {
    for (;;) {
      const [next] = this.#undecoded
      if (next === undefined) this.#flush()
      if (next === undefined || !this.#mayDecode(next)) return
      this.#undecoded.shift()
      this.#undecodedBytes -= next.data.byteLength
      this.#tellRoom()
      this.#feed(next)
    }
  }

  #flush(): void {
    if (!this.#isEnding) return
    this.#isEnding = false
    // It rejects when the decoder is closed meanwhile.
    if (this.#decoder?.state === 'configured') this.#decoder.flush().catch(() => {})
  }

  #mayDecode({ timestamp }: Decodable<PictureConfig>): boolean {
    return this.#hasRoom && this.#dueMs(timestamp) - performance.now() <= DECODE_AHEAD_MS
  }

  get #hasRoom(): boolean {
    return this.#decoded.length + (this.#decoder?.decodeQueueSize ?? 0) < MAX_DECODED
  }

  #feed({ config, isReconfigured, isKeyframe, timestamp, data }: Decodable<PictureConfig>): void {
    if (isKeyframe && this.#decoder === undefined) this.#decoder = this.#newDecoder()
    // Its keyframe was not decoded.
    if (this.#decoder === undefined) return
    try {
      if (isReconfigured || this.#decoder.state === 'unconfigured')
        this.#decoder.configure({ ...config, optimizeForLatency: true })
      this.#decoder.decode(new EncodedVideoChunk({ type: isKeyframe ? 'key' : 'delta', timestamp, data }))
    } catch {
      this.#onError()
    }
  }

  #newDecoder(): VideoDecoder {
    const decoder: VideoDecoder = new VideoDecoder({
      output: picture => {
        if (decoder === this.#decoder) this.#onDecoded(picture)
        else picture.close()
      },
      error: () => {
        if (decoder === this.#decoder) this.#onError()
      }
    })
    decoder.addEventListener('dequeue', () => this.#goOn())
    return decoder
  }

  #onDecoded(picture: VideoFrame): void {
    if (picture.codedWidth * picture.codedHeight > MAX_PICTURE_PIXELS) picture.close()
    else this.#decoded.push(picture)
    this.#goOn()
  }

  #onError(): void {
    this.#closeDecoder()
    this.#init.onBroken()
  }

  #closeDecoder(): void {
    if (this.#decoder !== undefined && this.#decoder.state !== 'closed') this.#decoder.close()
    this.#decoder = undefined
  }

  /** Of those whose turn it is, the last. */
  #show(): void {
    const nowMs = performance.now()
    let due: VideoFrame | undefined
    for (;;) {
      const [first] = this.#decoded
      if (first === undefined || this.#dueMs(first.timestamp) > nowMs) break
      due?.close()
      due = this.#decoded.shift()
    }
    if (due !== undefined) this.#init.onPicture(due)
  }

  /** When something is to be done next. When the decoder has room again, it tells. */
  #nextMs(): number | undefined {
    const [picture] = this.#decoded
    const [next] = this.#hasRoom ? this.#undecoded : []
    const times = [
      ...(picture === undefined ? [] : [this.#dueMs(picture.timestamp)]),
      ...(next === undefined ? [] : [this.#dueMs(next.timestamp) - DECODE_AHEAD_MS])
    ]
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** Before anything is known: now. */
  #dueMs(timestamp: number): number {
    return this.#init.dueMs(timestamp) ?? performance.now()
  }

  #tellRoom(): void {
    this.#room?.resolve()
    this.#room = undefined
  }
}
