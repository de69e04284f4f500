import type { NetGroup } from 'netgroup'
import { usageError } from './exit-codes.ts'
import type { NamesHeard } from './names-heard.ts'
import { shortPeer } from './posted-value.ts'
import { sanitize } from './sanitize.ts'

/**
 * The peer that a word in a chat means: a whole peer id, the name it was heard with, or the beginning or end of its id, where that is a neighbor's or was heard of.
 *
 * @throws a usage error when it means nobody, or several
 */
export function peerOfWord(word: string, group: NetGroup, names: NamesHeard): string {
  const known = [...new Set([...group.neighbors.map(({ peerID }) => peerID), ...names.all.keys()])]
  const named = known.filter(peerID => names.nameOf(peerID) === word)
  const meant = named.length > 0 ? named : known.filter(peerID => isPartOf(word, peerID))
  const [peerID, another] = meant
  if (another !== undefined)
    throw usageError(`${sanitize(word)} may be ${meant.map(shortPeer).join(' or ')}: give its id`)
  if (peerID !== undefined) return peerID
  if (isPeerID(word, group)) return word
  throw usageError(`nobody here is called ${sanitize(word)}: /who lists who is`)
}

function isPartOf(word: string, peerID: string): boolean {
  return peerID.startsWith(word) || peerID.endsWith(word)
}

function isPeerID(word: string, group: NetGroup): boolean {
  try {
    group.convertPeerIDToGroupAddress(word)
    return true
  } catch {
    return false
  }
}
