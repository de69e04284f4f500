// Groupspecs in the making: what GroupSpecifier collects before there is a text.
import { concat } from 'uint8arrays/concat'
import type { Capabilities, Role } from '../errors.ts'
import { type Authority, authorityOf, signGroup } from './authority.ts'
import { encodeCanonical } from './canonical.ts'
import { type Groupspec, readGroupspec } from './groupspec.ts'
import { groupIDOf } from './keys.ts'
import {
  type ByRole,
  END_MARKER,
  encodeOptions,
  OPTION_TYPE,
  type Option,
  ROLES,
  SEED_TYPE
} from './option.ts'

/** A password turned into what makes an authority of it. */
export interface AuthoritySecret {
  /** 16 bytes. */
  readonly salt: Uint8Array
  /** The Ed25519 seed that scrypt made of the password and the salt, 32 bytes. */
  readonly seed: Uint8Array
}

/** What a new groupspec is made of. */
export interface GroupspecDraft {
  /** A valid name (`nameProblem`), in NFC. */
  readonly name: string
  /** 32 random bytes, for a group that no other can meet by chance. */
  readonly uniqueTag?: Uint8Array
  readonly capabilities: Readonly<Capabilities>
  readonly secrets: ByRole<AuthoritySecret>
  /** Options for behind the end marker; their order is kept. */
  readonly hints: readonly Option[]
}

/** What capabilities a group has when nothing is said: nothing is allowed, but it may be found everywhere. */
export const DEFAULT_CAPABILITIES: Readonly<Capabilities> = Object.freeze({
  postingEnabled: false,
  routingEnabled: false,
  objectReplicationEnabled: false,
  multicastEnabled: false,
  serverChannelEnabled: true,
  ipMulticastMemberUpdatesEnabled: true,
  peerToPeerDisabled: false
})

/**
 * Makes a groupspec: T, the authorities' signatures and the hints in the first segment, all seeds in a second one.
 *
 * @throws GroupspecError when the draft breaks a rule of the format, a hint's above all
 */
export function buildGroupspec({ name, uniqueTag, capabilities, secrets, hints }: GroupspecDraft): Groupspec {
  const authorities: { [R in Role]?: Authority } = {}
  for (const role of ROLES) {
    const secret = secrets[role]
    if (secret !== undefined) authorities[role] = authorityOf(secret.seed, secret.salt)
  }
  const tag = uniqueTag === undefined ? {} : { uniqueTag }
  const canonical = encodeCanonical({ name, ...tag, capabilities, authorities })
  const groupID = groupIDOf(canonical)
  const signatures: Option[] = []
  const seeds: Option[] = []
  for (const role of ROLES) {
    const seed = secrets[role]?.seed
    if (seed === undefined) continue
    signatures.push({ type: OPTION_TYPE.signature, value: signGroup(seed, role, groupID) })
    seeds.push({ type: SEED_TYPE[role], value: seed })
  }
  const first = concat([canonical, END_MARKER, encodeOptions([...signatures, ...hints])])
  return readGroupspec(seeds.length === 0 ? [first] : [first, encodeOptions(seeds)])
}
