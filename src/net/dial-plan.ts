import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { MAX_DIALED_ADDRESSES } from '../wire/limits.ts'
import { uniqueAddresses } from './addresses.ts'
import { isCircuitAddress, isWebRTCAddress } from './path.ts'

/** Pause between two direct addresses of one peer, in ms: mostly the first answers within it (guess; RFC 8305 has 250 ms between families). */
const NEXT_DIRECT_MS = 100

/** Head start of direct addresses before a relay is asked, and pause between relays, in ms: RFC 8305, section 5, Connection Attempt Delay. */
const NEXT_CIRCUIT_MS = 250

/** An address, and when to dial it if nothing before it has answered. */
export interface DialStep {
  readonly address: Multiaddr
  readonly afterMs: number
}

/**
 * In which order to dial a peer for the first time: direct addresses side by side, and soon after them a circuit through a relay, so that a link begins on whatever path
 * is there first. WebRTC comes later, over that circuit: of its addresses the circuit is taken.
 */
export function dialPlan(addresses: readonly Multiaddr[]): DialStep[] {
  const direct = directPlan(addresses)
  const circuits = uniqueAddresses(addresses.filter(isIntroduced).map(withoutWebRTC))
  const headStartMs = direct.length > 0 ? NEXT_CIRCUIT_MS : 0
  return [...direct, ...stepsOf(circuits.slice(0, MAX_DIALED_ADDRESSES), headStartMs, NEXT_CIRCUIT_MS)]
}

/** The direct addresses of that alone. */
export function directPlan(addresses: readonly Multiaddr[]): DialStep[] {
  return stepsOf(directAddresses(addresses), 0, NEXT_DIRECT_MS)
}

/** Addresses that lead to the peer itself, and not through a relay; those of reliable transports first. */
export function directAddresses(addresses: readonly Multiaddr[]): Multiaddr[] {
  const direct = uniqueAddresses(addresses.filter(address => !isIntroduced(address)))
  return direct.sort((a, b) => costOf(a) - costOf(b)).slice(0, MAX_DIALED_ADDRESSES)
}

/** These addresses one after the other: for relays, and where there is no choice to make. */
export function inOrder(addresses: readonly Multiaddr[]): DialStep[] {
  return stepsOf(addresses, 0, NEXT_CIRCUIT_MS)
}

function stepsOf(addresses: readonly Multiaddr[], firstMs: number, pauseMs: number): DialStep[] {
  return addresses.map((address, index) => ({ address, afterMs: firstMs + index * pauseMs }))
}

function isIntroduced(address: Multiaddr): boolean {
  return isCircuitAddress(address) || isWebRTCAddress(address)
}

function withoutWebRTC(address: Multiaddr): Multiaddr {
  return isWebRTCAddress(address)
    ? multiaddr(address.getComponents().filter(({ name }) => name !== 'webrtc'))
    : address
}

/** TCP before WebSocket before WebRTC-direct, whose handshake takes longest. */
function costOf(address: Multiaddr): number {
  const names = address.getComponents().map(({ name }) => name)
  if (names.includes('webrtc-direct')) return 2
  return names.includes('ws') || names.includes('wss') ? 1 : 0
}
