import { isSamePlace, type Place } from '../../shared/ring.ts'
import { MAX_ROUTING_HOPS, MAX_ROUTING_VISITED } from '../../wire/limits.ts'
import type { Travel } from './routing-engine.ts'
import { entryOf, includesEntry, lastEntry, lengthOf } from './trail.ts'

/** Bytes of a message's id. */
const ID_BYTES = 16

/** Between whom a message came. */
export interface LastLink {
  /** The sender's entry in trails. */
  readonly sender: Uint8Array
  readonly receiver: Place
}

/**
 * What is wrong with a message as a neighbor sent it, in one word; undefined when it may be handled. What cannot be seen here: whether those who are named in it
 * have had it.
 */
export function faultOf(travel: Travel, link: LastLink): string | undefined {
  const { message, hops, visited, path } = travel
  if (message.id.byteLength !== ID_BYTES) return 'id'
  if (!Number.isInteger(hops) || hops < 1 || hops > MAX_ROUTING_HOPS) return 'hops'
  // Room is left in it for those who follow.
  const maxVisited = MAX_ROUTING_VISITED - MAX_ROUTING_HOPS + hops
  if (!isTrail(visited, maxVisited) || !includesEntry(visited, link.sender)) return 'visited'
  if (!isTrail(path, hops) || path.byteLength === 0) return 'path'
  return isForward(travel, link) || isReturn(travel, link) ? undefined : 'path'
}

function isTrail(bytes: Uint8Array, maxEntries: number): boolean {
  return Number.isInteger(lengthOf(bytes)) && lengthOf(bytes) <= maxEntries
}

/** Forward, the sender is last in the path. Nobody has it twice, except those for whom it may be. */
function isForward({ message, visited, path }: Travel, { sender, receiver }: LastLink): boolean {
  if (!includesEntry(lastEntry(path), sender)) return false
  // The receiver may just have stopped to receive so: then it is handled like any other.
  return (
    message.mode === 'nearest' ||
    !includesEntry(visited, entryOf(receiver)) ||
    isSamePlace(receiver, message.target)
  )
}

/** Back, the receiver is last in the path, and has had it. */
function isReturn({ visited, path }: Travel, { receiver }: LastLink): boolean {
  const entry = entryOf(receiver)
  return includesEntry(lastEntry(path), entry) && includesEntry(visited, entry)
}
