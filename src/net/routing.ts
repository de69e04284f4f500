import { MODES, type ReceiveMode } from '../core/routing/routing-engine.ts'
import type { Frame } from '../wire/link.ts'
import type { LinkUser } from './link-user.ts'
import type { NeighborLink } from './neighbor-link.ts'
import type { RoutingGroupInit } from './routing-group.ts'
import type { RoutingRunner } from './routing-runner.ts'

/** How {@link Routing} is made. */
export interface RoutingInit extends RoutingGroupInit {
  /** Does the groupspec enable routing? */
  readonly isEnabled: boolean
  /** By peer id. */
  readonly links: () => ReadonlyMap<string, NeighborLink>
}

/** Directed routing of one membership. What it takes is loaded when the group is joined, where it has routing. */
export class Routing implements LinkUser {
  readonly #init: RoutingInit
  #runner: RoutingRunner | undefined
  #receiveMode: ReceiveMode = 'exact'

  constructor(init: RoutingInit) {
    this.#init = init
  }

  async start(): Promise<void> {
    if (!this.#init.isEnabled) return
    const { RoutingRunner } = await import('./routing-runner.ts')
    this.#runner = new RoutingRunner(this.#init)
  }

  /** What sends and receives. The group has to have routing enabled. */
  get runner(): RoutingRunner {
    if (this.#runner === undefined) throw new Error('Routing is not enabled in this group')
    return this.#runner
  }

  /** Bytes of values per second that were sent to neighbors, the ones passed on among them. */
  get sentBytesPerSecond(): number {
    return this.#runner?.sentBytesPerSecond ?? 0
  }

  /** Bytes of values per second that came from neighbors. */
  get receivedBytesPerSecond(): number {
    return this.#runner?.receivedBytesPerSecond ?? 0
  }

  /** Which addresses this member takes messages for. Neighbors are told of another one. */
  get receiveMode(): ReceiveMode {
    return this.#receiveMode
  }

  set receiveMode(mode: ReceiveMode) {
    if (mode === this.#receiveMode) return
    this.#receiveMode = mode
    this.#runner?.onReceiveMode(mode)
    for (const link of this.#init.links().values()) link.hello(this.helloMode)
  }

  /** The same as in the Hello frame. */
  get helloMode(): number {
    return MODES.indexOf(this.#receiveMode)
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
    if (this.#runner !== undefined) this.#runner.onFrame(link, frame)
    else if ((frame.message ?? frame.routed ?? frame.hopAck ?? frame.receipt) !== undefined) {
      this.#init.reject('routing is not enabled')
      this.#init.host.reportInvalidMessage(link.peerID)
    }
  }

  onRtt(link: NeighborLink): void {
    this.#runner?.onRtt(link)
  }

  close(): void {
    this.#runner?.close()
  }
}
