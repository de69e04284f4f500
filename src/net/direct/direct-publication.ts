import type { DirectFrame } from './direct-frame.ts'
import { DirectSubscriber, type DirectSubscriberInit } from './direct-subscriber.ts'
import type { Reliability } from './subscriber-queue.ts'

/** How {@link DirectPublication} is made. */
export interface DirectPublicationInit {
  readonly name: string
  readonly reliable: Reliability
  /** May this peer play it? A throw, or a rejection, is a no. */
  readonly accepts: (peer: string) => boolean | Promise<boolean>
  readonly onDropped: (frame: DirectFrame) => void
  readonly onJoined: (peer: string) => void
  readonly onLeft: (peer: string) => void
}

/** A direct stream that is published here, and those who play it. */
export class DirectPublication {
  readonly name: string
  readonly #init: DirectPublicationInit
  readonly #subscribers = new Set<DirectSubscriber>()
  #isClosed = false

  constructor(init: DirectPublicationInit) {
    this.#init = init
    this.name = init.name
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get subscribers(): readonly DirectSubscriber[] {
    return [...this.#subscribers]
  }

  /** Does more wait for somebody than should? */
  get isBehind(): boolean {
    return this.subscribers.some(({ isBehind }) => isBehind)
  }

  async accepts(peer: string): Promise<boolean> {
    return (await this.#init.accepts(peer)) === true
  }

  /** A peer plays it from now on. */
  add(init: Pick<DirectSubscriberInit, 'host' | 'connection' | 'stream' | 'reader'>): void {
    const { reliable, onDropped, onJoined, onLeft } = this.#init
    const subscriber = new DirectSubscriber({
      ...init,
      reliable,
      onDropped,
      onGone: () => {
        this.#subscribers.delete(subscriber)
        onLeft(subscriber.peer)
      }
    })
    this.#subscribers.add(subscriber)
    onJoined(subscriber.peer)
  }

  /** To all who play it. The frame's bytes must not change any more. @returns how many want it */
  push(frame: DirectFrame): number {
    return this.subscribers.filter(subscriber => subscriber.push(frame)).length
  }

  /** Resolves when there is room at the slowest. */
  async untilRoom(): Promise<void> {
    await Promise.all(this.subscribers.map(subscriber => subscriber.untilRoom()))
  }

  /** Ends it at once, and without a word: what waits is not sent, and those who play it see that the end is missing. */
  cut(reason: string): void {
    this.#isClosed = true
    for (const subscriber of this.subscribers) subscriber.letGo(reason)
  }

  /** Ends it behind what waits. Resolves when all have it, or after `withinMs`. */
  async close(withinMs: number): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.subscribers.map(subscriber => subscriber.close(withinMs)))
  }
}
