import type { PresenceEntry } from '../core/presence/presence-entry.ts'
import type { Frame } from '../wire/link.ts'
import type { LinkUser } from './link-user.ts'
import type { NeighborLink } from './neighbor-link.ts'
import type { PresenceInit, PresenceRunner } from './presence-runner.ts'

/** What is told to the runner, or kept for it while it is being loaded. */
type Step = (runner: PresenceRunner) => void

/**
 * Who is there, in one membership. What it takes is loaded when it is first needed: when this member wants to be seen, or a neighbor speaks of one who does. In a group without
 * presence a page never loads it.
 */
export class Presence implements LinkUser {
  readonly #init: PresenceInit
  #runner: PresenceRunner | undefined
  /** Waiting for the runner, in order; undefined while none is asked for. */
  #waiting: Step[] | undefined
  #isClosed = false

  constructor(init: PresenceInit) {
    this.#init = init
  }

  /** Other members that are to be seen, in no order. */
  get members(): PresenceEntry[] {
    return this.#runner?.members ?? []
  }

  /** Shows this value to others, until each holder has withdrawn. Of several the last one counts. */
  present(holder: object, value: Uint8Array): void {
    this.#need(runner => runner.present(holder, value))
  }

  /** This holder need be seen no more. */
  withdraw(holder: object): void {
    this.#tell(runner => runner.withdraw(holder))
  }

  onLinkUp(link: NeighborLink): void {
    this.#tell(runner => runner.onLinkUp(link))
  }

  onLinkMoved(link: NeighborLink): void {
    this.#tell(runner => runner.onLinkMoved(link))
  }

  onLinkCut(link: NeighborLink): void {
    this.#tell(runner => runner.onLinkCut(link))
  }

  onLinkDown(peer: string): void {
    this.#tell(runner => runner.onLinkDown(peer))
  }

  onFrame(link: NeighborLink, frame: Frame): void {
    if (frame.presence === undefined) return
    // A throw ends the link, so it has to come from here once there is a runner.
    if (this.#runner !== undefined) this.#runner.onFrame(link, frame)
    else
      this.#need(runner => {
        try {
          runner.onFrame(link, frame)
        } catch (error) {
          link.abort('Malformed presence')
          throw error
        }
      })
  }

  onLeaving(): void {
    this.#runner?.onLeaving()
  }

  close(): void {
    this.#isClosed = true
    this.#runner?.close()
  }

  /** To the runner, if there is one or will be. */
  #tell(step: Step): void {
    if (this.#runner !== undefined) step(this.#runner)
    else this.#waiting?.push(step)
  }

  #need(step: Step): void {
    if (this.#runner === undefined && this.#waiting === undefined) {
      // The links that there are; what happens to them from now on waits in order.
      this.#waiting = [...this.#init.links().values()].map(link => runner => runner.onLinkUp(link))
      this.#load().catch(error => {
        this.#init.log.error('presence could not be loaded - %e', error)
        // Tried again when it is needed next.
        this.#waiting = undefined
      })
    }
    this.#tell(step)
  }

  async #load(): Promise<void> {
    const { PresenceRunner } = await import('./presence-runner.ts')
    if (this.#isClosed) return
    this.#runner = new PresenceRunner(this.#init)
    for (const step of this.#waiting ?? []) {
      try {
        step(this.#runner)
      } catch (error) {
        this.#init.log('what came while presence was loaded was refused - %e', error)
      }
    }
    this.#waiting = []
  }
}
