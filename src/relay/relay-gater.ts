import type { ConnectionGater, PeerId } from '@libp2p/interface'

/** What a peer may ask of a relay: to be reached through it, to reach somebody through it, to be found in a group. */
export type RelayAction = 'reserve' | 'connect' | 'register'

/** Says whether a peer, its id as text, may do something. */
export type RelayPermission = (peerID: string, action: RelayAction) => boolean | Promise<boolean>

/** Connections of one peer at a time: one per transport and network, and some that it does not know yet to be dead (guess). */
export const MAX_CONNECTIONS_PER_PEER = 8

/** What the relay has of a peer at this moment. */
export interface PeerLoad {
  connectionsOf(peerID: PeerId): number
  /** Would a circuit more be over the limit of one of them? */
  isFull(source: PeerId, destination: PeerId): boolean
}

/** What is refused: what is over a peer's limits, and what is not allowed. A throw or a rejection of `allow` counts as no. */
export function relayGater(allow: RelayPermission | undefined, load: PeerLoad): ConnectionGater {
  const denies = async (peerID: PeerId, action: RelayAction): Promise<boolean> => {
    try {
      return allow !== undefined && !(await allow(peerID.toString(), action))
    } catch {
      return true
    }
  }
  return {
    denyInboundUpgradedConnection: peerID => load.connectionsOf(peerID) >= MAX_CONNECTIONS_PER_PEER,
    denyInboundRelayReservation: peerID => denies(peerID, 'reserve'),
    denyOutboundRelayedConnection: async (source, destination) =>
      load.isFull(source, destination) || (await denies(source, 'connect'))
  }
}
