// Grants: what gives one peer a right, without giving it the password.
import { ed25519 } from '@noble/curves/ed25519.js'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { label, lengthPrefixed, readUint64, uint64 } from '../../shared/bytes.ts'
import type { Role } from '../errors.ts'
import { verifySignature } from './authority.ts'
import { invalidGroupspec } from './groupspec-error.ts'
import { AUTHORITY_TYPE, roleOfType } from './option.ts'

/** How long a grant is good when nothing else is said, in ms: 90 days. Source: docs/PROTOCOL.md, "Groupspec". */
export const DEFAULT_GRANT_LIFETIME_MS: number = 90 * 24 * 60 * 60 * 1_000

/** The right of one peer to one role, signed by the role's authority. */
export interface Grant {
  readonly role: Role
  /** ms since 1970; good up to and including this; 0 = for ever. */
  readonly notAfterMs: number
  /** The peer's id as a multihash. */
  readonly peerIDBytes: Uint8Array
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array
  /** The whole grant as it travels. */
  readonly bytes: Uint8Array
}

/** What {@link signGrant} signs, and with what. */
export interface GrantInit {
  /** The authority's Ed25519 seed, 32 bytes. */
  readonly seed: Uint8Array
  readonly groupID: Uint8Array
  readonly role: Role
  /** ms since 1970; 0 = for ever. */
  readonly notAfterMs: number
  /** The peer's id as a multihash, 1 to 255 bytes. */
  readonly peerIDBytes: Uint8Array
}

const PEER_ID_AT = 10
const SIGNATURE_BYTES = 64

/**
 * Makes a grant: role 1 ‖ not-after 8 ‖ lp(pid) ‖ signature 64.
 *
 * @throws RangeError when `notAfterMs` is not an integer from 0 to 2^53 − 1, or the peer id not 1 to 255 bytes long
 */
export function signGrant({ seed, groupID, role, notAfterMs, peerIDBytes }: GrantInit): Uint8Array {
  if (!Number.isSafeInteger(notAfterMs) || notAfterMs < 0)
    throw new RangeError(
      `Cannot sign a grant that ends at ${notAfterMs}: give ms since 1970, or 0 for no end`
    )
  if (peerIDBytes.byteLength === 0 || peerIDBytes.byteLength > 255)
    throw new RangeError(
      `Cannot sign a grant for a peer id of ${peerIDBytes.byteLength} bytes: 1 to 255 are possible`
    )
  const signature = ed25519.sign(signedPart({ role, notAfterMs, peerIDBytes }, groupID), seed)
  const head = Uint8Array.of(AUTHORITY_TYPE[role])
  return concat([head, uint64(notAfterMs), lengthPrefixed(peerIDBytes), signature])
}

/**
 * Reads a grant; whether it is true is for {@link verifyGrant} to say. The fields are subarrays of `bytes`.
 *
 * @param offset where `bytes` began in a groupspec, for the error
 * @throws GroupspecError when the bytes are not laid out as a grant, or it ends after 2^53 − 1 ms
 */
export function decodeGrant(bytes: Uint8Array, offset = 0): Grant {
  const peerIDLength = bytes[PEER_ID_AT - 1]
  if (peerIDLength === undefined || peerIDLength === 0)
    throw invalidGroupspec('grant', offset, 'it is too short to name a peer')
  const signatureAt = PEER_ID_AT + peerIDLength
  if (bytes.byteLength !== signatureAt + SIGNATURE_BYTES)
    throw invalidGroupspec('grant', offset, `it must be ${signatureAt + SIGNATURE_BYTES} bytes long`)
  const role = roleOfType(bytes[0] ?? 0)
  if (role === undefined) throw invalidGroupspec('grant', offset, 'it is for an unknown role')
  const notAfterMs = readUint64(bytes, 1)
  // What does not fit in a number is refused, not cut: the signature covers the number that was meant.
  if (!equals(uint64(notAfterMs), bytes.subarray(1, PEER_ID_AT - 1)))
    throw invalidGroupspec('grant', offset, 'it ends later than 2^53 − 1 ms after 1970')
  const peerIDBytes = bytes.subarray(PEER_ID_AT, signatureAt)
  return { role, notAfterMs, peerIDBytes, signature: bytes.subarray(signatureAt), bytes }
}

/**
 * Did this authority give this grant in this group? A pure function of its arguments on which all members agree: RFC 8032 by
 * @noble/curves with `zip215: false` (see {@link verifySignature}). Says nothing about expiry. Never throws.
 */
export function verifyGrant(grant: Grant, authorityPublicKey: Uint8Array, groupID: Uint8Array): boolean {
  return verifySignature(grant.signature, signedPart(grant, groupID), authorityPublicKey)
}

/** Has it ended? It is good up to and including `notAfterMs`. */
export function isExpired(grant: Pick<Grant, 'notAfterMs'>, nowMs: number): boolean {
  return grant.notAfterMs !== 0 && nowMs > grant.notAfterMs
}

function signedPart(
  { role, notAfterMs, peerIDBytes }: Pick<Grant, 'role' | 'notAfterMs' | 'peerIDBytes'>,
  groupID: Uint8Array
): Uint8Array {
  const type = Uint8Array.of(AUTHORITY_TYPE[role])
  return concat([label('netgroup/3 grant'), groupID, type, uint64(notAfterMs), peerIDBytes])
}
