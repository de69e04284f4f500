import './polyfill.ts'
import { createHash, randomBytes } from 'node:crypto'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { FaultTolerance, type Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { bootstrapDiscovery } from '../discovery/bootstrap.ts'
import { mdnsDiscovery } from '../discovery/mdns.ts'
import { rendezvousDiscovery } from '../discovery/rendezvous.ts'
import { systemClock } from '../net/clock.ts'
import type { Discovery } from '../net/discovery.ts'
import { GroupHost } from '../net/group-host.ts'
import { joinWrites } from '../net/joined-writes.ts'
import { followNativeWebRTC } from '../net/native-webrtc.ts'
import { quietNoise } from '../net/noise-decoder.ts'
import type { DiscoveryInit, NodeInit, Platform } from '../net/platform.ts'
import { surviveWebSocketErrors } from '../net/websocket-errors.ts'
import { mendYamux } from '../net/yamux-streams.ts'
import { MAX_PENDING_CONNECTIONS } from '../wire/limits.ts'
import { type IsOnLocalLink, isLanAddress, mayDial } from './address-policy.ts'
import { announced } from './announced.ts'
import { CircuitReservations } from './circuit-reservations.ts'
import { iceConfiguration } from './ice-configuration.ts'
import { localLinks } from './local-links.ts'
import { onInterfaceChange } from './network-interfaces.ts'
import { mapPorts } from './port-mapping.ts'
import { createServices } from './services.ts'

/** TCP for Node; WebSocket for whoever has that only. Any free port. */
const LISTEN_ON_LAN = ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0', '/ip4/0.0.0.0/tcp/0/ws']

/** Beside relays also WebRTC-direct, for pages that can reach this host, and WebRTC, for all that have to be introduced by a relay. */
const LISTEN = [...LISTEN_ON_LAN, '/ip4/0.0.0.0/udp/0/webrtc-direct', '/webrtc']

/**
 * Connections that one address may open in a second before they are refused. libp2p's 5 cut off classrooms behind one NAT and peers
 * on one host; this is a bound against floods only.
 */
const INBOUND_CONNECTIONS_PER_SECOND = 1_000

/** Node: TCP, WebSocket, WebRTC, circuit relay; mDNS, rendezvous, bootstrap peers. */
export function createNodePlatform(): Platform {
  const reservations = new CircuitReservations()
  const isOnLocalLink = localLinks()
  const around = { clock: systemClock, randomBytes: (length: number): Uint8Array => randomBytes(length) }
  return {
    ...around,
    hasLan: true,
    createNode: init => createNode(init, around, isOnLocalLink),
    discoveries: createDiscoveries,
    mayDial: (address, source, surroundings) => mayDial(address, source, surroundings, isOnLocalLink),
    reserve: (node, relay, signal) => reservations.reserve(node, relay, signal),
    reservationOf: (node, relayID) => reservations.of(node, relayID),
    mapPorts,
    files: async () => (await import('./files/node-file-system.ts')).nodeFileSystem,
    hash: bytes => createHash('sha256').update(bytes).digest(),
    onNetworkChange: onInterfaceChange
  }
}

async function createNode(
  { lanOnly, identity, listen, iceServers, logger }: NodeInit,
  around: Pick<Platform, 'clock' | 'randomBytes'>,
  isOnLocalLink: IsOnLocalLink
): Promise<Libp2p> {
  const addresses = [...(listen ?? (lanOnly ? LISTEN_ON_LAN : LISTEN))]
  const webRTC = await webRTCTransports(lanOnly, addresses, iceServers)
  const node: Libp2p = await createLibp2p({
    start: false,
    ...(identity === undefined ? {} : { privateKey: identity }),
    ...(logger === undefined ? {} : { logger }),
    addresses: {
      listen: addresses,
      announceFilter: verified => announced(node, verified)
    },
    transports: [
      joinWrites(tcp()),
      surviveWebSocketErrors(webSockets()),
      ...webRTC,
      ...(lanOnly ? [] : [circuitRelayTransport()])
    ],
    connectionEncrypters: [quietNoise(noise())],
    streamMuxers: [mendYamux(yamux())],
    // What cannot be listened on (no IPv6, a port taken) is no reason not to start: the addresses say what there is.
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    connectionManager: {
      inboundConnectionThreshold: INBOUND_CONNECTIONS_PER_SECOND,
      maxIncomingPendingConnections: MAX_PENDING_CONNECTIONS
    },
    // GroupHost.watchConnections in its place.
    connectionMonitor: { enabled: false },
    connectionGater: lanOnly ? { denyDialMultiaddr: address => !isLanAddress(address, isOnLocalLink) } : {},
    services: { ...createServices(around), ping: ping({ runOnLimitedConnection: true }) }
  })
  if (webRTC.length > 0) followNativeWebRTC(node)
  GroupHost.of(node)?.watchConnections()
  await node.start()
  return node
}

/** Their native addon takes half a second to load: not on a LAN, where no page can find this peer, and never by importing netgroup. */
async function webRTCTransports(
  lanOnly: boolean,
  listen: readonly string[],
  iceServers: NodeInit['iceServers']
): Promise<NonNullable<Libp2pOptions['transports']>> {
  if (lanOnly && !listen.some(address => address.includes('/webrtc'))) return []
  const { webRTC, webRTCDirect } = await import('@libp2p/webrtc')
  // node-datachannel (0.33.4) asks one STUN server for each connection, drawn by lot. It puts names and passwords into a URL as they are.
  const rtcConfiguration = iceConfiguration(() => iceServers.preferred, encodeURIComponent)
  return lanOnly
    ? [webRTCDirect({ rtcConfiguration })]
    : [webRTC({ rtcConfiguration }), webRTCDirect({ rtcConfiguration })]
}

function createDiscoveries(init: DiscoveryInit): Discovery[] {
  const { libp2p, privateKey, keys, lan, relays, bootstrapPeers, onPeer } = init
  return [
    ...(lan ? [mdnsDiscovery({ libp2p, service: keys.mdnsService, onPeer })] : []),
    ...relays.map(relay =>
      rendezvousDiscovery({ libp2p, relay, namespace: keys.rendezvousNamespace, privateKey, onPeer })
    ),
    bootstrapDiscovery({ libp2p, peers: bootstrapPeers, onPeer })
  ]
}
