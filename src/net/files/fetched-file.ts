import { NetGroupError } from '../../core/errors.ts'
import type { Manifest } from '../../core/files/manifest.ts'
import { paceOf } from '../../shared/byte-pace.ts'
import type { ObjectSpace } from '../object-space.ts'
import type { ChunkStore, StoreOrders } from './chunk-store.ts'
import type { FileContext, FileLimits } from './file-context.ts'
import { FileServer } from './file-server.ts'
import type { FilePriority, LocalFile, PrioritizedFetch } from './group-files.ts'
import { LocalCopy } from './local-copy.ts'
import { ManifestFetch } from './manifest-fetch.ts'
import type { ProgressMeter } from './progress-meter.ts'
import { RequestBudget } from './request-budget.ts'
import { isRightChunk, verifiedObject } from './verified-chunk.ts'

/** How {@link FetchedFile} is made. */
export interface FetchedFileInit {
  readonly context: FileContext
  readonly manifestID: string
  readonly store: ChunkStore
  readonly limits: FileLimits
  readonly priority: FilePriority
  /** From its beginning on, rather than what the fewest have. */
  readonly isSequential: boolean
  readonly progress: ProgressMeter
}

/** A file or folder that is being fetched, and then is here for others. What comes is verified before it is written or offered. */
export class FetchedFile implements LocalFile, PrioritizedFetch {
  readonly priority: FilePriority
  readonly #init: FetchedFileInit
  readonly #space: ObjectSpace
  readonly #server: FileServer
  readonly #budget: RequestBudget
  readonly #manifestFetch: ManifestFetch
  readonly #ending = new AbortController()
  readonly #complete = Promise.withResolvers<void>()
  readonly #failed = Promise.withResolvers<never>()
  #manifest: Manifest | undefined
  #local: LocalCopy | undefined
  /** Chunks that are not here yet. */
  #left = Number.POSITIVE_INFINITY
  /** Is all at its place? A stream may have got all chunks, and not been read to its end. */
  #isPlaced = false
  #closing: Promise<void> | undefined

