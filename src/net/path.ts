import type { Connection } from '@libp2p/interface'
import { isLinkLocal, isLoopback, isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { relayOf } from './addresses.ts'
import { isOverTurn } from './webrtc-candidates.ts'

/** What of a connection tells the path that it takes. */
export type PathConnection = Pick<Connection, 'remoteAddr' | 'limits'>

/** Does this address go through a libp2p relay? WebRTC addresses name one too, but only for the introduction. */
export function isCircuitAddress(address: Multiaddr): boolean {
  return passesRelay(address) && !isWebRTCAddress(address)
}

/** Does this address name a relay, as the way or as who introduces? */
export function passesRelay(address: Multiaddr): boolean {
  return relayOf(address) !== undefined
}

/** Is it one of WebRTC between two peers that a relay introduces? */
export function isWebRTCAddress(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'webrtc')
}

/** Does it run through a libp2p relay? Then any other path is better. */
export function isCircuit({ remoteAddr, limits }: PathConnection): boolean {
  return limits !== undefined || isCircuitAddress(remoteAddr)
}

/** Does every byte pass a server: a libp2p relay, or a TURN server? */
export function isRelayed(connection: PathConnection): boolean {
  return isCircuit(connection) || (isWebRTCAddress(connection.remoteAddr) && isOverTurn(connection))
}

/** How the other side is reached, in a word: 'tcp', 'websocket', 'webrtc-direct', 'webrtc', 'circuit', 'memory'. */
export function transportOf(connection: PathConnection): string {
  if (isCircuit(connection)) return 'circuit'
  const names = connection.remoteAddr.getComponents().map(({ name }) => name)
  if (names.includes('webrtc')) return 'webrtc'
  if (names.includes('webrtc-direct')) return 'webrtc-direct'
  if (names.includes('ws') || names.includes('wss')) return 'websocket'
  return names.includes('memory') ? 'memory' : 'tcp'
}

/** Does this address lead no further than networks around this machine? Names may lead anywhere, but for `localhost`. */
export function isOnLocalNetwork(address: Multiaddr): boolean {
  return isLoopback(address) || isLinkLocal(address) || isPrivate(address)
}
