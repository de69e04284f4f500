// Members that the groupspec itself names.
import type { Libp2p } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { Discovery, OnPeer } from '../net/discovery.ts'
import { peerOfAddress } from '../net/signed-peer-record.ts'

/** How {@link bootstrapDiscovery} is made. */
export interface BootstrapDiscoveryInit {
  libp2p: Pick<Libp2p, 'peerId' | 'logger'>
  /** Their addresses, each ending with `/p2p/<peer id>`. Those that do not are logged and left out. */
  peers: readonly (Multiaddr | string)[]
  onPeer: OnPeer
}

/** Tells each of the groupspec's bootstrap peers once at every start, with all addresses given for it. */
export function bootstrapDiscovery(init: BootstrapDiscoveryInit): Discovery {
  return { start: async () => tell(init), stop: async () => {} }
}

function tell({ libp2p, peers, onPeer }: BootstrapDiscoveryInit): void {
  const log = libp2p.logger.forComponent('netgroup:bootstrap')
  const byPeer = new Map<string, Multiaddr[]>()
  for (const text of peers) {
    try {
      const address = multiaddr(text)
      const peer = peerOfAddress(address)?.toString()
      if (peer === undefined) throw new Error('it does not end with /p2p/<peer id>')
      byPeer.set(peer, [...(byPeer.get(peer) ?? []), address])
    } catch (error) {
      log.error('left out the bootstrap peer %s - %e', text, error)
    }
  }
  for (const [peer, multiaddrs] of byPeer) {
    const peerID = peerOfAddress(multiaddrs[0] as Multiaddr)
    if (peerID !== undefined && peer !== libp2p.peerId.toString())
      onPeer({ peerID, multiaddrs, source: 'bootstrap' })
  }
}
