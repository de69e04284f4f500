import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'

/** A libp2p peer id as text. */
export type PeerID = string

/** 64 hex digits: a place on a group's ring. */
export type GroupAddress = string

/**
 * The peer id that a caller gave as text.
 *
 * @param doing what was being done, for the error: 'block', 'add the neighbor' …
 * @throws TypeError when it is none
 */
export function parsePeerID(peerID: unknown, doing: string): PeerId {
  if (typeof peerID === 'string') {
    if (/^[0-9a-f]{64}$/.test(peerID))
      throw new TypeError(`Cannot ${doing} ${peerID}: that is a group address, give a peer id`)
    try {
      return peerIdFromString(peerID)
    } catch {}
  }
  throw new TypeError(
    `Cannot ${doing} ${JSON.stringify(peerID)}: give a peer id as text, such as "12D3KooW…"`
  )
}
