// The canonical part of a groupspec: what makes the group the one it is. One order, each option at most once, nothing unknown.
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import type { Capabilities, Role } from '../errors.ts'
import { type Authority, isPrimeOrderKey, KEY_BYTES, SALT_BYTES } from './authority.ts'
import { decodeUTF8, nameProblem } from './group-name.ts'
import { invalidGroupspec, unsupportedGroupspec } from './groupspec-error.ts'
import {
  AUTHORITY_TYPE,
  type ByRole,
  encodeOptions,
  type Option,
  type ReadOption,
  ROLES,
  roleOfType
} from './option.ts'
import { encodeVLU, readVLU } from './vlu.ts'

/** What the canonical part says. */
export interface CanonicalPart {
  /** In Unicode normalization form C. */
  readonly name: string
  /** {@link UNIQUE_TAG_BYTES} random bytes that no other group has; absent unless the group was made unique. */
  readonly uniqueTag?: Uint8Array
  readonly capabilities: Readonly<Capabilities>
  readonly authorities: ByRole<Authority>
}

/** The version of groupspecs that this library speaks. */
export const GROUPSPEC_VERSION = 3

/** Bytes of the tag that `makeUnique` adds. */
export const UNIQUE_TAG_BYTES = 32

const VERSION = 0x7f
const NAME = 0x0e

/** The capabilities by the option that switches them on, ascending, as the canonical part has them. */
const CAPABILITY_OF_TYPE: ReadonlyMap<number, keyof Capabilities> = new Map([
  [0x00, 'routingEnabled'],
  [0x01, 'multicastEnabled'],
  [0x02, 'objectReplicationEnabled'],
  [0x03, 'postingEnabled'],
  [0x0c, 'serverChannelEnabled'],
  [0x0d, 'peerToPeerDisabled'],
  [0x1b, 'ipMulticastMemberUpdatesEnabled']
])

/** Encodes a canonical part, in the one order there is. The name must be a valid one (`nameProblem`). */
export function encodeCanonical({ name, uniqueTag, capabilities, authorities }: CanonicalPart): Uint8Array {
  const options: Option[] = [{ type: NAME, value: fromString(name, 'utf8') }]
  if (uniqueTag !== undefined) options.push({ type: NAME, value: uniqueTag })
  for (const [type, capability] of CAPABILITY_OF_TYPE)
    if (capabilities[capability]) options.push({ type, value: new Uint8Array(0) })
  for (const role of ROLES) {
    const authority = authorities[role]
    if (authority === undefined) continue
    options.push({ type: AUTHORITY_TYPE[role], value: concat([authority.salt, authority.publicKey]) })
  }
  // A stable sort: the name stays before the tag.
  options.sort((a, b) => a.type - b.type)
  return encodeOptions([{ type: VERSION, value: encodeVLU(GROUPSPEC_VERSION) }, ...options])
}

/**
 * Says what the options of a canonical part mean.
 *
 * @param end the offset of the end marker, for errors about what is missing
 * @throws GroupspecError when they break a rule; GROUPSPEC_UNSUPPORTED when they are of a later version
 */
export function readCanonical(options: readonly ReadOption[], end: number): CanonicalPart {
  const [first, ...rest] = options
  checkVersion(first)
  checkOrder(rest)
  const [name, uniqueTag] = rest.filter(({ type }) => type === NAME)
  const capabilities = readCapabilities(rest)
  return {
    name: readName(name, end),
    ...(uniqueTag === undefined ? {} : { uniqueTag: readUniqueTag(uniqueTag) }),
    capabilities,
    authorities: readAuthorities(rest)
  }
}

function checkVersion(option: ReadOption | undefined): void {
  if (option?.type !== VERSION)
    throw invalidGroupspec('version', option?.offset ?? 0, 'it does not begin with its version')
  const { value, end } = readVLU(option.value, 0, option.offset)
  if (end !== option.value.byteLength)
    throw invalidGroupspec('version', option.offset, 'it is of a wrong length')
  if (value > GROUPSPEC_VERSION) throw unsupportedGroupspec(value)
  if (value !== GROUPSPEC_VERSION)
    throw invalidGroupspec('version', option.offset, `there is no version ${value}`)
}

/** The types ascend after the version; only the name may have a second option, the unique tag, right behind it. */
function checkOrder(options: readonly ReadOption[]): void {
  let names = 0
  let previous = -1
  for (const { type, offset } of options) {
    if (type !== VERSION && type !== NAME && roleOfType(type) === undefined && !CAPABILITY_OF_TYPE.has(type))
      throw invalidGroupspec('option', offset, `type ${type} is unknown in the canonical part`)
    if (type === NAME) names++
    const isUniqueTag = type === NAME && previous === NAME && names === 2
    if (type === VERSION || (type === previous && !isUniqueTag))
      throw invalidGroupspec('option', offset, `type ${type} is repeated`)
    if (type < previous) throw invalidGroupspec('option', offset, `type ${type} is out of order`)
    previous = type
  }
}

function readCapabilities(options: readonly ReadOption[]): Readonly<Capabilities> {
  const on = new Set<keyof Capabilities>()
  for (const { type, value, offset } of options) {
    const capability = CAPABILITY_OF_TYPE.get(type)
    if (capability === undefined) continue
    if (value.byteLength !== 0) throw invalidGroupspec(capability, offset, 'it is of a wrong length')
    on.add(capability)
  }
  return Object.freeze({
    postingEnabled: on.has('postingEnabled'),
    routingEnabled: on.has('routingEnabled'),
    objectReplicationEnabled: on.has('objectReplicationEnabled'),
    multicastEnabled: on.has('multicastEnabled'),
    serverChannelEnabled: on.has('serverChannelEnabled'),
    ipMulticastMemberUpdatesEnabled: on.has('ipMulticastMemberUpdatesEnabled'),
    peerToPeerDisabled: on.has('peerToPeerDisabled')
  })
}

function readName(option: ReadOption | undefined, end: number): string {
  if (option === undefined) throw invalidGroupspec('name', end, 'it is missing')
  const name = decodeUTF8(option.value)
  const problem = name === undefined ? 'it is not UTF-8' : nameProblem(name)
  if (name === undefined || problem !== undefined)
    throw invalidGroupspec('name', option.offset, problem ?? '')
  return name
}

function readUniqueTag({ value, offset }: ReadOption): Uint8Array {
  if (value.byteLength !== UNIQUE_TAG_BYTES)
    throw invalidGroupspec('unique tag', offset, `it must be ${UNIQUE_TAG_BYTES} bytes long`)
  return value
}

function readAuthorities(options: readonly ReadOption[]): ByRole<Authority> {
  const authorities: { [R in Role]?: Authority } = {}
  for (const { type, value, offset } of options) {
    const role = roleOfType(type)
    if (role === undefined) continue
    const field = `${role} authority`
    if (value.byteLength !== SALT_BYTES + KEY_BYTES)
      throw invalidGroupspec(field, offset, 'it is of a wrong length')
    const publicKey = value.subarray(SALT_BYTES)
    if (!isPrimeOrderKey(publicKey))
      throw invalidGroupspec(field, offset, 'its key is not a point of the prime-order subgroup')
    authorities[role] = { salt: value.subarray(0, SALT_BYTES), publicKey }
  }
  return authorities
}
