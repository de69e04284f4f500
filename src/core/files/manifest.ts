// What is shared, by hashes: who has a manifest's id can tell right bytes from wrong ones, whoever sends them.
//
//   id = SHA-256(root)       index 0
//   root ─► body             indices 1 … P, 64 KiB each: the entries, then the chunks' hashes
//   body ─► chunks           indices P + 1 … P + N
//
// The id is also the namespace in which all of these are objects of the group; who has everything has one range.

import { FILE_CHUNK_BYTES, type FileLayout } from './file-layout.ts'
import { decodeEntries } from './manifest-body.ts'
import { HASH_BYTES, type ManifestRoot, pieceCountOf } from './manifest-root.ts'

const MANIFEST_ID = /^[0-9a-f]{64}$/

/** Is this the id of a manifest: 64 hex digits, small letters? */
export function isManifestID(value: unknown): value is string {
  return typeof value === 'string' && MANIFEST_ID.test(value)
}

/** A manifest that was read or made, and found in order. */
export class Manifest {
  /** 64 hex digits. */
  readonly id: string
  readonly rootBytes: Uint8Array
  readonly root: ManifestRoot
  readonly body: Uint8Array
  readonly layout: FileLayout
  /** Pieces of the body. */
  readonly pieceCount: number

  /** @throws NetGroupError MANIFEST_INVALID when the body says what cannot be */
  constructor(id: string, rootBytes: Uint8Array, root: ManifestRoot, body: Uint8Array) {
    this.id = id
    this.rootBytes = rootBytes
    this.root = root
    this.body = body
    this.layout = decodeEntries(body, root)
    this.pieceCount = pieceCountOf(root)
  }

  /** The highest index of the namespace. */
  get lastIndex(): number {
    return this.pieceCount + this.root.chunkCount
  }

  /** Of chunk 0. */
  get firstChunkIndex(): number {
    return this.pieceCount + 1
  }

  /** The root, or a piece of the body. */
  objectAt(index: number): Uint8Array {
    return index === 0 ? this.rootBytes : pieceOf(this.body, index - 1)
  }

  /** The SHA-256 that a chunk has to have. */
  hashOf(chunk: number): Uint8Array {
    const start = this.root.entriesBytes + HASH_BYTES * chunk
    return this.body.subarray(start, start + HASH_BYTES)
  }
}

/** The bytes of a piece of a body. */
export function pieceOf(body: Uint8Array, piece: number): Uint8Array {
  return body.subarray(piece * FILE_CHUNK_BYTES, (piece + 1) * FILE_CHUNK_BYTES)
}
