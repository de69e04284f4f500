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

/** An object of a manifest's namespace as it goes to others: a file on the disk may have changed, so each chunk is looked at again. Undefined when it has. */
export async function verifiedObject(
  manifest: Manifest,
  index: number,
  read: (chunk: number) => Promise<Uint8Array | undefined>,
  hash: Hash
): Promise<Uint8Array | undefined> {
  if (index < manifest.firstChunkIndex) return manifest.objectAt(index)
  const chunk = index - manifest.firstChunkIndex
  const bytes = await read(chunk)
  if (bytes === undefined) return undefined
  return (await isRightChunk(manifest, chunk, bytes, hash)) ? bytes : undefined
}
