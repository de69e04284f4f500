import { equals } from 'uint8arrays/equals'
import type { Manifest } from '../../core/files/manifest.ts'
import type { Hash } from './hash.ts'

/** Are these bytes the chunk? At once where hashing is. */
export function isRightChunk(
  manifest: Manifest,
  chunk: number,
  bytes: Uint8Array,
  hash: Hash
): boolean | Promise<boolean> {
  const expected = manifest.hashOf(chunk)
  const digest = hash(bytes)
  return digest instanceof Uint8Array
    ? equals(digest, expected)
    : digest.then(later => equals(later, expected))
}

/** What was read, if it is as long as it has to be; later where it is read later. */
export function whole(
  read: Uint8Array | Promise<Uint8Array>,
  length: number
): Uint8Array | undefined | Promise<Uint8Array | undefined> {
  const checked = (bytes: Uint8Array): Uint8Array | undefined =>
    bytes.byteLength === length ? bytes : undefined
  return read instanceof Uint8Array ? checked(read) : read.then(checked)
}

/**
 * An object of a manifest's namespace as it goes to others: a file on the disk may have changed, so each chunk is looked at again. Undefined when it has. At once where reading and hashing are.
 */
export function verifiedObject(
  manifest: Manifest,
  index: number,
  read: (chunk: number) => Uint8Array | undefined | Promise<Uint8Array | undefined>,
  hash: Hash
): Uint8Array | undefined | Promise<Uint8Array | undefined> {
  if (index < manifest.firstChunkIndex) return manifest.objectAt(index)
  const chunk = index - manifest.firstChunkIndex
  const bytes = read(chunk)
  return bytes instanceof Promise
    ? bytes.then(later => verified(manifest, chunk, later, hash))
    : verified(manifest, chunk, bytes, hash)
}

function verified(
  manifest: Manifest,
  chunk: number,
  bytes: Uint8Array | undefined,
  hash: Hash
): Uint8Array | undefined | Promise<Uint8Array | undefined> {
  if (bytes === undefined) return undefined
  const verdict = isRightChunk(manifest, chunk, bytes, hash)
  if (typeof verdict === 'boolean') return verdict ? bytes : undefined
  return verdict.then(isRight => (isRight ? bytes : undefined))
}
