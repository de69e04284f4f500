// What applications give to GroupSpecifier, checked: a wrong type or value is told before anything has changed.
import { peerIdFromString } from '@libp2p/peer-id'
import { isMultiaddr, type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { Role } from '../core/errors.ts'
import { SALT_BYTES } from '../core/groupspec/authority.ts'
import { DEFAULT_GRANT_LIFETIME_MS } from '../core/groupspec/grant.ts'
import { ROLES } from '../core/groupspec/option.ts'

/** @throws TypeError for what is no role. */
export function checkRole(role: Role): void {
  if (!ROLES.includes(role))
    throw new TypeError(`There is no role '${String(role)}': it is 'posting' or 'publish'`)
}

/** @throws TypeError or RangeError for a password or salt that cannot be set. */
export function checkPassword(role: Role, password: string | null, salt: Uint8Array | undefined): void {
  if (password !== null && typeof password !== 'string')
    throw new TypeError(`Cannot set the ${role} password: give it as a string, or null for none`)
  if (password === '')
    throw new RangeError(`Cannot set the ${role} password: it is empty; give null for none`)
  if (salt === undefined) return
  if (!(salt instanceof Uint8Array))
    throw new TypeError(`Cannot set the ${role} password: give the salt as a Uint8Array`)
  if (salt.byteLength !== SALT_BYTES)
    throw new RangeError(`Cannot set the ${role} password: its salt must be ${SALT_BYTES} bytes long`)
}

/** When a grant ends, in ms since 1970. @default now + {@link DEFAULT_GRANT_LIFETIME_MS} @throws TypeError, RangeError */
export function expiryMs(expires: Date | undefined): number {
  if (expires === undefined) return Date.now() + DEFAULT_GRANT_LIFETIME_MS
  if (!(expires instanceof Date)) throw new TypeError('Cannot make a grant: give expires as a Date')
  const notAfterMs = expires.getTime()
  if (Number.isNaN(notAfterMs) || notAfterMs <= 0)
    throw new RangeError('Cannot make a grant: expires is an invalid Date, or not after 1970')
  return notAfterMs
}

/** The multihash bytes of a peer id's text. @throws TypeError for what has no key behind it. */
export function parsePeerID(peerID: string): Uint8Array {
  try {
    const peer = peerIdFromString(peerID)
    if (peer.type !== 'url') return peer.toMultihash().bytes
  } catch (cause) {
    throw new TypeError(`Cannot read '${String(peerID)}': it is no peer id ('12D3KooW…')`, { cause })
  }
  throw new TypeError(
    `Cannot read '${peerID}': it is a URL's peer id, which has no key; give a peer's ('12D3KooW…')`
  )
}

/** The bytes of a multiaddr. @throws TypeError for what is none. */
export function parseMultiaddr(address: string | Multiaddr): Uint8Array {
  try {
    const { bytes } = isMultiaddr(address) ? address : multiaddr(address)
    if (bytes.byteLength > 0) return bytes
  } catch (cause) {
    throw new TypeError(`Cannot read '${String(address)}': it is no multiaddr ('/dns4/…/p2p/…')`, { cause })
  }
  throw new TypeError(`Cannot read an empty address: give a multiaddr ('/dns4/…/p2p/…')`)
}
