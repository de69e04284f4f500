// A peer's own addresses under its own signature (libp2p RFC 0003), so that what a third party passes on can be believed.
import type { AbortOptions, PeerId, PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey, peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { CODE_P2P, type Multiaddr } from '@multiformats/multiaddr'

/** What a valid signed peer record says. */
export interface SignedPeerRecord {
  /** Who signed it: the record is about this peer. */
  readonly peerID: PeerId
  /** Each ends with `/p2p/<peerID>`. */
  readonly multiaddrs: Multiaddr[]
  /** Larger is newer. */
  readonly sequence: bigint
}

/**
 * A signed peer record as bytes, with as many of the addresses, in order, as fit.
 *
 * @param options.sequence must grow with each record of this key
 * @param options.maxBytes addresses at the end that make it longer are left out
 */
export async function signPeerRecord(
  multiaddrs: readonly Multiaddr[],
  privateKey: PrivateKey,
  options: AbortOptions & { sequence: bigint; maxBytes: number }
): Promise<Uint8Array> {
  const peerId = peerIdFromPrivateKey(privateKey)
  const addresses = multiaddrs.map(address => withoutPeer(address, peerId))
  for (;;) {
    const record = new PeerRecord({ peerId, multiaddrs: addresses, seqNumber: options.sequence })
    const bytes = (await RecordEnvelope.seal(record, privateKey, options)).marshal()
    if (bytes.byteLength <= options.maxBytes || addresses.length === 0) return bytes
    addresses.pop()
  }
}

/**
 * Reads a record that somebody passed on.
 *
 * @throws Error when it does not parse, the signature is wrong, or the signer is not the peer that the record is about
 */
export async function openPeerRecord(
  bytes: Uint8Array,
  options: AbortOptions = {}
): Promise<SignedPeerRecord> {
  const envelope = await RecordEnvelope.openAndCertify(bytes, PeerRecord.DOMAIN, options)
  const record = PeerRecord.createFromProtobuf(envelope.payload)
  // libp2p checks the signature against the key in the envelope; whether it is this peer's key is for us to check.
  if (!peerIdFromPublicKey(envelope.publicKey).equals(record.peerId))
    throw new Error(`The record is about ${record.peerId.toString()}, but somebody else signed it`)
  return {
    peerID: record.peerId,
    multiaddrs: record.multiaddrs.flatMap(address => addressOfPeer(address, record.peerId) ?? []),
    sequence: record.seqNumber
  }
}

/**
 * The address with `/p2p/<peerID>` at its end, so that only that peer can answer a dial.
 *
 * @returns undefined when the address already ends with another peer
 */
export function addressOfPeer(address: Multiaddr, peerID: PeerId): Multiaddr | undefined {
  const last = address.getComponents().at(-1)
  if (last?.code !== CODE_P2P) return address.encapsulate(`/p2p/${peerID.toString()}`)
  return last.value === peerID.toString() ? address : undefined
}

/** The peer that an address ends with, if it says so: the relayed one of a circuit address, not the relay. */
export function peerOfAddress(address: Multiaddr): PeerId | undefined {
  const last = address.getComponents().at(-1)
  return last?.code === CODE_P2P && last.value !== undefined ? peerIdFromString(last.value) : undefined
}

function withoutPeer(address: Multiaddr, peerID: PeerId): Multiaddr {
  const last = address.getComponents().at(-1)
  const own = last?.code === CODE_P2P && last.value === peerID.toString()
  return own ? address.decapsulate(`/p2p/${peerID.toString()}`) : address
}
