// The libp2p node of a relay: no gossip, no groups, nothing that dials anybody.
import { type CircuitRelayService, circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { identify, identifyPush } from '@libp2p/identify'
import { type ConnectionGater, FaultTolerance, type Libp2p, type PrivateKey } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { type YamuxMuxerInit, yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { systemClock } from '../net/clock.ts'
import { joinWrites } from '../net/joined-writes.ts'
import { withoutLeftoverTimers } from '../net/leftover-timers.ts'
import { followNativeWebRTC } from '../net/native-webrtc.ts'
import { quietNoise } from '../net/noise-decoder.ts'
import { surviveWebSocketErrors } from '../net/websocket-errors.ts'
import { mendYamux } from '../net/yamux-streams.ts'
import type { AnnouncedAddresses } from './announced-addresses.ts'
import { holdSendersBack } from './circuit-backpressure.ts'
import type { RelayLimits } from './relay-limits.ts'
import { endSilentSockets, KEEP_ALIVE_INTERVAL_MS } from './silent-sockets.ts'
import { webRTCCertificate } from './webrtc-certificate.ts'
import { guardWebRTCDirect } from './webrtc-direct-listeners.ts'
import { WEBSOCKET_HTTP_OPTIONS, type WebSocketHttp } from './websocket-http.ts'

/**
 * Inbound connections per second from one IP address before further ones are reset. libp2p's 5 shuts out a classroom behind one NAT whose
 * members all join at the bell (guess: three classes).
 */
const INBOUND_PER_SECOND_AND_HOST = 100

/** Inbound connections whose handshake is under way: further ones wait in the system's queue. libp2p's 10 is a second's worth of joins. */
const MAX_PENDING_INBOUND = 256

/** Connections per reservation: members with direct addresses hold one too, and one that changes networks has two for a while. */
const CONNECTIONS_PER_RESERVATION = 2

/** Streams of one connection that are no circuits: rendezvous 32, identify and its push, ping, the relay's servers (sum of what each admits). */
const OTHER_STREAMS = 64

/** What a peer may send ahead on one stream, in bytes; libp2p's is 16 MiB. At a round trip of 100 ms this is 80 Mbit/s for one circuit. */
const MAX_STREAM_WINDOW_BYTES = 1_048_576

/** A relay's node. */
export type RelayNode = Libp2p<{ circuitRelay: CircuitRelayService }>

/** How {@link createRelayNode} is made. */
export interface RelayNodeInit {
  privateKey: PrivateKey
  listen: readonly string[]
  /** Announced instead of where it listens, when there are any. */
  announce: readonly string[]
  /** Told where the node listens. */
  addresses: AnnouncedAddresses
  limits: RelayLimits
  /** Serves HTTP where the node takes WebSocket connections. */
  webSockets: WebSocketHttp
  connectionGater: ConnectionGater
}

/** A node that is not yet started. Nothing is opened; node-datachannel is loaded only to listen on WebRTC-direct. */
export async function createRelayNode(init: RelayNodeInit): Promise<RelayNode> {
  const { privateKey, limits, addresses } = init
  const relayID = peerIdFromPrivateKey(privateKey).toString()
  const node = await createLibp2p({
    start: false,
    privateKey,
    addresses: {
      listen: [...init.listen],
      announce: [...init.announce],
      announceFilter: given => (init.announce.length > 0 ? given : addresses.complete(given, relayID))
    },
    transports: await transports(init),
    // A listen address of a family that this host does not have is no reason to serve nobody: RelayServer looks at what came of it.
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    connectionEncrypters: [quietNoise(noise())],
    streamMuxers: [mendYamux(yamux(muxerLimits(limits)))],
    connectionManager: {
      maxConnections: limits.maxReservations * CONNECTIONS_PER_RESERVATION,
      inboundConnectionThreshold: INBOUND_PER_SECOND_AND_HOST,
      maxIncomingPendingConnections: MAX_PENDING_INBOUND
    },
    // Who is gone is found out at the sockets.
    connectionMonitor: { enabled: false },
    connectionGater: init.connectionGater,
    services: {
      identify: identify(),
      identifyPush: withoutLeftoverTimers(identifyPush()),
      ping: ping(),
      circuitRelay: circuitRelayServer({
        // One connection's share; what a peer has over all its connections is counted by the gater.
        maxInboundHopStreams: limits.maxCircuitsPerPeer + 1,
        maxOutboundStopStreams: limits.maxCircuitsPerPeer,
        reservations: {
          maxReservations: limits.maxReservations,
          defaultDurationLimit: limits.circuitDurationMs,
          defaultDataLimit: BigInt(limits.circuitBytes)
        }
      })
    }
  })
  addresses.follow(node)
  if (usesWebRTC(init.listen)) followNativeWebRTC(node)
  holdSendersBack(node.services.circuitRelay)
  return node
}

/** One connection's streams: its circuits, and what else there is (identify, ping, rendezvous, the relay's servers). */
function muxerLimits({ maxCircuitsPerPeer }: RelayLimits): YamuxMuxerInit {
  const maxStreams = maxCircuitsPerPeer + OTHER_STREAMS
  return {
    maxInboundStreams: maxStreams,
    maxOutboundStreams: maxStreams,
    keepAliveInterval: KEEP_ALIVE_INTERVAL_MS,
    streamOptions: { maxStreamWindowSize: MAX_STREAM_WINDOW_BYTES }
  }
}

function usesWebRTC(listen: readonly string[]): boolean {
  return listen.some(address => address.includes('/webrtc-direct'))
}

async function transports(init: RelayNodeInit): Promise<NonNullable<Libp2pOptions['transports']>> {
  const { listen } = init
  const overWebSockets = init.webSockets.over(webSockets({ http: WEBSOCKET_HTTP_OPTIONS }))
  const always = [joinWrites(tcp()), surviveWebSocketErrors(overWebSockets)].map(create =>
    endSilentSockets(create, systemClock)
  )
  if (!usesWebRTC(listen)) return always
  const { webRTCDirect } = await import('@libp2p/webrtc')
  const certificate = webRTCCertificate(init.privateKey)
  // Without an empty list libp2p asks four public STUN servers.
  const direct = webRTCDirect({ certificate, rtcConfiguration: { iceServers: [] } })
  return [...always, guardWebRTCDirect(direct)]
}
