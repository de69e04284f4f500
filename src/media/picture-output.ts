import { trackGenerator } from './web-media.ts'

/** A track that shows the pictures that it is given. */
export interface PictureOutput {
  readonly track: MediaStreamTrack
  /** Closes the picture when it has been shown. */
  show(picture: VideoFrame): void
  close(): void
}

/** The best that this browser has. */
export function newPictureOutput(): PictureOutput {
  const Generator = trackGenerator()
  return Generator === undefined ? new CanvasOutput() : new GeneratorOutput(new Generator({ kind: 'video' }))
}

/** Pictures that wait to be taken by the screen: further ones are left out. */
const MAX_UNSHOWN = 2

/** Chromium: pictures go to the screen as they are. */
class GeneratorOutput implements PictureOutput {
  readonly track: MediaStreamTrack
  readonly #writer: WritableStreamDefaultWriter<VideoFrame>

  constructor(generator: MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> }) {
    this.track = generator
    this.#writer = generator.writable.getWriter()
  }

  show(picture: VideoFrame): void {
    if ((this.#writer.desiredSize ?? 0) <= -MAX_UNSHOWN) picture.close()
    else this.#writer.write(picture).catch(() => picture.close())
  }

  close(): void {
    this.#writer.close().catch(() => {})
    this.track.stop()
  }
}

/** Elsewhere: what a canvas shows. */
class CanvasOutput implements PictureOutput {
  readonly track: MediaStreamTrack
  readonly #canvas = document.createElement('canvas')
  readonly #context = this.#canvas.getContext('2d')

  constructor() {
    const [track] = this.#canvas.captureStream().getVideoTracks()
    if (track === undefined) throw new Error('A canvas has no track')
    this.track = track
  }

  show(picture: VideoFrame): void {
    const { displayWidth, displayHeight } = picture
    if (this.#canvas.width !== displayWidth) this.#canvas.width = displayWidth
    if (this.#canvas.height !== displayHeight) this.#canvas.height = displayHeight
    this.#context?.drawImage(picture, 0, 0)
    picture.close()
  }

  close(): void {
    this.track.stop()
  }
}
