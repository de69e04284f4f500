// Authorities: the keys in a groupspec's canonical part that say who may post or publish, and how a password becomes one.
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { label } from '../../shared/bytes.ts'
import type { Role } from '../errors.ts'
import { AUTHORITY_TYPE } from './option.ts'

/** Who decides about a role: whoever has the password that, with this salt, gives the key's seed. */
export interface Authority {
  /** {@link SALT_BYTES} bytes, no secret. */
  readonly salt: Uint8Array
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
}

/** Bytes of an authority's salt. */
export const SALT_BYTES = 16

/** Bytes of an Ed25519 seed, and of a public key. */
export const KEY_BYTES = 32

/**
 * What scrypt is run with to make a seed: seed = scrypt(passwordBytes(password), salt, these). 32 MiB and a few tenths of a
 * second, which is what a guess costs whoever holds the groupspec. Source: docs/PROTOCOL.md, "Groupspec".
 */
export const SCRYPT_PARAMETERS: {
  readonly N: number
  readonly r: number
  readonly p: number
  readonly dkLen: number
} = { N: 2 ** 15, r: 8, p: 3, dkLen: KEY_BYTES }

/** What of a password goes into scrypt: NFKC, so that it may be typed on any keyboard, as UTF-8. */
export function passwordBytes(password: string): Uint8Array {
  return fromString(password.normalize('NFKC'), 'utf8')
}

/** The salt that a name and a role give, so that two people who know name and password get the same group. */
export function defaultSalt(role: Role, name: string): Uint8Array {
  const nameBytes = fromString(name.normalize('NFC'), 'utf8')
  const hash = sha256(concat([label('netgroup/3 salt'), Uint8Array.of(AUTHORITY_TYPE[role]), nameBytes]))
  return hash.subarray(0, SALT_BYTES)
}

/** The authority whose seed this is. */
export function authorityOf(seed: Uint8Array, salt: Uint8Array): Authority {
  return { salt, publicKey: ed25519.getPublicKey(seed) }
}

/**
 * Is this the canonical encoding of a point of the prime-order subgroup, other than its neutral element? All implementations
 * of Ed25519 agree on signatures by such keys, and only on these.
 */
export function isPrimeOrderKey(publicKey: Uint8Array): boolean {
  try {
    const point = ed25519.Point.fromBytes(publicKey, false)
    return !point.is0() && point.isTorsionFree()
  } catch {
    return false
  }
}

/**
 * Is this signature of the message by this key? RFC 8032 as @noble/curves has it with `zip215: false`: canonical encodings
 * only, no keys of small order, the equation multiplied by the cofactor. Never throws.
 */
export function verifySignature(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.byteLength !== 64 || publicKey.byteLength !== KEY_BYTES) return false
  return ed25519.verify(signature, message, publicKey, { zip215: false })
}

/** An authority's signature under the groupspec that names it: role 1 ‖ signature 64, the value of its option. */
export function signGroup(seed: Uint8Array, role: Role, groupID: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(AUTHORITY_TYPE[role]), ed25519.sign(signedByAuthority(role, groupID), seed)])
}

/** Did this authority sign this group? `value` is role 1 ‖ signature 64. */
export function isSignedGroup(
  value: Uint8Array,
  role: Role,
  groupID: Uint8Array,
  publicKey: Uint8Array
): boolean {
  if (value[0] !== AUTHORITY_TYPE[role]) return false
  return verifySignature(value.subarray(1), signedByAuthority(role, groupID), publicKey)
}

function signedByAuthority(role: Role, groupID: Uint8Array): Uint8Array {
  return concat([label('netgroup/3 groupspec'), Uint8Array.of(AUTHORITY_TYPE[role]), groupID])
}
