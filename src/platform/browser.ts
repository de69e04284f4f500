import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { randomBytes } from '@libp2p/crypto'
import { FaultTolerance, type Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { webRTC, webRTCDirect } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { bootstrapDiscovery } from '../discovery/bootstrap.ts'
import { rendezvousDiscovery } from '../discovery/rendezvous.ts'
import { systemClock } from '../net/clock.ts'
import { GroupHost } from '../net/group-host.ts'
import type { NodeInit, Platform } from '../net/platform.ts'
import { MAX_PENDING_CONNECTIONS } from '../wire/limits.ts'
import { mayDial } from './address-policy.ts'
import { announced } from './announced.ts'
import { CircuitReservations } from './circuit-reservations.ts'
import { iceConfiguration } from './ice-configuration.ts'
import { onPageChange } from './page-events.ts'
import { createServices } from './services.ts'

/** A page has no interfaces to look at. */
const isOnLocalLink = (): boolean => false

/** A page: WebSocket, WebRTC through relays, WebRTC-direct; rendezvous and bootstrap peers. */
export function createBrowserPlatform(): Platform {
  const reservations = new CircuitReservations()
  const around = { clock: systemClock, randomBytes }
  return {
    ...around,
    hasLan: false,
    createNode: init => createNode(init, around),
    discoveries: ({ libp2p, privateKey, keys, relays, bootstrapPeers, onPeer }) => [
      ...relays.map(relay =>
        rendezvousDiscovery({ libp2p, relay, namespace: keys.rendezvousNamespace, privateKey, onPeer })
      ),
      bootstrapDiscovery({ libp2p, peers: bootstrapPeers, onPeer })
    ],
    mayDial: (address, source, surroundings) => mayDial(address, source, surroundings, isOnLocalLink),
    reserve: (node, relay, signal) => reservations.reserve(node, relay, signal),
    reservationOf: (node, relayID) => reservations.of(node, relayID),
    onNetworkChange: listener =>
      onPageChange(change => {
        if (change === 'visible') listener('doubtful')
        else if (change !== 'hidden') listener('other')
      })
  }
}

async function createNode(
  { identity, listen, iceServers, logger }: NodeInit,
  around: Pick<Platform, 'clock' | 'randomBytes'>
): Promise<Libp2p> {
  const rtcConfiguration = iceConfiguration(() => iceServers.all)
  const node: Libp2p = await createLibp2p({
    start: false,
    ...(identity === undefined ? {} : { privateKey: identity }),
    ...(logger === undefined ? {} : { logger }),
    addresses: {
      listen: [...(listen ?? ['/webrtc'])],
      announceFilter: verified => announced(node, verified)
    },
    transports: [
      webSockets(),
      webRTC({ rtcConfiguration }),
      webRTCDirect({ rtcConfiguration }),
      circuitRelayTransport()
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    connectionManager: { maxIncomingPendingConnections: MAX_PENDING_CONNECTIONS },
    // GroupHost.watchConnections in its place.
    connectionMonitor: { enabled: false },
    // libp2p's default refuses private addresses and WebSockets without TLS: no relay on a LAN could be dialed.
    connectionGater: { denyDialMultiaddr: () => false },
    services: createServices(around)
  })
  GroupHost.of(node)?.watchConnections()
  await node.start()
  return node
}
