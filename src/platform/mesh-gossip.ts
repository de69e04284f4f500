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

/** What the gossip has to be told. */
export interface MeshGossip {
  /** There is a stream again to this peer. */
  onReopened(peer: string): void
  /** This topic was left: nobody can ask for its messages any more. */
  onLeft(topic: string): void
}

/** Message ids told to one peer per heartbeat at most: gossipsub's own bound (GossipsubMaxIHaveLength). */
const MAX_IDS = 5_000

/** Heartbeats whose messages are told to mesh peers: as gossipsub tells others (GossipsubHistoryGossip). */
const RECENT_HEARTBEATS = 3

/** Heartbeats, of 1 s, for which messages are kept to be asked for: as long as a path may be dead before that is noticed (ConnectionWatch: 10 s and 5 s) and another is found. */
export const REMEMBERED_HEARTBEATS = 17

/**
 * Lets gossipsub tell mesh peers, too, at each heartbeat what messages it has. By itself it tells only others, since mesh peers got the messages whole: but a message that
 * was on a stream when that was reset, or that was posted just before a peer came into the mesh, would then be lost to that peer for ever. In a small group all are
 * mesh peers of each other, and nobody would ever tell. It costs an id (46 bytes) per message and mesh peer for three heartbeats.
 *
 * The same for fanout peers: who posts while its mesh is empty, since all have pruned it, gets some for a minute, and gossipsub tells them nothing of what others post.
 *
 * Who is new in the mesh, or has a stream again after one was lost, is told of everything since it became a neighbor, within {@link REMEMBERED_HEARTBEATS}: its path, or that of who should have
 * passed it on, may have been dead meanwhile.
 *
 * @param heartbeatsKnown for how many heartbeats a peer has been a neighbor
 */
export function gossipToMesh(service: object, heartbeatsKnown: (peer: string) => number): MeshGossip {
  const internals = service as GossipInternals
  const emitGossip = internals.emitGossip.bind(service)
  const returned = new Set<string>()
  let before = new Map<string, ReadonlySet<string>>()
  boundMemory(internals)
  internals.emitGossip = peersByTopic => {
    emitGossip(peersByTopic)
    const now = new Map<string, ReadonlySet<string>>()
    for (const [topicID, subscribers] of internals.topics) {
      const chosen = new Set([
        ...(internals.mesh.get(topicID) ?? []),
        ...(internals.fanout.get(topicID) ?? [])
      ])
      now.set(topicID, chosen)
      for (const peer of subscribers) {
        if (!internals.streamsOutbound.has(peer)) continue
        const isNew = returned.has(peer) || (chosen.has(peer) && before.get(topicID)?.has(peer) !== true)
        if (isNew) tell(internals, topicID, peer, Math.max(RECENT_HEARTBEATS, heartbeatsKnown(peer)))
        else if (chosen.has(peer)) tell(internals, topicID, peer, RECENT_HEARTBEATS)
      }
    }
    before = now
    for (const peer of returned) if (internals.streamsOutbound.has(peer)) returned.delete(peer)
  }
  return {
    onReopened(peer) {
      returned.add(peer)
      if (returned.size > MAX_IDS) returned.delete(returned.keys().next().value as string)
    },
    onLeft(topic) {
      for (const entry of internals.mcache.history.flat())
        if (entry.topic === topic) internals.mcache.remove(entry.msgIdStr)
    }
  }
}

function tell(internals: GossipInternals, topicID: string, peer: string, heartbeats: number): void {
  const { history, msgs } = internals.mcache
  const messageIDs = history
    .slice(0, heartbeats)
    .flat()
    .filter(({ topic, msgIdStr }) => topic === topicID && msgs.get(msgIdStr)?.validated === true)
    .map(({ msgId }) => msgId)
    .slice(0, MAX_IDS)
  if (messageIDs.length > 0) internals.pushGossip(peer, { topicID, messageIDs })
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
