import { type Capabilities, GroupSpecifier, isNetGroupError } from 'netgroup'
import { usageError } from './exit-codes.ts'

/** What was written where a command expects GROUP. */
export type GroupArgumentKind = 'link' | 'groupspec' | 'name'

/** A plain name's flags never change: they are the group's identity. */
const PLAIN_NAME_CAPABILITIES = { postingEnabled: true, routingEnabled: true } as const

/** Is this a link, a groupspec, or a plain name? */
export function kindOfGroup(text: string): GroupArgumentKind {
  if (text.startsWith('G:')) return 'groupspec'
  return text.includes('#G:') || /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? 'link' : 'name'
}

/**
 * The group that GROUP means.
 *
 * @param capabilities what a plain name's members may do
 * @throws CommandError (usage) that says what is wrong with it, and where
 */
export function parseGroup(
  text: string,
  capabilities: Partial<Capabilities> = PLAIN_NAME_CAPABILITIES
): GroupSpecifier {
  const kind = kindOfGroup(text)
  try {
    return kind === 'name' ? new GroupSpecifier(text, capabilities) : GroupSpecifier.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw usageError(`This is not a ${kind === 'name' ? 'group name' : kind}: ${reason}`)
  }
}

/** What a password did for a group. */
export type PasswordOutcome = 'right' | 'wrong' | 'not needed'

/**
 * Apply a posting password. To a plain name it belongs: two people with the same name and password get the same group. A link or
 * groupspec has its password already: this one gives the right to post, or is wrong; it never makes another group.
 */
export async function applyPassword(
  spec: GroupSpecifier,
  kind: GroupArgumentKind,
  password: string
): Promise<PasswordOutcome> {
  if (kind === 'name') {
    await spec.setPostingPassword(password)
    return 'right'
  }
  if (!spec.describe().passwords.includes('posting')) return 'not needed'
  try {
    await spec.authorize('posting', password)
    return 'right'
  } catch (error) {
    if (isNetGroupError(error, 'WRONG_PASSWORD')) return 'wrong'
    throw error
  }
}
