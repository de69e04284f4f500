import { MAX_REMEMBERED_POST_BYTES } from '../wire/limits.ts'

/** A message in gossipsub's cache. */
interface CacheEntry {
  readonly msgId: Uint8Array
  readonly msgIdStr: string
  readonly topic: string
}

/** Parts of gossipsub that are not in its public type. Seen in @libp2p/gossipsub 17.1.1. */
interface GossipInternals {
  readonly mesh: ReadonlyMap<string, ReadonlySet<string>>
  readonly fanout: ReadonlyMap<string, ReadonlySet<string>>
  readonly topics: ReadonlyMap<string, ReadonlySet<string>>
  readonly streamsOutbound: ReadonlyMap<string, unknown>
  readonly mcache: {
    /** By heartbeats ago. */
    readonly history: readonly CacheEntry[][]
    readonly msgs: ReadonlyMap<
      string,
      { readonly message: { readonly data?: Uint8Array }; readonly validated: boolean }
    >
    put(id: object, message: { readonly data?: Uint8Array }, validated?: boolean): boolean
    remove(msgId: string): unknown
  }
  emitGossip(peersByTopic: Map<string, Set<string>>): void
  pushGossip(peer: string, ihave: { topicID: string; messageIDs: Uint8Array[] }): void
}

/** Message ids told to one peer per heartbeat at most: gossipsub's own bound (GossipsubMaxIHaveLength). */
const MAX_IDS = 5_000

/** Heartbeats whose messages are told to mesh peers: as gossipsub tells others (GossipsubHistoryGossip). */
const RECENT_HEARTBEATS = 3

/** Heartbeats, of 1 s, for which messages are kept to be asked for: as long as a path may be dead before that is noticed (libp2p's connection monitor: 10 s and 5 s) and another is found. */
export const REMEMBERED_HEARTBEATS = 20

/**
 * Lets gossipsub tell mesh peers, too, at each heartbeat what messages it has. By itself it tells only others, since mesh peers got the messages whole: but a message that
 * was on a stream when that was reset, or that was posted just before a peer came into the mesh, would then be lost to that peer for ever. In a small group all are
 * mesh peers of each other, and nobody would ever tell. It costs an id (46 bytes) per message and mesh peer for three heartbeats.
 *
 * The same for fanout peers: who posts while its mesh is empty, since all have pruned it, gets some for a minute, and gossipsub tells them nothing of what others post.
 *
 * @returns tells a peer, as soon as there is a stream to it, of everything since then: for one that stayed a neighbor while its path was dead
 */
export function gossipToMesh(service: object): (peer: string, sinceHeartbeats: number) => void {
  const internals = service as GossipInternals
  const emitGossip = internals.emitGossip.bind(service)
  const returned = new Map<string, number>()
  boundMemory(internals)
  internals.emitGossip = peersByTopic => {
    emitGossip(peersByTopic)
    for (const [topicID, peers] of internals.mesh)
      tell(internals, topicID, [...peers, ...(internals.fanout.get(topicID) ?? [])], RECENT_HEARTBEATS)
    for (const [peer, heartbeats] of returned) {
      if (!internals.streamsOutbound.has(peer)) continue
      returned.delete(peer)
      for (const [topicID, peers] of internals.topics)
        if (peers.has(peer)) tell(internals, topicID, [peer], heartbeats)
    }
  }
  return (peer, sinceHeartbeats) => {
    returned.delete(peer)
    returned.set(peer, Math.min(sinceHeartbeats, REMEMBERED_HEARTBEATS))
    if (returned.size > MAX_IDS) returned.delete(returned.keys().next().value as string)
  }
}

function tell(
  internals: GossipInternals,
  topicID: string,
  peers: Iterable<string>,
  heartbeats: number
): void {
  const { history, msgs } = internals.mcache
  const messageIDs = history
    .slice(0, heartbeats)
    .flat()
    .filter(({ topic, msgIdStr }) => topic === topicID && msgs.get(msgIdStr)?.validated === true)
    .map(({ msgId }) => msgId)
    .slice(-MAX_IDS)
  if (messageIDs.length > 0) for (const peer of peers) internals.pushGossip(peer, { topicID, messageIDs })
}

/** Forgets the oldest messages when those that are kept take too much room: gossipsub bounds them by time alone. */
function boundMemory({ mcache }: GossipInternals): void {
  const put = mcache.put.bind(mcache)
  const sizes = new Map<string, number>()
  let total = 0
  mcache.put = (id, message, validated) => {
    const isNew = put(id, message, validated)
    const size = message.data?.byteLength ?? 0
    const key = (id as CacheEntry).msgIdStr
    if (isNew) {
      sizes.set(key, size)
      total += size
    }
    for (const [oldest, bytes] of sizes) {
      // What gossipsub has forgotten by itself goes too.
      if (mcache.msgs.has(oldest) && (total <= MAX_REMEMBERED_POST_BYTES || oldest === key)) break
      mcache.remove(oldest)
      sizes.delete(oldest)
      total -= bytes
    }
    return isNew
  }
}
