import { peerIdFromMultihash } from '@libp2p/peer-id'
import { digest } from 'multiformats'
import { toString as bytesToText } from 'uint8arrays/to-string'
import type { Capabilities, Role } from '../core/errors.ts'
import type { Groupspec } from '../core/groupspec/groupspec.ts'
import { decodeIPMulticastAddress } from '../core/groupspec/ip-multicast-address.ts'
import { OPTION_TYPE, ROLES, SEED_TYPE } from '../core/groupspec/option.ts'
import { multiaddrOf } from '../net/addresses.ts'
import type { PeerID } from './names.ts'

/** A right that a groupspec carries. */
export interface GroupRight {
  readonly role: Role
  /** `'authorization'`: of whoever holds the text, to grant it to others too. `'grant'`: of one peer. */
  readonly kind: 'authorization' | 'grant'
  /** Whose grant it is. */
  readonly peerID?: PeerID
  /** When the grant ends; absent: never. */
  readonly expires?: Date
}

/** All that a groupspec says, in words and numbers. Relays and addresses are hints of whoever passed it on. */
export interface GroupDescription {
  readonly name: string
  /** 64 hex digits. */
  readonly groupID: string
  readonly isUnique: boolean
  readonly capabilities: Readonly<Capabilities>
  /** What needs a password. */
  readonly passwords: readonly Role[]
  readonly rights: readonly GroupRight[]
  /** Multiaddrs; one that cannot be read is told as `0x…`. */
  readonly relays: readonly string[]
  readonly bootstrapPeers: readonly string[]
  readonly ipMulticastAddresses: readonly string[]
  /** Options behind the end marker that this version does not know. */
  readonly unknownOptions: readonly { readonly type: number; readonly bytes: number }[]
}

const KNOWN = new Set<number>([...Object.values(OPTION_TYPE), ...Object.values(SEED_TYPE)])

/** Says what stands in a groupspec. */
export function describeGroupspec(spec: Groupspec): GroupDescription {
  return {
    name: spec.name,
    groupID: bytesToText(spec.groupID, 'base16'),
    isUnique: spec.isUnique,
    capabilities: { ...spec.capabilities },
    passwords: ROLES.filter(role => spec.authorities[role] !== undefined),
    rights: rightsIn(spec),
    relays: spec.relays.map(addressText),
    bootstrapPeers: spec.bootstrapPeers.map(addressText),
    ipMulticastAddresses: spec.ipMulticastAddresses.map(multicastText),
    unknownOptions: spec.segments
      .flat()
      .filter(({ type }) => !KNOWN.has(type))
      .map(({ type, value }) => ({ type, bytes: value.byteLength }))
  }
}

function rightsIn(spec: Groupspec): GroupRight[] {
  const authorizations = ROLES.filter(role => spec.seeds[role] !== undefined).map(role => ({
    role,
    kind: 'authorization' as const
  }))
  const grants = spec.grants.map(({ role, peerIDBytes, notAfterMs }) => ({
    role,
    kind: 'grant' as const,
    peerID: peerText(peerIDBytes),
    ...(notAfterMs === 0 ? {} : { expires: new Date(notAfterMs) })
  }))
  return [...authorizations, ...grants]
}

function peerText(bytes: Uint8Array): PeerID {
  try {
    return peerIdFromMultihash(digest.decode(bytes)).toString()
  } catch {
    return hex(bytes)
  }
}

function addressText(bytes: Uint8Array): string {
  return multiaddrOf(bytes)?.toString() ?? hex(bytes)
}

function multicastText(bytes: Uint8Array): string {
  const { address, port, source } = decodeIPMulticastAddress(bytes)
  const host = address.includes(':') ? `[${address}]` : address
  return `${host}:${port}${source === undefined ? '' : ` from ${source}`}`
}

function hex(bytes: Uint8Array): string {
  return `0x${bytesToText(bytes, 'base16')}`
}
