import { isSamePlace, type Place } from '../../shared/ring.ts'
import { MAX_ROUTING_HOPS, MAX_ROUTING_VISITED } from '../../wire/limits.ts'
import { ROUTED_ID_BYTES } from './pending-hops.ts'
import type { Travel } from './routing-engine.ts'
import { endsWith, includesEntry, lengthOf } from './trail.ts'

/** A member that a message came from or to. */
export interface LinkEnd {
  readonly place: Place
  /** Of its place, in trails. */
  readonly entry: Uint8Array
}

/**
 * What is wrong with a message as a neighbor sent it, in one word; undefined when it may be handled. What cannot be seen here: whether those who are named in it
 * have had it.
 */
export function faultOf(travel: Travel, sender: LinkEnd, receiver: LinkEnd): string | undefined {
  const { message, hops, visited, path } = travel
  if (message.id.byteLength !== ROUTED_ID_BYTES) return 'id'
  if (!Number.isInteger(hops) || hops < 1 || hops > MAX_ROUTING_HOPS) return 'hops'
  // Room is left in it for those who follow.
  const maxVisited = MAX_ROUTING_VISITED - MAX_ROUTING_HOPS + hops
  if (!isTrail(visited, maxVisited) || !includesEntry(visited, sender.entry)) return 'visited'
  if (!isTrail(path, hops) || path.byteLength === 0) return 'path'
  return isForward(travel, sender, receiver) || isReturn(travel, receiver) ? undefined : 'path'
}

function isTrail(bytes: Uint8Array, maxEntries: number): boolean {
  return Number.isInteger(lengthOf(bytes)) && lengthOf(bytes) <= maxEntries
}

/** Forward, the sender is last in the path. Nobody has it twice, except those for whom it may be. */
function isForward({ message, visited, path }: Travel, sender: LinkEnd, receiver: LinkEnd): boolean {
  if (!endsWith(path, sender.entry)) return false
  // The receiver may just have stopped to receive so: then it is handled like any other.
  return (
    message.mode === 'nearest' ||
    !includesEntry(visited, receiver.entry) ||
    isSamePlace(receiver.place, message.target)
  )
}

/** Back, the receiver is last in the path, and has had it. */
function isReturn({ visited, path }: Travel, { entry }: LinkEnd): boolean {
  return endsWith(path, entry) && includesEntry(visited, entry)
}
