import type { ConnectionGater, PeerId } from '@libp2p/interface'

/** What a peer may ask of a relay: to be reached through it, to reach somebody through it, to be found in a group. */
export type RelayAction = 'reserve' | 'connect' | 'register'

/** Says whether a peer, its id as text, may do something. */
export type RelayPermission = (peerID: string, action: RelayAction) => boolean | Promise<boolean>

/** What of the circuit relay's work is refused: over a peer's limit, or not allowed. A throw or a rejection of `allow` counts as no. */
export function relayGater(
  allow: RelayPermission | undefined,
  isFull: (source: PeerId, destination: PeerId) => boolean
): ConnectionGater {
  const denies = async (peerID: PeerId, action: RelayAction): Promise<boolean> => {
    try {
      return allow !== undefined && !(await allow(peerID.toString(), action))
    } catch {
      return true
    }
  }
  return {
    denyInboundRelayReservation: peerID => denies(peerID, 'reserve'),
    denyOutboundRelayedConnection: async (source, destination) =>
      isFull(source, destination) || (await denies(source, 'connect'))
  }
}
