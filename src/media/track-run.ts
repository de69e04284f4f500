/** How {@link TrackRun} is made. */
export interface TrackRunInit<Piece> {
  /** What the track gives, until the signal aborts. */
  readonly pieces: (signal: AbortSignal) => AsyncIterable<Piece>
  readonly take: (piece: Piece) => void
  /** Lets go of all that is held for it, in whatever way it ends. */
  readonly release: () => void
  /** It has ended by itself: its track has, or this is why. Not when it was stopped. */
  readonly onEnd: (error?: unknown) => void
}

/** Takes what a track gives, piece by piece, until that ends, fails, or is stopped. */
export class TrackRun<Piece extends { close(): void }> {
  readonly #init: TrackRunInit<Piece>
  readonly #stopping = new AbortController()

  constructor(init: TrackRunInit<Piece>) {
    this.#init = init
  }

  /** Begins. Once. */
  start(): void {
    void this.#run()
  }

  /** Idempotent. */
  stop(): void {
    this.#stopping.abort()
    this.#init.release()
  }

  /** It cannot go on, for this reason. */
  fail(error: unknown): void {
    this.#end(error)
  }

  async #run(): Promise<void> {
    const { pieces, take } = this.#init
    try {
      for await (const piece of pieces(this.#stopping.signal)) {
        try {
          if (!this.#stopping.signal.aborted) take(piece)
        } finally {
          piece.close()
        }
      }
      this.#end()
    } catch (error) {
      this.#end(error)
    }
  }

  #end(error?: unknown): void {
    if (this.#stopping.signal.aborted) return
    this.stop()
    this.#init.onEnd(error)
  }
}
