// What a group is called, and the keys its members share: all of it follows from the canonical part of its groupspec.
import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToText } from 'uint8arrays/to-string'

/** The names under which a group's members meet, and the keys that only they have. */
export interface GroupKeys {
  /** 32 bytes: which group this is. */
  readonly groupID: Uint8Array
  /** gossipsub's topic. */
  readonly topic: string
  /** The namespace at rendezvous servers. */
  readonly rendezvousNamespace: string
  /** The mDNS service name. It keeps groups apart; it hides nothing on the link. */
  readonly mdnsService: string
  /** 32 bytes: proves membership in the handshake of neighbor links. */
  readonly linkKey: Uint8Array
  /** 32 bytes: encrypts posts. */
  readonly contentKey: Uint8Array
}

/** The id of the group whose groupspec has this canonical part: H(H(T)), 32 bytes. */
export function groupIDOf(canonical: Uint8Array): Uint8Array {
  return sha256(sha256(canonical))
}

/** Derives a group's names and keys: HKDF-SHA-256 over T with salt `netgroup/3`, the label in plain ASCII as info. */
export function deriveKeys(canonical: Uint8Array): GroupKeys {
  const secret = extract(sha256, canonical, fromString('netgroup/3', 'ascii'))
  const derive = (name: string, bytes: number) => expand(sha256, secret, fromString(name, 'ascii'), bytes)
  const opaque = (name: string, bytes: number) => bytesToText(derive(name, bytes), 'base32')
  return {
    groupID: groupIDOf(canonical),
    topic: `/netgroup/3/${opaque('topic', 20)}`,
    rendezvousNamespace: `netgroup/3/${opaque('rendezvous', 20)}`,
    mdnsService: `_ng-${opaque('mdns', 7)}._udp.local`,
    linkKey: derive('link', 32),
    contentKey: derive('content', 32)
  }
}

/** The place of a peer on this group's ring: H(groupID ‖ pid), 32 bytes. */
export function groupAddressOf(groupID: Uint8Array, peerIDBytes: Uint8Array): Uint8Array {
  return sha256(concat([groupID, peerIDBytes]))
}
