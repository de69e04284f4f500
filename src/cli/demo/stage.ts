import { randomBytes } from 'node:crypto'
import { ChildPeer } from './child-peer.ts'

/** How long a child that was asked to end may take before it is killed. */
const END_WITHIN_MS = 2_500

/** Starts the children of a demo, and ends those and no others, however the demo ends. */
export class Stage implements AsyncDisposable {
  readonly #children = new Set<ChildPeer>()
  readonly #signal: AbortSignal
  readonly #killAll = (): void => {
    for (const child of this.#children) child.kill('SIGKILL')
  }

  constructor(signal: AbortSignal) {
    this.#signal = signal
    // A second Ctrl-C ends this process at once: nobody may stay behind even then.
    process.on('exit', this.#killAll)
  }

  /** Start `netgroup ARGS --json`. */
  start(name: string, args: readonly string[]): ChildPeer {
    this.#signal.throwIfAborted()
    const child = new ChildPeer(name, args)
    this.#children.add(child)
    return child
  }

  /** A group name nobody else on this network has, so that two demos do not meet. */
  groupName(topic: string): string {
    return `demo ${topic} ${randomBytes(5).toString('hex')}`
  }

  /** Ask these (all that still run) to end, and wait until they have. */
  async end(children: Iterable<ChildPeer> = this.#children): Promise<void> {
    await Promise.all([...children].map(child => this.#endOne(child)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
    process.off('exit', this.#killAll)
  }

  async #endOne(child: ChildPeer): Promise<void> {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS)
    await child.ended
    clearTimeout(timer)
    this.#children.delete(child)
  }
}
