// The root of a manifest: small, hashed to the manifest's id. It says how long all else is, so that each claim is checked before memory is taken for it.
import { decode, encode, rfc8949EncodeOptions } from 'cborg'
import { MAX_FILE_CHUNKS, MAX_MANIFEST_ENTRIES_BYTES, MAX_OBJECT_BYTES } from '../../wire/limits.ts'
import { FILE_CHUNK_BYTES } from './file-layout.ts'
import { invalidManifest } from './manifest-error.ts'
import { fileNameProblem } from './path-rules.ts'

/** Of SHA-256, in bytes. */
export const HASH_BYTES = 32

const VERSION = 1

/** What the root says. */
export interface ManifestRoot {
  /** Of the file or folder that is shared. */
  readonly name: string
  readonly isFolder: boolean
  /** Of all files together. */
  readonly totalBytes: number
  readonly chunkCount: number
  /** How long the list of entries is in the body, in bytes; the chunks' hashes follow it. */
  readonly entriesBytes: number
  /** SHA-256 of each {@link FILE_CHUNK_BYTES} of the body, one after the other. */
  readonly pieceHashes: Uint8Array
}

/** How long the body is, in bytes. */
export function bodyBytesOf({ entriesBytes, chunkCount }: ManifestRoot): number {
  return entriesBytes + HASH_BYTES * chunkCount
}

/** In how many pieces the body comes. */
export function pieceCountOf(root: ManifestRoot): number {
  return Math.ceil(bodyBytesOf(root) / FILE_CHUNK_BYTES)
}

/** The root as bytes: the same for the same files, whoever shares them. */
export function encodeRoot(root: ManifestRoot): Uint8Array {
  return encode(
    new Map<string, unknown>([
      ['v', VERSION],
      ['name', root.name],
      ['folder', root.isFolder],
      ['bytes', root.totalBytes],
      ['chunks', root.chunkCount],
      ['entries', root.entriesBytes],
      ['pieces', root.pieceHashes]
    ]),
    rfc8949EncodeOptions
  )
}

/** Reads a root whose hash has been found right. That says who made it, not that it is true. @throws NetGroupError MANIFEST_INVALID */
export function decodeRoot(bytes: Uint8Array): ManifestRoot {
  if (bytes.byteLength > MAX_OBJECT_BYTES) throw invalidManifest(`its root takes ${bytes.byteLength} bytes`)
  const fields = readMap(bytes)
  const version = fields.get('v')
  if (version !== VERSION) throw invalidManifest(`its version is ${String(version)}, and not ${VERSION}`)
  const root: ManifestRoot = {
    name: readName(fields.get('name')),
    isFolder: readBoolean(fields.get('folder')),
    chunkCount: readCount(fields.get('chunks'), 'chunks', MAX_FILE_CHUNKS),
    totalBytes: readCount(fields.get('bytes'), 'bytes', MAX_FILE_CHUNKS * FILE_CHUNK_BYTES),
    entriesBytes: readCount(fields.get('entries'), 'bytes of entries', MAX_MANIFEST_ENTRIES_BYTES),
    pieceHashes: readHashes(fields.get('pieces'))
  }
  // The list takes a byte also when nothing is on it: without one there is no body that could come.
  if (root.entriesBytes === 0) throw invalidManifest('it has no list of files')
  if (root.totalBytes > root.chunkCount * FILE_CHUNK_BYTES || root.chunkCount > root.totalBytes)
    throw invalidManifest(`${root.totalBytes} bytes are not ${root.chunkCount} chunks`)
  if (root.pieceHashes.byteLength !== HASH_BYTES * pieceCountOf(root))
    throw invalidManifest('it has not one hash for each piece of its body')
  return root
}

function readMap(bytes: Uint8Array): ReadonlyMap<unknown, unknown> {
  let value: unknown
  try {
    value = decode(bytes, {
      strict: true,
      useMaps: true,
      allowIndefinite: false,
      allowUndefined: false,
      rejectDuplicateMapKeys: true
    })
  } catch (cause) {
    throw invalidManifest('its root cannot be read', cause)
  }
  if (!(value instanceof Map)) throw invalidManifest('its root cannot be read')
  return value
}

function readName(value: unknown): string {
  if (typeof value !== 'string') throw invalidManifest('it has no name')
  const problem = fileNameProblem(value)
  if (problem !== undefined) throw invalidManifest(problem)
  return value
}

function readBoolean(value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalidManifest('it does not say whether it is a folder')
  return value
}

function readCount(value: unknown, what: string, max: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw invalidManifest(`it does not say how many ${what} there are`)
  if (value > max) throw invalidManifest(`it claims ${value} ${what}, more than ${max}`)
  return value
}

function readHashes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw invalidManifest('it has no hashes')
  return value
}
