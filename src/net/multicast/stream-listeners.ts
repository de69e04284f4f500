import type { Fragment } from '../../core/multicast/fragment.ts'

/** What comes of a stream here, to one who publishes or plays it. */
export interface StreamListener {
  /** Here it begins. Before the first fragment. @param live what is below this was published before this one was there */
  onStart?(number: number, live: number): void
  /** A fragment, for the first time; not in order. */
  onFragment?(fragment: Fragment): void
  /** What is below this number and has not come will not. */
  onSkip?(number: number): void
  /** Its publisher has ended it, and all before that has come or been skipped. */
  onEnded?(): void
}

/** What there is of a stream for one who comes later than another. */
export interface Backlog {
  /** Where it begins; undefined: nothing has come. */
  readonly start: number | undefined
  /** The highest number that was given up. */
  readonly skipped: number
  readonly fragments: readonly Fragment[]
}

/** Those who publish or play one stream here. For each of them it begins once. */
export class StreamListeners {
  /** Has it begun for them? */
  readonly #listeners = new Map<StreamListener, boolean>()

  get size(): number {
    return this.#listeners.size
  }

  add(listener: StreamListener): void {
    this.#listeners.set(listener, false)
  }

  remove(listener: StreamListener): void {
    this.#listeners.delete(listener)
  }

  /** For those for whom it has not begun. */
  begin(number: number, live: number): void {
    for (const [listener, hasBegun] of this.#listeners) {
      if (hasBegun) continue
      this.#listeners.set(listener, true)
      listener.onStart?.(number, live)
    }
  }

  /** It begins for this one with what there is, if there is anything. */
  catchUp(listener: StreamListener, { start, skipped, fragments }: Backlog): void {
    if (start === undefined || this.#listeners.get(listener) !== false) return
    this.#listeners.set(listener, true)
    listener.onStart?.(start, (fragments.at(-1)?.number ?? skipped) + 1)
    for (const fragment of fragments) listener.onFragment?.(fragment)
    if (skipped >= start) listener.onSkip?.(skipped + 1)
  }

  /** To those for whom it has begun. */
  tell(event: (listener: StreamListener) => void): void {
    for (const [listener, hasBegun] of [...this.#listeners]) if (hasBegun) event(listener)
  }
}
