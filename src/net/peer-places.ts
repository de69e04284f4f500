import type { PeerId } from '@libp2p/interface'
import { peerIdFromMultihash, peerIdFromString } from '@libp2p/peer-id'
import * as Digest from 'multiformats/hashes/digest'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { groupAddressOf } from '../core/groupspec/keys.ts'
import { type Place, placeOf } from '../shared/ring.ts'
import { MAX_PEER_ID_BYTES, MAX_PLACED_PEERS } from '../wire/limits.ts'

/** A peer in all the forms in which it is asked for. */
export interface PlacedPeer {
  /** Peer id as text. */
  readonly peer: string
  readonly peerID: PeerId
  /** Peer id as a multihash. */
  readonly bytes: Uint8Array
  /** Its place on the group's ring. */
  readonly place: Place
  /** The same as 64 hex digits. */
  readonly address: string
}

/** Where peers stand on one group's ring. Worked out once for each and kept, the {@link MAX_PLACED_PEERS} seen last. */
export class PeerPlaces {
  readonly #groupID: Uint8Array
  readonly #byText = new Map<string, PlacedPeer>()
  readonly #byBytes = new Map<string, PlacedPeer>()

  constructor(groupID: Uint8Array) {
    this.#groupID = groupID
  }

  /** @param peer a peer id as text @throws when it is none */
  of(peer: string): PlacedPeer {
    return this.#byText.get(peer) ?? this.#keep(peerIdFromString(peer))
  }

  /** @param bytes a peer id as a multihash @throws when they are none */
  ofBytes(bytes: Uint8Array): PlacedPeer {
    // Base58 takes time that grows with the square of the length.
    if (bytes.byteLength > MAX_PEER_ID_BYTES) throw new RangeError(`A peer id of ${bytes.byteLength} bytes`)
    const known = this.#byBytes.get(bytesToText(bytes, 'latin1'))
    if (known !== undefined) return known
    // A copy: what is kept must not hold the whole packet.
    const peerID = peerIdFromMultihash(Digest.decode(bytes.slice()))
    // A web server's: no member has it, and its text is none that can be read back.
    if (peerID.type === 'url') throw new TypeError('A peer id that is a URL')
    return this.#keep(peerID)
  }

  #keep(peerID: PeerId): PlacedPeer {
    const { bytes } = peerID.toMultihash()
    const address = groupAddressOf(this.#groupID, bytes)
    const placed: PlacedPeer = {
      peer: peerID.toString(),
      peerID,
      bytes,
      place: placeOf(address),
      address: bytesToText(address, 'base16')
    }
    this.#byText.set(placed.peer, placed)
    this.#byBytes.set(bytesToText(bytes, 'latin1'), placed)
    if (this.#byText.size > MAX_PLACED_PEERS) {
      const [oldest] = this.#byText.values()
      if (oldest !== undefined) this.#forget(oldest)
    }
    return placed
  }

  #forget({ peer, bytes }: PlacedPeer): void {
    this.#byText.delete(peer)
    this.#byBytes.delete(bytesToText(bytes, 'latin1'))
  }
}