  /** Begins at once. @throws NetGroupError CLOSED when the membership has ended */
  constructor(init: FetchedFileInit) {
    const { context, limits, progress, manifestID } = init
    const { clock, hash, group } = context
    this.#init = init
    this.priority = init.priority
    this.#failed.promise.catch(() => {})
    init.store.failed?.catch(error => this.#fail(error))
    this.#space = context.open(manifestID, this.#listener)
    this.#server = new FileServer({
      space: () => this.#space,
      read: index => this.#objectAt(index),
      pace: paceOf(limits.limitUp),
      clock,
      onSent: bytes => progress.onSent(bytes)
    })
    this.#budget = new RequestBudget({
      clock,
      pace: paceOf(limits.limitDown),
      waitMs: nowMs => group.waitMs(this, nowMs),
      allow: requests => this.#space.allow(requests)
    })
    this.#manifestFetch = new ManifestFetch({
      id: manifestID,
      hash,
      want: (first, last) => this.#space.addWant(first, last),
      have: (first, last) => this.#space.addHave(first, last),
      onFalse: (index, bytes, from) => this.#onFalse(index, bytes, from)
    })
    this.#space.strategy = init.isSequential ? 'lowestFirst' : 'rarestFirst'
    group.addFetch(this)
    this.#budget.update()
  }

  /** What it is. Undefined until that has come. */
  get manifest(): Manifest {
    if (this.#manifest === undefined) throw new Error('The manifest is not here yet')
    return this.#manifest
  }

  /** Peers that have it or want it. */
  get peers(): number {
    return this.#space.peers
  }

  /**
   * Resolves when all is at its place.
   *
   * @throws (rejects) NetGroupError MANIFEST_INVALID, FILE_EXISTS, STORAGE_FAILED, CLOSED; the signal's reason; the stream's error
   */
  async run(signal: AbortSignal | undefined): Promise<void> {
    const onAbort = (): void => this.#fail(signal?.reason)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted === true) onAbort()
    try {
      await Promise.race([this.#fetch(), this.#failed.promise])
    } catch (error) {
      await this.#end(error)
      throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  onTurn(): void {
    this.#budget.update()
  }

  read(chunk: number): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    return this.#init.store.read(chunk)
  }

  /** Ends the fetch, or offers the file no more. Idempotent. */
  close(): Promise<void> {
    this.#fail(closed())
    return this.#end(this.#isPlaced ? undefined : closed())
  }

  async #fetch(): Promise<void> {
    const { context, store, progress, manifestID } = this.#init
    const { group, clock } = context
    const here = group.sharedHere(manifestID)
    if (here === undefined) this.#manifestFetch.start()
    const manifest = here?.manifest ?? (await this.#manifestFetch.done)
    if (this.#isOver) return
    this.#onManifest(manifest, here)
    await store.open(manifest, this.#orders, this.#ending.signal)
    if (this.#isOver) return
    progress.state = 'fetching'
    progress.touch()
    this.#local?.start()
    this.#checkComplete()
    await this.#complete.promise
    await store.finish()
    if (this.#isOver) return
    this.#isPlaced = true
    group.onGot(this, clock.now())
    group.removeFetch(this)
    this.#budget.close()
    this.#space.allow(Number.POSITIVE_INFINITY)
    group.addShared(this)
    progress.state = 'complete'
    progress.tell()
  }

  #onManifest(manifest: Manifest, here: LocalFile | undefined): void {
    const { progress, context } = this.#init
    this.#manifest = manifest
    this.#left = manifest.root.chunkCount
    progress.totalBytes = manifest.root.totalBytes
    progress.name = manifest.root.name
    progress.state = 'checking'
    progress.touch()
    this.#space.addHave(0, manifest.pieceCount)
    if (here === undefined) return
    this.#local = new LocalCopy({
      from: here,
      hash: context.hash,
      take: (chunk, bytes) => this.#take(chunk, bytes),
      missing: chunk => this.#want(chunk, chunk),
      fail: error => this.#fail(error)
    })
  }

  get #isOver(): boolean {
    return this.#ending.signal.aborted
  }

  readonly #orders: StoreOrders = {
    want: (first, last) => {
      if (this.#local === undefined) this.#want(first, last)
      else this.#local.want(first, last)
    },
    have: (first, last) => {
      if (this.#isOver) return
      this.#left -= last - first + 1
      const { firstChunkIndex } = this.manifest
      this.#space.addHave(firstChunkIndex + first, firstChunkIndex + last)
    },
    forget: (first, last) => {
      if (this.#isOver) return
      const { firstChunkIndex } = this.manifest
      this.#space.removeHave(firstChunkIndex + first, firstChunkIndex + last)
    },
    onChecked: () => this.#init.progress.touch(),
    onFound: bytes => {
      this.#init.progress.bytes += bytes
      this.#init.progress.touch()
    }
  }

  #want(first: number, last: number): void {
    if (this.#isOver) return
    const { firstChunkIndex } = this.manifest
    this.#space.addWant(firstChunkIndex + first, firstChunkIndex + last)
  }

  readonly #listener = {
    onSendNotify: (index: number): void => this.#budget.onAsked(index),
    onFailed: (index: number): void => this.#budget.onFailed(index),
    onResult: (index: number, bytes: Uint8Array, from: string): void => this.#accept(index, bytes, from),
    onRequest: (index: number, requestID: number): void => this.#server.onRequest(index, requestID),
    onPeers: (): void => this.#init.progress.touch(),
    onClosed: (): void => void this.close().catch(() => {})
  }

  /** Takes what has come: at once where hashing and writing are. */
  #accept(index: number, bytes: Uint8Array, from: string): void {
    this.#budget.onCome(index)
    let later: Promise<void> | undefined
    try {
      later = this.#isOver ? undefined : this.#use(index, bytes, from)
    } catch (error) {
      this.#fail(error)
    }
    if (later === undefined) this.#budget.onDone()
    else later.catch(error => this.#fail(error)).finally(() => this.#budget.onDone())
  }

  #use(index: number, bytes: Uint8Array, from: string): Promise<void> | undefined {
    const manifest = this.#manifest
    if (manifest === undefined) return this.#manifestFetch.accept(index, bytes, from)
    const chunk = index - manifest.firstChunkIndex
    if (chunk < 0) return undefined
    const verdict = isRightChunk(manifest, chunk, bytes, this.#init.context.hash)
    if (typeof verdict === 'boolean') return this.#onVerdict(verdict, chunk, bytes, from)
    return verdict.then(isRight => this.#onVerdict(isRight, chunk, bytes, from))
  }

  #onVerdict(isRight: boolean, chunk: number, bytes: Uint8Array, from: string): Promise<void> | undefined {
    if (this.#isOver) return undefined
    if (!isRight) {
      this.#onFalse(this.manifest.firstChunkIndex + chunk, bytes.byteLength, from)
      return undefined
    }
    this.#init.progress.onFetched(bytes.byteLength)
    const { group, clock } = this.#init.context
    group.onGot(this, clock.now())
    const written = this.#init.store.write(chunk, bytes)
    if (written !== undefined) return written.then(() => this.#checkComplete())
    this.#checkComplete()
    return undefined
  }

  /** A right chunk from here. */
  async #take(chunk: number, bytes: Uint8Array): Promise<void> {
    this.#init.progress.bytes += bytes.byteLength
    this.#init.progress.touch()
    await this.#init.store.write(chunk, bytes)
    this.#checkComplete()
  }

  #checkComplete(): void {
    if (this.#left === 0) this.#complete.resolve()
  }

  /** Wanted again: the engine sets its sender aside for it. */
  #onFalse(index: number, bytes: number, from: string): void {
    const { progress, context } = this.#init
    progress.rejectedBytes += bytes
    progress.touch()
    this.#space.addWant(index, index)
    context.reportFalse(from)
  }

  #objectAt(index: number): Promise<Uint8Array | undefined> | Uint8Array | undefined {
    const manifest = this.#manifest
    if (manifest === undefined) return this.#manifestFetch.read(index)
    return verifiedObject(manifest, index, chunk => this.read(chunk), this.#init.context.hash)
  }

  #fail(error: unknown): void {
    this.#failed.reject(error)
  }

  #end(reason: unknown): Promise<void> {
    this.#closing ??= this.#close(reason)
    return this.#closing
  }

  async #close(reason: unknown): Promise<void> {
    const { context, store, progress } = this.#init
    this.#ending.abort(reason)
    context.group.removeFetch(this)
    if (this.#manifest !== undefined) context.group.removeShared(this)
    this.#local?.stop()
    this.#budget.close()
    progress.close()
    this.#server.close()
    this.#space.close()
    await store.close(reason)
  }
}

function closed(): NetGroupError<'CLOSED'> {
  return new NetGroupError('CLOSED', 'Cannot fetch the file: the group was closed', {})
}
