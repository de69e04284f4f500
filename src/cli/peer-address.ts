import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { usageError } from './exit-codes.ts'

/**
 * Is this text a peer id?
 *
 * @param what - what the command line calls it
 * @throws CommandError (usage) when it is not
 */
export function requirePeerID(what: string, text: string): void {
  try {
    peerIdFromString(text)
  } catch {
    throw usageError(`${what} "${text}" is not a peer id (12D3KooW…)`)
  }
}

/**
 * Is this text a multiaddr?
 *
 * @param what - what the command line calls it
 * @throws CommandError (usage) when it is not
 */
export function requireMultiaddr(what: string, text: string): void {
  try {
    if (multiaddr(text).getComponents().length > 0) return
  } catch {
    // Told below, like the empty one.
  }
  throw usageError(`${what} "${text}" is not a multiaddr (/ip4/…/tcp/…, /dns4/…/tcp/…)`)
}
