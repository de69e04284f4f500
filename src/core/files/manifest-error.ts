import { NetGroupError } from '../errors.ts'

/** A manifest that says what cannot be. @param reason the rest of the sentence "its manifest is refused: …" */
export function invalidManifest(reason: string, cause?: unknown): NetGroupError<'MANIFEST_INVALID'> {
  return new NetGroupError(
    'MANIFEST_INVALID',
    `Cannot fetch the file: its manifest is refused: ${reason}`,
    { reason },
    cause === undefined ? undefined : { cause }
  )
}
