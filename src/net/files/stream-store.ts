import type { Manifest } from '../../core/files/manifest.ts'
import { invalidManifest } from '../../core/files/manifest-error.ts'
import { MAX_CHUNKS_KEPT, MAX_CHUNKS_UNDER_WAY } from '../../wire/limits.ts'
import type { ChunkStore, StoreOrders } from './chunk-store.ts'

/**
 * A stream that reads along: chunks are asked for in a window ahead of it, at its pace, and go into it in order. The last ones are kept for others.
 */
export class StreamStore implements ChunkStore {
  readonly failed: Promise<never>
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  readonly #chunks = new Map<number, Uint8Array>()
  readonly #drained = Promise.withResolvers<void>()
  #orders: StoreOrders | undefined
  #count = 0
  /** The next one for the reader. */
  #next = 0
  /** Asked for up to here, without the end. */
  #wanted = 0
  #isWriting = false

  /** @throws TypeError when the stream has a writer already */
  constructor(sink: WritableStream<Uint8Array>) {
    this.#writer = sink.getWriter()
    this.failed = this.#writer.closed.then(() => new Promise<never>(() => {}))
    this.failed.catch(() => {})
  }

  async open(manifest: Manifest, orders: StoreOrders): Promise<void> {
    if (manifest.root.isFolder)
      throw new TypeError(`Cannot fetch ${manifest.root.name} into a stream: it is a folder; give { path }`)
    if (manifest.layout.entries.length !== 1) throw invalidManifest('it is not one file')
    this.#orders = orders
    this.#count = manifest.root.chunkCount
    if (this.#count === 0) this.#drained.resolve()
    this.#wantMore()
  }

  async write(chunk: number, bytes: Uint8Array): Promise<void> {
    this.#chunks.set(chunk, bytes)
    this.#orders?.have(chunk, chunk)
    // Why it could not be written, `failed` says.
    this.#pump().catch(() => {})
  }

  async read(chunk: number): Promise<Uint8Array | undefined> {
    return this.#chunks.get(chunk)
  }

  async finish(): Promise<void> {
    await this.#drained.promise
    await this.#writer.close()
    this.#writer.releaseLock()
  }

  async close(reason: unknown): Promise<void> {
    this.#chunks.clear()
    if (reason === undefined) return
    // Not waited for: it takes as long as the reader takes for what it was given last, and that may be for ever.
    this.#writer.abort(reason).catch(() => {})
    this.#writer.releaseLock()
  }

  /** Hands on what is next, one at a time, as the reader takes it. */
  async #pump(): Promise<void> {
    if (this.#isWriting) return
    this.#isWriting = true
    for (
      let bytes = this.#chunks.get(this.#next);
      bytes !== undefined;
      bytes = this.#chunks.get(this.#next)
    ) {
      // A copy: what the reader does with its bytes is its own matter.
      await this.#writer.write(bytes.slice())
      this.#next += 1
      this.#forgetOld()
      this.#wantMore()
    }
    this.#isWriting = false
    if (this.#next === this.#count) this.#drained.resolve()
  }

  #wantMore(): void {
    const end = Math.min(this.#count, this.#next + MAX_CHUNKS_UNDER_WAY)
    if (end <= this.#wanted) return
    this.#orders?.want(this.#wanted, end - 1)
    this.#wanted = end
  }

  #forgetOld(): void {
    const old = this.#next - 1 - MAX_CHUNKS_KEPT
    if (old < 0 || !this.#chunks.delete(old)) return
    this.#orders?.forget(old, old)
  }
}
