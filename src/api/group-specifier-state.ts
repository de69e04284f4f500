import { equals } from 'uint8arrays/equals'
import type { Capabilities, Role } from '../core/errors.ts'
import { defaultSalt, passwordBytes, SALT_BYTES, SCRYPT_PARAMETERS } from '../core/groupspec/authority.ts'
import { UNIQUE_TAG_BYTES } from '../core/groupspec/canonical.ts'
import {
  type AuthoritySecret,
  buildGroupspec,
  DEFAULT_CAPABILITIES,
  type GroupspecDraft
} from '../core/groupspec/draft.ts'
import { extendGroupspec, type Groupspec } from '../core/groupspec/groupspec.ts'
import { encodeOptions, type Option } from '../core/groupspec/option.ts'
import { MAX_OPTIONS_PER_TYPE } from '../core/groupspec/trailer.ts'
import { checkPassword } from './group-specifier-arguments.ts'

/**
 * Most bytes of options that an address may be added to: leaves room, within the 8,192 of a groupspec, for its canonical part and
 * grants appended later. Source: half of the groupspec.
 */
export const MAX_HINT_BYTES = 4_096

/** The seed that a password gives with this salt. Takes a few tenths of a second, in slices that let other work pass. */
export async function deriveSeed(password: string, salt: Uint8Array): Promise<Uint8Array> {
  // Loaded with the first password: most pages need none.
  const { scryptAsync } = await import('@noble/hashes/scrypt.js')
  return await scryptAsync(passwordBytes(password), salt, SCRYPT_PARAMETERS)
}

/**
 * What a GroupSpecifier holds: a draft, from which the groupspec is built when it is asked for; or a groupspec that was parsed, to
 * which only hints and rights can be added. While a password is being set it is neither.
 */
export class GroupSpecifierState {
  /** What was collected; absent when parsed, since then the canonical part is fixed. */
  #draft: GroupspecDraft | undefined
  /** Parsed, or built from the draft as it is now. */
  #spec: Groupspec | undefined
  /** The latest attempt to set the password of a role, until it succeeds. */
  readonly #unset = new Map<Role, symbol>()

  /** @param from a valid name for a new group, or what was parsed */
  constructor(from: string | Groupspec) {
    if (typeof from === 'string')
      this.#draft = { name: from, capabilities: DEFAULT_CAPABILITIES, secrets: {}, hints: [] }
    else this.#spec = from
  }

  get isParsed(): boolean {
    return this.#draft === undefined
  }

  get capabilities(): Readonly<Capabilities> {
    return (this.#draft ?? this.current).capabilities
  }

  /** The groupspec as it is now. @throws TypeError while a password is not set yet. */
  get current(): Groupspec {
    const [role] = this.#unset.keys()
    if (role !== undefined) {
      const call = role === 'posting' ? 'setPostingPassword' : 'setPublishPassword'
      throw new TypeError(
        `Cannot use the groupspec of group "${this.#draft?.name}": await ${call}() first, and let it succeed`
      )
    }
    this.#spec ??= buildGroupspec(this.#writable('build it'))
    return this.#spec
  }

  /** @throws TypeError when parsed, or for no boolean */
  setCapability(capability: keyof Capabilities, isOn: boolean): void {
    const draft = this.#writable(`set ${capability}`)
    if (typeof isOn !== 'boolean')
      throw new TypeError(`Cannot set ${capability} to ${String(isOn)}: give a boolean`)
    this.#change({ ...draft, capabilities: { ...draft.capabilities, [capability]: isOn } })
  }

  /** @throws TypeError when parsed */
  makeUnique(): void {
    const draft = this.#writable('make it unique')
    this.#change({ ...draft, uniqueTag: randomBytes(UNIQUE_TAG_BYTES) })
  }

  /** From the call until a password (or `null`) is set, `current` throws; a later call for the role overtakes an earlier one. */
  async setPassword(role: Role, password: string | null, salt?: Uint8Array): Promise<void> {
    const { name, uniqueTag } = this.#writable(`set its ${role} password`)
    const attempt = Symbol(role)
    this.#unset.set(role, attempt)
    checkPassword(role, password, salt)
    const ownSalt = uniqueTag === undefined ? defaultSalt(role, name) : randomBytes(SALT_BYTES)
    const usedSalt = salt?.slice() ?? ownSalt
    const secret =
      password === null ? undefined : { salt: usedSalt, seed: await deriveSeed(password, usedSalt) }
    if (this.#unset.get(role) !== attempt) return
    const draft = this.#writable(`set its ${role} password`)
    this.#change({ ...draft, secrets: withSecret(draft.secrets, role, secret) })
    this.#unset.delete(role)
  }

  /** Adds an address unless it is there. @throws RangeError beyond 16 of a kind, or {@link MAX_HINT_BYTES} */
  addHint(hint: Option): void {
    const options = this.#draft?.hints ?? this.current.segments.flat()
    const same = options.filter(({ type }) => type === hint.type)
    if (same.some(({ value }) => equals(value, hint.value))) return
    if (same.length >= MAX_OPTIONS_PER_TYPE)
      throw new RangeError(`Cannot add an address: a groupspec holds ${MAX_OPTIONS_PER_TYPE} of a kind`)
    if (encodeOptions([...options, hint]).byteLength > MAX_HINT_BYTES)
      throw new RangeError(
        `Cannot add an address: the groupspec would hold more than ${MAX_HINT_BYTES} bytes of them`
      )
    if (this.#draft === undefined) this.extend(hint)
    else this.#change({ ...this.#draft, hints: [...this.#draft.hints, hint] })
  }

  /** Adds a hint or a right to a parsed groupspec. @throws GroupspecError when it does not belong there */
  extend(option: Option): void {
    this.#spec = extendGroupspec(this.current, [option])
  }

  #writable(what: string): GroupspecDraft {
    if (this.#draft !== undefined) return this.#draft
    throw new TypeError(
      `Cannot ${what}: group "${this.#spec?.name}" was parsed, and this would make another: use a new GroupSpecifier`
    )
  }

  #change(draft: GroupspecDraft): void {
    this.#draft = draft
    this.#spec = undefined
  }
}

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}

function withSecret(
  secrets: GroupspecDraft['secrets'],
  role: Role,
  secret: AuthoritySecret | undefined
): GroupspecDraft['secrets'] {
  const { [role]: _, ...others } = secrets
  return secret === undefined ? others : { ...others, [role]: secret }
}
