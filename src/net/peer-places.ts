import { peerIdFromMultihash, peerIdFromString } from '@libp2p/peer-id'
import * as digest from 'multiformats/hashes/digest'
import { groupAddressOf } from '../core/groupspec/keys.ts'
import { type Place, placeOf } from '../shared/ring.ts'

/** Peers that are remembered: more than lists of members hold. At the bound all are forgotten, and found again when they are asked for. */
const MAX_REMEMBERED = 4_096

/** A peer id in its forms, and its place. */
export interface PlacedPeer {
  /** As text. */
  readonly peer: string
  /** As a multihash. */
  readonly bytes: Uint8Array
  readonly place: Place
}

/** Remembers where peers are on a group's ring, and their ids as text and as bytes: both are asked for with every frame, and cost more than all else that is done with it. */
export class PeerPlaces {
  readonly #groupID: Uint8Array
  readonly #byText = new Map<string, PlacedPeer>()
  readonly #byBytes = new Map<string, PlacedPeer>()

  constructor(groupID: Uint8Array) {
    this.#groupID = groupID
  }

  /** @throws Error when it is no peer id */
  byText(peer: string): PlacedPeer {
    return this.#byText.get(peer) ?? this.#remember(peer, peerIdFromString(peer).toMultihash().bytes)
  }

  /** @throws Error when it is no peer id */
  byBytes(bytes: Uint8Array): PlacedPeer {
    return (
      this.#byBytes.get(String.fromCharCode(...bytes)) ??
      this.#remember(peerIdFromMultihash(digest.decode(bytes)).toString(), bytes.slice())
    )
  }

  #remember(peer: string, bytes: Uint8Array): PlacedPeer {
    if (this.#byText.size >= MAX_REMEMBERED) {
      this.#byText.clear()
      this.#byBytes.clear()
    }
    const placed = { peer, bytes, place: placeOf(groupAddressOf(this.#groupID, bytes)) }
    this.#byText.set(peer, placed)
    this.#byBytes.set(String.fromCharCode(...bytes), placed)
    return placed
  }
}
