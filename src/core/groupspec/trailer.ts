// What stands behind the end marker of a groupspec: hints, rights, and the authorities' signatures. It has no say in which group
// this is, but what is not true does not parse.
import { equals } from 'uint8arrays/equals'
import type { Role } from '../errors.ts'
import { type Authority, authorityOf, isSignedGroup, KEY_BYTES } from './authority.ts'
import { decodeGrant, type Grant, verifyGrant } from './grant.ts'
import { invalidGroupspec } from './groupspec-error.ts'
import { type ByRole, OPTION_TYPE, type ReadOption, ROLES, roleOfType, SEED_TYPE } from './option.ts'

/** What the options behind the end marker say. Hints come from whoever passed on the text: nothing vouches for them. */
export interface Trailer {
  /** Ed25519 seeds of the authorities, 32 bytes: who has one has the right, and can grant it. */
  readonly seeds: ByRole<Uint8Array>
  /** Rights of single peers. Their signatures hold; whether they have ended is for `isExpired` to say. */
  readonly grants: readonly Grant[]
  /** Multiaddr bytes; no more is known than that there are some. */
  readonly relays: readonly Uint8Array[]
  /** Multiaddr bytes; no more is known than that there are some. */
  readonly bootstrapPeers: readonly Uint8Array[]
  /** address ‖ port [‖ source], see `decodeIPMulticastAddress`. */
  readonly ipMulticastAddresses: readonly Uint8Array[]
}

/** Most options of one type behind the end marker. Source: docs/PROTOCOL.md, "Groupspec". */
export const MAX_OPTIONS_PER_TYPE = 16

const SIGNATURE_OPTION_BYTES = 65
const IP_MULTICAST_BYTES = [6, 10, 18, 34]

/**
 * Says what these options mean, in whichever order and segments they came.
 *
 * @param end the size of the groupspec, for errors about what is missing
 * @throws GroupspecError when there are too many, one is of a wrong length, or one is not true of this group
 */
export function readTrailer(
  options: readonly ReadOption[],
  authorities: ByRole<Authority>,
  groupID: Uint8Array,
  end: number
): Trailer {
  const byType = countedByType(options)
  const ofType = (type: number): readonly ReadOption[] => byType.get(type) ?? []
  const trailer = {
    relays: ofType(OPTION_TYPE.relay).map(option => readAddress(option, 'relay')),
    bootstrapPeers: ofType(OPTION_TYPE.bootstrapPeer).map(option => readAddress(option, 'bootstrap peer')),
    ipMulticastAddresses: ofType(OPTION_TYPE.ipMulticastAddress).map(readIPMulticastAddress)
  }
  checkSignatures(ofType(OPTION_TYPE.signature), authorities, groupID, end)
  const seeds: { [R in Role]?: Uint8Array } = {}
  for (const role of ROLES)
    for (const option of ofType(SEED_TYPE[role])) seeds[role] = readSeed(option, role, authorities[role])
  const grants = ofType(OPTION_TYPE.grant).map(option => readGrant(option, authorities, groupID))
  return { ...trailer, seeds, grants }
}

function countedByType(options: readonly ReadOption[]): ReadonlyMap<number, ReadOption[]> {
  const byType = new Map<number, ReadOption[]>()
  for (const option of options) {
    const same = byType.get(option.type) ?? []
    if (same.push(option) > MAX_OPTIONS_PER_TYPE)
      throw invalidGroupspec(
        'option',
        option.offset,
        `more than ${MAX_OPTIONS_PER_TYPE} of type ${option.type}`
      )
    byType.set(option.type, same)
  }
  return byType
}

function readAddress({ value, offset }: ReadOption, field: string): Uint8Array {
  if (value.byteLength === 0) throw invalidGroupspec(field, offset, 'it is empty')
  return value
}

function readIPMulticastAddress({ value, offset }: ReadOption): Uint8Array {
  if (!IP_MULTICAST_BYTES.includes(value.byteLength))
    throw invalidGroupspec('IP multicast address', offset, 'it is of a wrong length')
  return value
}

/** Every signature is one of an authority of this group, and every authority has one. */
function checkSignatures(
  options: readonly ReadOption[],
  authorities: ByRole<Authority>,
  groupID: Uint8Array,
  end: number
): void {
  const signed = new Set<Role>()
  for (const { value, offset } of options) {
    if (value.byteLength !== SIGNATURE_OPTION_BYTES)
      throw invalidGroupspec('signature', offset, 'it is of a wrong length')
    const role = roleOfType(value[0] ?? 0)
    const authority = role && authorities[role]
    if (role === undefined || authority === undefined)
      throw invalidGroupspec('signature', offset, 'it belongs to no authority of this group')
    if (!isSignedGroup(value, role, groupID, authority.publicKey))
      throw invalidGroupspec('signature', offset, `it is not one of the ${role} authority under this group`)
    signed.add(role)
  }
  for (const role of ROLES)
    if (authorities[role] !== undefined && !signed.has(role))
      throw invalidGroupspec('signature', end, `that of the ${role} authority is missing`)
}

function readSeed({ value, offset }: ReadOption, role: Role, authority: Authority | undefined): Uint8Array {
  const field = `${role} authorization`
  if (value.byteLength !== KEY_BYTES) throw invalidGroupspec(field, offset, 'it is of a wrong length')
  if (authority === undefined)
    throw invalidGroupspec(field, offset, `this group has no ${role} authority it could belong to`)
  if (!equals(authorityOf(value, authority.salt).publicKey, authority.publicKey))
    throw invalidGroupspec(field, offset, `it does not belong to this group's ${role} authority`)
  return value
}

function readGrant(
  { value, offset }: ReadOption,
  authorities: ByRole<Authority>,
  groupID: Uint8Array
): Grant {
  const grant = decodeGrant(value, offset)
  const authority = authorities[grant.role]
  if (authority === undefined || !verifyGrant(grant, authority.publicKey, groupID))
    throw invalidGroupspec('grant', offset, `it was not given by this group's ${grant.role} authority`)
  return grant
}
