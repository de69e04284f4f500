/** Parts of gossipsub that are not in its public type. Seen in @libp2p/gossipsub 17.1.1. */
interface GossipInternals {
  readonly mesh: ReadonlyMap<string, ReadonlySet<string>>
  readonly mcache: { getGossipIDs(topics: Set<string>): Map<string, Uint8Array[]> }
  emitGossip(peersByTopic: Map<string, Set<string>>): void
  pushGossip(peer: string, ihave: { topicID: string; messageIDs: Uint8Array[] }): void
}

/** Message ids told to one peer per heartbeat at most: gossipsub's own bound (GossipsubMaxIHaveLength). */
const MAX_IDS = 5_000

/**
 * Lets gossipsub tell mesh peers, too, at each heartbeat what messages it has. By itself it tells only others, since mesh peers got the messages whole: but a message that
 * was on a stream when that was reset, or that was posted just before a peer came into the mesh, would then be lost to that peer for ever. In a small group all are
 * mesh peers of each other, and nobody would ever tell. It costs an id (46 bytes) per message and mesh peer for three heartbeats.
 */
export function gossipToMesh(service: object): void {
  const internals = service as GossipInternals
  const emitGossip = internals.emitGossip.bind(service)
  internals.emitGossip = peersByTopic => {
    emitGossip(peersByTopic)
    const idsByTopic = internals.mcache.getGossipIDs(new Set(internals.mesh.keys()))
    for (const [topicID, peers] of internals.mesh) {
      const messageIDs = idsByTopic.get(topicID)?.slice(-MAX_IDS) ?? []
      if (messageIDs.length > 0) for (const peer of peers) internals.pushGossip(peer, { topicID, messageIDs })
    }
  }
}
