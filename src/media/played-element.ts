/** What a person does in a page that lets it be heard, by the rules of browsers. */
const GESTURES = ['click', 'keydown', 'touchend'] as const

/** A `<video>` that shows tracks that come one after the other. Where the page may not be heard before somebody has touched it, the element is muted until then. */
export class PlayedElement {
  readonly #video: HTMLVideoElement
  readonly #stream = new MediaStream()
  readonly #onGesture: () => void
  #isMuted = false

  /** @param onGesture the page may be heard from now on. Once */
  constructor(video: HTMLVideoElement, onGesture: () => void) {
    this.#video = video
    this.#onGesture = onGesture
    video.srcObject = this.#stream
    for (const type of GESTURES) document.addEventListener(type, this.#onTouched, { capture: true })
  }

  add(track: MediaStreamTrack): void {
    this.#stream.addTrack(track)
    void this.#play()
  }

  /** The element shows nothing then, unless it shows something else already. */
  close(): void {
    this.#forget()
    if (this.#video.srcObject === this.#stream) this.#video.srcObject = null
    if (this.#isMuted) this.#video.muted = false
  }

  async #play(): Promise<void> {
    try {
      await this.#video.play()
    } catch (error) {
      const { name } = error as DOMException
      if (name !== 'NotAllowedError' || this.#video.muted) return
      this.#isMuted = true
      this.#video.muted = true
      // Without sound a page may always play. Where the element has been given away meanwhile, nothing is lost.
      this.#video.play().catch(() => {})
    }
  }

  readonly #onTouched = (): void => {
    this.#forget()
    if (this.#isMuted) this.#video.muted = false
    this.#isMuted = false
    this.#onGesture()
  }

  #forget(): void {
    for (const type of GESTURES) document.removeEventListener(type, this.#onTouched, { capture: true })
  }
}
