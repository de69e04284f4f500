import type { LocalFile } from './group-files.ts'
import type { Hash } from './hash.ts'
import { isRightChunk } from './verified-chunk.ts'

/** How {@link LocalCopy} is made. */
export interface LocalCopyInit {
  readonly from: LocalFile
  readonly hash: Hash
  /** A right chunk. */
  readonly take: (chunk: number, bytes: Uint8Array) => Promise<void>
  /** It is not to be had here any more. */
  readonly missing: (chunk: number) => void
  readonly fail: (error: unknown) => void
}

/** Takes what the same process shares in the same group, without the network: nobody is one's own neighbor. */
export class LocalCopy {
  readonly #init: LocalCopyInit
  readonly #wanted: { next: number; readonly last: number }[] = []
  #isRunning = false
  #isStarted = false
  #isStopped = false

  constructor(init: LocalCopyInit) {
    this.#init = init
  }

  want(first: number, last: number): void {
    this.#wanted.push({ next: first, last })
    if (this.#isStarted) this.#run()
  }

  /** What was wanted before waits for this. */
  start(): void {
    this.#isStarted = true
    this.#run()
  }

  stop(): void {
    this.#isStopped = true
  }

  #run(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#copy().catch(error => this.#init.fail(error))
  }

  async #copy(): Promise<void> {
    for (let range = this.#wanted[0]; range !== undefined && !this.#isStopped; range = this.#wanted[0]) {
      const chunk = range.next++
      if (range.next > range.last) this.#wanted.shift()
      const bytes = await this.#read(chunk)
      if (this.#isStopped) return
      if (bytes === undefined) this.#init.missing(chunk)
      else await this.#init.take(chunk, bytes)
    }
    this.#isRunning = false
  }

  async #read(chunk: number): Promise<Uint8Array | undefined> {
    const { from, hash } = this.#init
    const bytes = await readOf(from, chunk).catch(() => undefined)
    if (bytes === undefined) return undefined
    return (await isRightChunk(from.manifest, chunk, bytes, hash)) ? bytes : undefined
  }
}

/** What it throws at once, it rejects. */
async function readOf(from: LocalFile, chunk: number): Promise<Uint8Array | undefined> {
  return await from.read(chunk)
}
