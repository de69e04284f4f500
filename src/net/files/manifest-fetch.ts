import { equals } from 'uint8arrays/equals'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { Manifest, pieceOf } from '../../core/files/manifest.ts'
import { invalidManifest } from '../../core/files/manifest-error.ts'
import {
  bodyBytesOf,
  decodeRoot,
  HASH_BYTES,
  type ManifestRoot,
  pieceCountOf
} from '../../core/files/manifest-root.ts'
import type { Hash } from './hash.ts'

/** How {@link ManifestFetch} is made. */
export interface ManifestFetchInit {
  readonly id: string
  readonly hash: Hash
  readonly want: (first: number, last: number) => void
  readonly have: (first: number, last: number) => void
  /** What this peer gave for the index is false; it is wanted again. */
  readonly onFalse: (index: number, bytes: number, from: string) => void
}

/** Fetches a manifest: its root, by the id, then the pieces of its body, by their hashes in the root. */
export class ManifestFetch {
  readonly #init: ManifestFetchInit
  readonly #done = Promise.withResolvers<Manifest>()
  #root: { readonly bytes: Uint8Array; readonly says: ManifestRoot } | undefined
  #body: Uint8Array = new Uint8Array(0)
  #missing = new Set<number>()

  constructor(init: ManifestFetchInit) {
    this.#init = init
    this.#done.promise.catch(() => {})
  }

  /** Rejects NetGroupError MANIFEST_INVALID when it says what cannot be. */
  get done(): Promise<Manifest> {
    return this.#done.promise
  }

  start(): void {
    this.#init.want(0, 0)
  }

  /** Takes the root or a piece. */
  async accept(index: number, bytes: Uint8Array, from: string): Promise<void> {
    const digest = await this.#init.hash(bytes)
    try {
      if (index === 0) this.#acceptRoot(bytes, digest, from)
      else this.#acceptPiece(index, bytes, digest, from)
    } catch (error) {
      this.#done.reject(error)
    }
  }

  /** What of it is here and right. */
  read(index: number): Uint8Array | undefined {
    if (index === 0) return this.#root?.bytes
    return this.#root === undefined || this.#missing.has(index) ? undefined : pieceOf(this.#body, index - 1)
  }

  #acceptRoot(bytes: Uint8Array, digest: Uint8Array, from: string): void {
    const { id, onFalse, want, have } = this.#init
    if (this.#root !== undefined) return
    if (bytesToText(digest, 'base16') !== id) {
      onFalse(0, bytes.byteLength, from)
      return
    }
    const says = decodeRoot(bytes)
    this.#root = { bytes, says }
    this.#body = new Uint8Array(bodyBytesOf(says))
    const pieces = pieceCountOf(says)
    for (let index = 1; index <= pieces; index++) this.#missing.add(index)
    have(0, 0)
    want(1, pieces)
  }

  #acceptPiece(index: number, bytes: Uint8Array, digest: Uint8Array, from: string): void {
    if (this.#root === undefined || !this.#missing.has(index)) return
    const { bytes: rootBytes, says } = this.#root
    const start = HASH_BYTES * (index - 1)
    if (!equals(digest, says.pieceHashes.subarray(start, start + HASH_BYTES))) {
      this.#init.onFalse(index, bytes.byteLength, from)
      return
    }
    const place = pieceOf(this.#body, index - 1)
    // Its hash is right, so it is the root that is not.
    if (bytes.byteLength !== place.byteLength)
      throw invalidManifest('a piece of its body is of another length')
    place.set(bytes)
    this.#missing.delete(index)
    this.#init.have(index, index)
    if (this.#missing.size === 0) this.#done.resolve(new Manifest(this.#init.id, rootBytes, says, this.#body))
  }
}
