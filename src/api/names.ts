import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { fromString } from 'uint8arrays/from-string'

/** A libp2p peer id as text. */
export type PeerID = string

/** 64 hex digits: a place on a group's ring. */
export type GroupAddress = string

const GROUP_ADDRESS = /^[0-9a-f]{64}$/i

/**
 * The peer id that a caller gave as text.
 *
 * @param doing what was being done, for the error: 'block', 'add the neighbor' …
 * @throws TypeError when it is none
 */
export function parsePeerID(peerID: unknown, doing: string): PeerId {
  if (typeof peerID === 'string') {
    if (GROUP_ADDRESS.test(peerID))
      throw new TypeError(`Cannot ${doing} ${peerID}: that is a group address, give a peer id`)
    try {
      return peerIdFromString(peerID)
    } catch {}
  }
  throw new TypeError(
    `Cannot ${doing} ${JSON.stringify(peerID)}: give a peer id as text, such as "12D3KooW…"`
  )
}

/** The 32 bytes of the group address that a caller gave as text. @throws TypeError when it is none */
export function parseGroupAddress(groupAddress: unknown): Uint8Array {
  if (typeof groupAddress === 'string' && GROUP_ADDRESS.test(groupAddress))
    return fromString(groupAddress.toLowerCase(), 'base16')
  const cannot = `Cannot send to ${JSON.stringify(groupAddress)}`
  if (isPeerID(groupAddress))
    throw new TypeError(`${cannot}: that is a peer id, use sendToPeer, or convertPeerIDToGroupAddress`)
  throw new TypeError(`${cannot}: give a group address, 64 hex digits`)
}

function isPeerID(text: unknown): boolean {
  try {
    parsePeerID(text, '')
    return true
  } catch {
    return false
  }
}
