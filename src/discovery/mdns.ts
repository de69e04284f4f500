// Members found on the local link by multicast DNS: one instance per group, under the group's own service name.
//
// It needs a route for multicast (224.0.0.0/4), which any default route is. On a host without one the system swallows the packets without
// an error; since multicast comes back to its sender, hearing our own query is the proof that it works, and its absence is logged.
import { randomBytes } from '@libp2p/crypto'
import type { Libp2p, Logger, PeerDiscovery, PeerInfo } from '@libp2p/interface'
import { start, stop } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import { mdns } from '@libp2p/mdns'
import type { Multiaddr } from '@multiformats/multiaddr'
import { toString as textOf } from 'uint8arrays/to-string'
import { type Clock, systemClock, type Timer } from '../net/clock.ts'
import type { Discovery, OnPeer } from '../net/discovery.ts'
import { addressOfPeer } from '../net/signed-peer-record.ts'
import { fittingLanAddresses, reachableLanAddresses } from './lan-addresses.ts'

/** Time between queries, in ms (libp2p-mdns' default). Each query of a member makes every member answer to all. */
export const DEFAULT_QUERY_INTERVAL_MS = 10_000

/** A peer with the same addresses is told again after this many ms, though it answers every query of everybody. */
export const RETELL_AFTER_MS = 30_000

/** Peers remembered for that: the longest silent are forgotten. More than will answer on one link. */
const MAX_REMEMBERED_PEERS = 1_024

/** Our own query comes back at once, within milliseconds: silence for this long is a fault (guess). */
const SILENCE_MS = 3_000

/** An answer has to fit one packet: an Ethernet frame of 1,500 bytes without IPv6 and UDP headers, and some room for tunnels. */
const MAX_ANSWER_BYTES = 1_350

/** Random bytes in an instance's name. Short, since the name stands before each address in an answer. */
const NAME_BYTES = 10

/** DNS header, PTR record without names, and record headers (RFC 1035 §4.1), rounded up. */
const ANSWER_OVERHEAD_BYTES = 48
const RECORD_OVERHEAD_BYTES = 24

/** What this discovery needs of a libp2p node. */
export type MdnsNode = Pick<Libp2p, 'peerId' | 'getMultiaddrs' | 'logger'>

/** How {@link mdnsDiscovery} is made. */
export interface MdnsDiscoveryInit {
  libp2p: MdnsNode
  /** The group's service name, `_ng-….…_udp.local`. */
  service: string
  onPeer: OnPeer
  /** @default {@link DEFAULT_QUERY_INTERVAL_MS} */
  intervalMs?: number
  /** @default {@link systemClock} */
  clock?: Clock
  /** Makes the mDNS instance. @default `mdns` of @libp2p/mdns */
  create?: typeof mdns
}

/**
 * Answers queries for a group's service and asks itself, at once and then at intervals. Tells and hears only addresses of the local
 * network, whatever a packet says. What it tells is unproven: anybody on the link can claim any peer id.
 */
export function mdnsDiscovery(init: MdnsDiscoveryInit): Discovery {
  return new MdnsDiscovery(init)
}

class MdnsDiscovery implements Discovery {
  readonly #init: MdnsDiscoveryInit
  readonly #clock: Clock
  readonly #log: Logger
  readonly #told = new Map<string, { addresses: string; atMs: number }>()
  #instance: PeerDiscovery | undefined
  #silence: Timer | undefined

  constructor(init: MdnsDiscoveryInit) {
    this.#init = init
    this.#clock = init.clock ?? systemClock
    this.#log = init.libp2p.logger.forComponent('netgroup:mdns')
  }

  async start(): Promise<void> {
    if (this.#instance !== undefined) return
    const { libp2p, service, intervalMs, create } = this.#init
    const name = textOf(randomBytes(NAME_BYTES), 'base32')
    const addressManager: Pick<AddressManager, 'getAddresses'> = {
      // Asked once for each query heard, ours included.
      getAddresses: () => {
        this.#silence?.cancel()
        return answerable(libp2p.getMultiaddrs(), `${name}.${service}`)
      }
    }
    const instance = (create ?? mdns)({
      serviceTag: service,
      peerName: name,
      interval: intervalMs ?? DEFAULT_QUERY_INTERVAL_MS
    })({ logger: libp2p.logger, addressManager: addressManager as AddressManager })
    this.#instance = instance
    this.#silence = this.#clock.setTimer(this.#onSilence, SILENCE_MS)
    instance.addEventListener('peer', this.#onAnswer)
    await start(instance)
  }

  async stop(): Promise<void> {
    const instance = this.#instance
    this.#instance = undefined
    this.#silence?.cancel()
    this.#told.clear()
    if (instance === undefined) return
    instance.removeEventListener('peer', this.#onAnswer)
    await stop(instance)
  }

  readonly #onAnswer = (event: CustomEvent<PeerInfo>): void => {
    const { libp2p, onPeer } = this.#init
    const { id: peerID, multiaddrs } = event.detail
    if (peerID.equals(libp2p.peerId)) return
    const reachable = reachableLanAddresses(multiaddrs, libp2p.getMultiaddrs()).flatMap(
      address => addressOfPeer(address, peerID) ?? []
    )
    if (reachable.length === 0 || !this.#isNews(peerID.toString(), reachable)) return
    onPeer({ peerID, multiaddrs: reachable, source: 'mdns' })
  }

  readonly #onSilence = (): void => {
    this.#log.error(
      'our own multicast to 224.0.0.251:5353 does not come back: this host has no route for it, or something keeps it from passing; nobody will be found on the LAN'
    )
  }

  #isNews(peer: string, multiaddrs: Multiaddr[]): boolean {
    const nowMs = this.#clock.now()
    const addresses = multiaddrs.map(String).sort().join()
    const before = this.#told.get(peer)
    if (before?.addresses === addresses && nowMs - before.atMs < RETELL_AFTER_MS) return false
    this.#told.delete(peer)
    this.#told.set(peer, { addresses, atMs: nowMs })
    const [oldest] = this.#told.keys()
    if (this.#told.size > MAX_REMEMBERED_PEERS && oldest !== undefined) this.#told.delete(oldest)
    return true
  }
}

/** As many addresses as fit one answer. The name stands in it once per record: multicast-dns does not compress names. */
function answerable(multiaddrs: Multiaddr[], name: string): Multiaddr[] {
  const bytesOf = (address: Multiaddr): number =>
    name.length + RECORD_OVERHEAD_BYTES + 'dnsaddr='.length + address.toString().length
  return fittingLanAddresses(multiaddrs, MAX_ANSWER_BYTES - ANSWER_OVERHEAD_BYTES - 2 * name.length, bytesOf)
}
