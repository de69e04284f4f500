/** A name is a file's name on every system, and the same everywhere. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** @throws TypeError for what cannot name an identity */
export function checkIdentityName(name: string): void {
  if (typeof name !== 'string' || !NAME.test(name))
    throw new TypeError(
      `Cannot load identity ${JSON.stringify(name)}: a name has 1 to 64 letters, digits, '.', '_' or '-'`
    )
}
