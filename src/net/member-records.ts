import type { Libp2p, Logger, PeerId, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { equals } from 'uint8arrays/equals'
import { MAX_CANDIDATES, MAX_REPORTED_RECORD_BYTES } from '../wire/limits.ts'
import type { Clock } from './clock.ts'
import type { NeighborLink } from './neighbor-link.ts'
import { OwnRecord } from './own-record.ts'
import { openPeerRecord } from './signed-peer-record.ts'

/** How {@link MemberRecords} is made. */
export interface MemberRecordsInit {
  readonly libp2p: Libp2p
  readonly privateKey: PrivateKey
  readonly clock: Clock
  readonly log: Logger
  /** The own record is another one. */
  readonly onOwn: () => void
  /** Where a member says that it can be dialed, proven by its signature. */
  readonly onRecord: (peerID: PeerId, multiaddrs: Multiaddr[]) => void
}

/**
 * Signed peer records of neighbors, and of those who look for their place, to be passed on: each goes once over each link, and again when there is a newer one. A neighbor's own record comes from itself, and
 * only that is passed on of it.
 */
export class MemberRecords {
  readonly #init: MemberRecordsInit
  readonly #own: OwnRecord
  /** Of neighbors, by peer. */
  readonly #records = new Map<string, Uint8Array>()
  /** The newest records that have been seen, by peer; the longest not seen first. */
  readonly #seen = new Map<string, { readonly record: Uint8Array; readonly sequence: bigint }>()
  /** What has gone over each link, by peer. */
  readonly #told = new WeakMap<NeighborLink, Map<string, Uint8Array>>()

  constructor(init: MemberRecordsInit) {
    this.#init = init
    this.#own = new OwnRecord({ ...init, onChange: init.onOwn })
  }

  start(): void {
    this.#own.start()
  }

  close(): void {
    this.#own.close()
  }

  /** The record of this neighbor, unless it has gone over this link. From now on it has. */
  toTell(link: NeighborLink, peer: string): Uint8Array | undefined {
    return this.#toTell(link, peer, this.#records.get(peer))
  }

  /** The same of one who looks for its place, neighbor or not. */
  toPassOn(link: NeighborLink, peer: string): Uint8Array | undefined {
    return this.#toTell(link, peer, this.#records.get(peer) ?? this.#seen.get(peer)?.record)
  }

  /** The own record, unless it has gone over this link. */
  ownToTell(link: NeighborLink): Uint8Array | undefined {
    return this.#toTell(link, '', this.#own.bytes)
  }

  /** A link over which something has been told before needs to hear of a change. */
  hasToldOwn(link: NeighborLink): boolean {
    return this.#told.has(link)
  }

  /** It is no neighbor any more. */
  forget(peer: string): void {
    this.#records.delete(peer)
  }

  /** A neighbor tells of a member, perhaps of itself. What is not signed by that member is left out. */
  async take(link: NeighborLink, peerID: PeerId, record: Uint8Array | undefined): Promise<void> {
    if (record === undefined || record.byteLength > MAX_REPORTED_RECORD_BYTES) return
    const peer = peerID.toString()
    const isOwn = peerID.equals(link.peerID)
    // Who is a neighbor need not be dialed.
    if (!isOwn && (this.#records.has(peer) || peerID.equals(this.#init.libp2p.peerId))) return
    const seen = this.#seen.get(peer)
    const isKnown = seen !== undefined && equals(seen.record, record)
    if (isKnown && isOwn) this.#records.set(peer, seen.record)
    if (isKnown) {
      this.#remember(peer, seen.record, seen.sequence)
      return
    }
    try {
      const { peerID: signer, multiaddrs, sequence } = await openPeerRecord(record)
      if (!signer.equals(peerID)) throw new Error('The record is about another peer')
      // An old one, of addresses that it had once.
      if (sequence < (this.#seen.get(peer)?.sequence ?? 0n)) return
      // Not the packet that it came in.
      const copy = record.slice()
      this.#remember(peer, copy, sequence)
      if (isOwn && link.ending === undefined) this.#records.set(peer, copy)
      this.#init.onRecord(peerID, multiaddrs)
    } catch (error) {
      this.#init.log('%p passed on a record of %p that is not valid - %e', link.peerID, peerID, error)
    }
  }

  #remember(peer: string, record: Uint8Array, sequence: bigint): void {
    this.#seen.delete(peer)
    this.#seen.set(peer, { record, sequence })
    if (this.#seen.size > MAX_CANDIDATES) this.#seen.delete(this.#seen.keys().next().value as string)
  }

  #toTell(link: NeighborLink, key: string, record: Uint8Array | undefined): Uint8Array | undefined {
    const told = this.#told.get(link) ?? new Map<string, Uint8Array>()
    this.#told.set(link, told)
    const before = told.get(key)
    if (record === undefined || (before !== undefined && equals(before, record))) return undefined
    told.set(key, record)
    if (told.size > MAX_CANDIDATES) told.delete(told.keys().next().value as string)
    return record
  }
}
