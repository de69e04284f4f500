import { equals } from 'uint8arrays/equals'
import { NetGroupError } from '../../core/errors.ts'
import type { Manifest } from '../../core/files/manifest.ts'
import type { ChunkStore, StoreOrders } from './chunk-store.ts'
import type { FileSystem, FileTarget, PartFiles, StoredFiles } from './file-system.ts'
import type { Hash } from './hash.ts'
import { storageFailed } from './storage-failed.ts'
import { whole } from './verified-chunk.ts'

/** While a part is looked at, missing chunks are asked for once so many are known: the network need not wait for the disk. */
const WANT_AT_ONCE = 256

/** How {@link DiskStore} is made. */
export interface DiskStoreInit {
  readonly files: FileSystem
  readonly hash: Hash
  readonly path: string
  /** May it replace what stands at the target? */
  readonly overwrite: boolean
}

/**
 * A target on the disk. What is being fetched stands beside it, as `<path>.<8 digits of its id>.part`, and nothing else is written down: after a crash, what is there is hashed again.
 */
export class DiskStore implements ChunkStore {
  readonly #init: DiskStoreInit
  #manifest: Manifest | undefined
  #part: PartFiles | undefined
  #stored: StoredFiles | undefined
  #orders: StoreOrders | undefined
  #path: string

  constructor(init: DiskStoreInit) {
    this.#init = init
    this.#path = init.path
  }

  async open(manifest: Manifest, orders: StoreOrders, signal: AbortSignal): Promise<void> {
    this.#manifest = manifest
    this.#orders = orders
    const { name, isFolder } = manifest.root
    const { entries } = manifest.layout
    await this.#guarded(async () => {
      const target = await this.#init.files.openTarget({
        path: this.#init.path,
        name,
        id: manifest.id,
        isFolder,
        entries
      })
      this.#path = target.path
      if (await this.#isThere(target, signal)) return
      const part = await target.openPart()
      this.#part = part
      this.#stored = part
      if (part.isResumed) await this.#lookAtPart(signal)
      else if (manifest.root.chunkCount > 0) orders.want(0, manifest.root.chunkCount - 1)
    })
  }

  write(chunk: number, bytes: Uint8Array): Promise<void> | undefined {
    const { manifest, orders } = this.#looking
    const part = this.#part
    if (part === undefined) return undefined
    const { entry, offset } = manifest.layout.placeOf(chunk)
    const written = this.#orFailed(() => part.write(entry, offset, bytes))
    if (written !== undefined) return this.#guarded(() => written).then(() => orders.have(chunk, chunk))
    orders.have(chunk, chunk)
    return undefined
  }

  read(chunk: number): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const stored = this.#stored
    if (stored === undefined || this.#manifest === undefined) return undefined
    const { entry, offset, length } = this.#manifest.layout.placeOf(chunk)
    return whole(stored.read(entry, offset, length), length)
  }

  async finish(): Promise<void> {
    // Without a part all was there before.
    await this.#guarded(async () => this.#part?.finish())
  }

  async close(): Promise<void> {
    const stored = this.#stored
    this.#stored = undefined
    await stored?.close()
  }

  /** Stands all of it at its place already? */
  async #isThere(target: FileTarget, signal: AbortSignal): Promise<boolean> {
    const existing = await target.existing()
    if (existing === 'nothing') return false
    if (existing !== 'other') {
      this.#stored = existing
      if (await this.#isWhole(signal)) return true
      await this.close()
    }
    if (this.#init.overwrite) return false
    throw new NetGroupError(
      'FILE_EXISTS',
      `Cannot fetch to ${target.path}: something else is there. Fetch to another path, or with overwrite`,
      { path: target.path }
    )
  }

  async #isWhole(signal: AbortSignal): Promise<boolean> {
    const { root, orders } = this.#looking
    for (let chunk = 0; chunk < root.chunkCount; chunk++)
      if ((await this.#rightBytes(chunk, orders, signal)) === undefined) return false
    if (root.chunkCount > 0) orders.have(0, root.chunkCount - 1)
    orders.onFound(root.totalBytes)
    return true
  }

  async #lookAtPart(signal: AbortSignal): Promise<void> {
    const { root, orders } = this.#looking
    /** The first of those that are wrong, up to the one looked at. */
    let first = 0
    for (let chunk = 0; chunk < root.chunkCount; chunk++) {
      const bytes = await this.#rightBytes(chunk, orders, signal)
      if (bytes === undefined && chunk - first < WANT_AT_ONCE) continue
      const end = bytes === undefined ? chunk : chunk - 1
      if (first <= end) orders.want(first, end)
      first = chunk + 1
      if (bytes === undefined) continue
      orders.have(chunk, chunk)
      orders.onFound(bytes.byteLength)
    }
    if (first < root.chunkCount) orders.want(first, root.chunkCount - 1)
  }

  /** The chunk, if it is the one that it should be. */
  async #rightBytes(
    chunk: number,
    orders: StoreOrders,
    signal: AbortSignal
  ): Promise<Uint8Array | undefined> {
    signal.throwIfAborted()
    const bytes = await this.read(chunk)
    if (bytes === undefined) return undefined
    orders.onChecked(bytes.byteLength)
    const isRight = equals(await this.#init.hash(bytes), this.#looking.manifest.hashOf(chunk))
    return isRight ? bytes : undefined
  }

  get #looking(): { manifest: Manifest; root: Manifest['root']; orders: StoreOrders } {
    const [manifest, orders] = [this.#manifest, this.#orders]
    if (manifest === undefined || orders === undefined) throw new Error('The store is not open')
    return { manifest, root: manifest.root, orders }
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw storageFailed(error, 'write', this.#path)
    }
  }

  /** The same of what is done at once. */
  #orFailed<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw storageFailed(error, 'write', this.#path)
    }
  }
}
