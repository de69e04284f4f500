import type { Frame } from '../wire/link.ts'
import type { LinkUser } from './link-user.ts'
import type { NeighborLink } from './neighbor-link.ts'
import type { ObjectListener, ObjectSpace } from './object-space.ts'
import type { ReplicationInit, ReplicationRunner } from './replication-runner.ts'

/** Objects of one membership. What they take is loaded when the group is joined, where it has objects. */
export class Replication implements LinkUser {
  readonly #init: ReplicationInit
  readonly #isEnabled: boolean
  #runner: ReplicationRunner | undefined
  #isClosed = false

  constructor(init: ReplicationInit, isEnabled: boolean) {
    this.#init = init
    this.#isEnabled = isEnabled
  }

  async start(): Promise<void> {
    if (!this.#isEnabled) return
    const { ReplicationRunner } = await import('./replication-runner.ts')
    // What ended meanwhile takes no streams that nobody would release.
    if (this.#isClosed) return
    this.#runner = new ReplicationRunner(this.#init)
    await this.#runner.start()
  }

  /** Bytes of objects per second that were sent to neighbors, without what goes around them. */
  get sentBytesPerSecond(): number {
    return this.#runner?.rates.sent.rate(this.#init.host.clock.now()) ?? 0
  }

  /** Bytes of objects per second that came from neighbors. */
  get receivedBytesPerSecond(): number {
    return this.#runner?.rates.received.rate(this.#init.host.clock.now()) ?? 0
  }

  /** Opens a space of objects. The group has to have objects enabled. */
  open(namespace: string, listener: ObjectListener): ObjectSpace {
    if (this.#runner === undefined) throw new Error('Object replication is not enabled in this group')
    return this.#runner.open(namespace, listener)
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

  close(): void {
    this.#isClosed = true
    this.#runner?.close()
  }
}
