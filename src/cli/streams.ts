import { type GroupSpecifier, isNetGroupError } from 'netgroup'
import { CommandError, ExitCode, usageError } from './exit-codes.ts'
import type { GroupArgumentKind } from './group-argument.ts'
import { askPassword, givenPassword } from './password.ts'

/** A group that is there for streams alone. A plain name's flags never change: they are the group's identity. */
export const STREAM_CAPABILITIES = { multicastEnabled: true } as const

/** Where a publish password may come from: as posting passwords do. */
export interface PublishPasswordOptions {
  publishPassword?: string
  publishPasswordFile?: string
}

/**
 * The publish password that was given by option, file or `NETGROUP_PUBLISH_PASSWORD`; undefined when there is none.
 *
 * @throws CommandError (usage) when it is empty, cannot be read, or is given twice
 */
export async function givenPublishPassword(
  { publishPassword: password, publishPasswordFile: passwordFile }: PublishPasswordOptions,
  signal: AbortSignal
): Promise<string | undefined> {
  if (password !== undefined && passwordFile !== undefined)
    throw usageError('Give --publish-password or --publish-password-file, not both')
  if (password === '-') return askPassword('Publish password: ', signal, '--publish-password-file')
  if (password !== undefined) return givenPassword({ password }, signal)
  if (passwordFile !== undefined) return givenPassword({ passwordFile }, signal)
  return process.env['NETGROUP_PUBLISH_PASSWORD'] || undefined
}

/**
 * Apply a publish password: to a plain name's group it is given, of any other it gives the right to publish.
 *
 * @throws CommandError (not authorized) when it is wrong, (usage) when there is none to give
 */
export async function usePublishPassword(
  spec: GroupSpecifier,
  kind: GroupArgumentKind,
  password: string
): Promise<void> {
  if (kind === 'name') return await spec.setPublishPassword(password)
  if (!spec.describe().passwords.includes('publish'))
    throw usageError('This group has no publish password: leave --publish-password out')
  try {
    await spec.authorize('publish', password)
  } catch (error) {
    if (!isNetGroupError(error, 'WRONG_PASSWORD')) throw error
    throw new CommandError(
      ExitCode.NOT_AUTHORIZED,
      'WRONG_PASSWORD',
      'Wrong password: it does not give the right to publish in this group'
    )
  }
}

/** Why the library has not published or played a stream, in the command line's words: its name was typed, the right is given by option. */
export function refusedStream(error: unknown): never {
  if (error instanceof TypeError || error instanceof RangeError) throw usageError(error.message)
  if (!isNetGroupError(error, 'NOT_AUTHORIZED')) throw error
  const text =
    'Not authorized to publish: this group needs its publish password, or a grant for this identity'
  throw new CommandError(ExitCode.NOT_AUTHORIZED, 'NOT_AUTHORIZED', text)
}
