import type { Frame } from '../../wire/link.ts'
import type { LinkUser } from '../link-user.ts'
import type { NeighborLink } from '../neighbor-link.ts'
import type { StreamsInit, StreamsRunner } from './streams-runner.ts'

/** Multicast streams of one membership. What they take is loaded when the group is joined, where it has streams. */
export class Streams implements LinkUser {
  readonly #init: StreamsInit
  readonly #isEnabled: boolean
  #runner: StreamsRunner | undefined
  #isClosed = false

  constructor(init: StreamsInit, isEnabled: boolean) {
    this.#init = init
    this.#isEnabled = isEnabled
  }

  async start(): Promise<void> {
    if (!this.#isEnabled) return
    const { StreamsRunner } = await import('./streams-runner.ts')
    // What ended meanwhile takes no streams that nobody would release.
    if (this.#isClosed) return
    this.#runner = new StreamsRunner(this.#init)
    await this.#runner.start()
  }

  /** Undefined where the group has no streams. */
  get runner(): StreamsRunner | undefined {
    return this.#runner
  }

  /** Does a stream come from this neighbor, or go to it? */
  uses(peer: string): boolean {
    return this.#runner?.uses(peer) === true
  }

  onLinkUp(link: NeighborLink): void {
    this.#runner?.onLinkUp(link)
  }

  onLinkMoved(link: NeighborLink): void {
    this.#runner?.onLinkMoved(link)
  }

  onLinkDown(peer: string): void {
    this.#runner?.onLinkDown(peer)
  }

  onFrame(link: NeighborLink, frame: Frame): void {
    this.#runner?.onFrame(link, frame)
  }

  onRtt(link: NeighborLink): void {
    this.#runner?.onRtt(link)
  }

  onLeaving(): void {
    this.#runner?.onLeaving()
  }

  close(): void {
    this.#isClosed = true
    this.#runner?.close()
  }
}
