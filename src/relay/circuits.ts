import { RELAY_V2_HOP_CODEC, RELAY_V2_STOP_CODEC } from '@libp2p/circuit-relay-v2'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'

type Node = Pick<Libp2p, 'getConnections'>

/** Relayed connections that pass through this node: each has one stream on which it was opened towards its destination. */
export function circuitsThrough(libp2p: Node): number {
  return streamsOf(libp2p.getConnections(), RELAY_V2_STOP_CODEC)
}

/**
 * Relayed connections that a peer has through this node, as source (hop streams, a request for one under way included) and as destination
 * (stop streams).
 */
export function circuitsOf(libp2p: Node, peerID: PeerId): number {
  const connections = libp2p.getConnections(peerID)
  return streamsOf(connections, RELAY_V2_HOP_CODEC) + streamsOf(connections, RELAY_V2_STOP_CODEC)
}

function streamsOf(connections: Connection[], protocol: string): number {
  return connections
    .flatMap(connection => connection.streams)
    .filter(stream => stream.protocol === protocol && stream.status === 'open').length
}
