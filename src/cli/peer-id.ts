import { peerIdFromString } from '@libp2p/peer-id'
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
