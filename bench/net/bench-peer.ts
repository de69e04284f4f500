import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

interface Answer {
  readonly id: number
  readonly answer?: unknown
  readonly error?: string
}

/** A process of a benchmark that does what it is asked, and answers. It ends when this process does. */
export class BenchPeer implements Disposable {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>()
  #lastID = 0

  private constructor(script: string, execArgv: readonly string[]) {
    this.#child = fork(script, [], { execArgv: [...execArgv] })
    this.#child.on('message', ({ id, answer, error }: Answer) => {
      const asker = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) asker?.resolve(answer as never)
      else asker?.reject(new Error(`A process of the benchmark failed: ${error}`))
    })
    this.#child.on('exit', code => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`A process of the benchmark ended with ${code}`))
    })
  }

  /** Resolves when it can be asked. @param script its file, which says what it can be asked @param execArgv flags of Node */
  static async start(script: string, execArgv: readonly string[] = []): Promise<BenchPeer> {
    const peer = new BenchPeer(script, execArgv)
    await once(peer.#child, 'message')
    return peer
  }

  ask<T = object>(command: string, given: object = {}): Promise<T> {
    const id = ++this.#lastID
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#child.send({ id, command, ...given })
    })
  }

  /** Tells it to end, and resolves when it has. */
  async end(): Promise<void> {
    if (!this.#child.connected) return
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    await ended
  }

  /** Tells it to end. */
  [Symbol.dispose](): void {
    if (this.#child.connected) this.#child.disconnect()
  }
}
