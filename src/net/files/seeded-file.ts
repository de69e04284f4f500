import type { Manifest } from '../../core/files/manifest.ts'
import { paceOf } from '../../shared/byte-pace.ts'
import type { ObjectSpace } from '../object-space.ts'
import type { FileContext, FileLimits } from './file-context.ts'
import { FileServer } from './file-server.ts'
import type { FileTree } from './file-system.ts'
import type { LocalFile } from './group-files.ts'
import type { ProgressMeter } from './progress-meter.ts'
import { verifiedObject, whole } from './verified-chunk.ts'

/** How {@link SeededFile} is made. */
export interface SeededFileInit {
  readonly context: FileContext
  readonly manifest: Manifest
  readonly tree: FileTree
  readonly limits: FileLimits
  readonly progress: ProgressMeter
}

/** A file or folder that is here, and that others can have. */
export class SeededFile implements LocalFile {
  readonly manifest: Manifest
  readonly #init: SeededFileInit
  readonly #space: ObjectSpace
  readonly #server: FileServer
  #closing: Promise<void> | undefined

  /** Offers it at once. @throws NetGroupError CLOSED when the membership has ended */
  constructor(init: SeededFileInit) {
    const { context, manifest, limits, progress } = init
    this.#init = init
    this.manifest = manifest
    this.#server = new FileServer({
      space: () => this.#space,
      read: index => verifiedObject(manifest, index, chunk => this.read(chunk), context.hash),
      pace: paceOf(limits.limitUp),
      clock: context.clock,
      onSent: bytes => progress.onSent(bytes)
    })
    this.#space = context.open(manifest.id, {
      onRequest: (index, requestID) => this.#server.onRequest(index, requestID),
      onPeers: () => progress.touch(),
      onClosed: () => void this.close().catch(() => {})
    })
    this.#space.addHave(0, manifest.pieceCount, true)
    if (manifest.root.chunkCount > 0) this.#space.addHave(manifest.firstChunkIndex, manifest.lastIndex)
    context.group.addShared(this)
  }

  get peers(): number {
    return this.#space.peers
  }

  read(chunk: number): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const { entry, offset, length } = this.manifest.layout.placeOf(chunk)
    return whole(this.#init.tree.read(entry, offset, length), length)
  }

  /** Offers it no more. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#init.context.group.removeShared(this)
    this.#init.progress.close()
    this.#server.close()
    this.#space.close()
    await this.#init.tree.close()
  }
}
