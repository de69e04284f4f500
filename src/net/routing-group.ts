import type { Hop } from '../core/routing/one-hop.ts'
import type { ReceiveMode } from '../core/routing/routing-engine.ts'
import { RateMeter } from '../shared/rate-meter.ts'
import type { Place } from '../shared/ring.ts'
import type { GroupHost } from './group-host.ts'
import type { NeighborLink } from './neighbor-link.ts'
import type { PeerPlaces, PlacedPeer } from './peer-places.ts'
import { PendingReceipts } from './pending-receipts.ts'
import { ID_BYTES } from './routing-frames.ts'

/** What a message is, whichever way it goes. */
export interface Content {
  /** '' is the application's own. */
  readonly channel: string
  readonly payload: Uint8Array
}

/** A message for the application. */
export interface Delivery extends Content {
  /** Group address of the last hop, 64 hex digits; the own one when it was sent here. */
  readonly from: string
  /** Is it where it was going? False when a neighbor handed it on for the application to forward. */
  readonly fromLocal: boolean
  /** Peer id of who sent it, proven: of a message that the application forwards, who forwarded it last. */
  readonly sender: string
  /** Where it is going, 64 hex digits. */
  readonly destination: string
}

/** How to send. */
export interface SendOptions {
  /** Wait until it is known what became of it. */
  readonly receipt?: boolean
  readonly signal?: AbortSignal | undefined
}

/** A member in sight: this one, or a neighbor. */
export interface Station extends Hop {
  readonly placed: PlacedPeer
  readonly place: Place
  receiveMode: ReceiveMode
}

/** A neighbor. */
export interface NeighborStation extends Station {
  link: NeighborLink
}

/** What the parts of directed routing need to know of their group. */
export interface RoutingGroupInit {
  readonly host: GroupHost
  readonly groupID: Uint8Array
  readonly places: PeerPlaces
  /** The group's time, ms since 1970. */
  readonly groupNow: () => number
  /** Counts a message that was not accepted. */
  readonly reject: (reason: string) => void
}

/** One group as directed routing sees it: who is in sight, what is waited for, how much goes by. What all its parts share. */
export class RoutingGroup {
  readonly host: GroupHost
  readonly groupID: Uint8Array
  readonly groupNow: () => number
  readonly reject: (reason: string) => void
  readonly places: PeerPlaces
  readonly own: Station
  /** By peer id. */
  readonly neighbors: Map<string, NeighborStation> = new Map()
  readonly receipts: PendingReceipts
  /** Bytes of values per second, also of those that are only passed on. */
  readonly rates: { readonly sent: RateMeter; readonly received: RateMeter } = {
    sent: new RateMeter(),
    received: new RateMeter()
  }
  /** Takes messages for the application. */
  readonly listeners: Set<(delivery: Delivery) => void> = new Set()
  isClosed = false

  constructor({ host, groupID, places, groupNow, reject }: RoutingGroupInit) {
    this.host = host
    this.groupID = groupID
    this.groupNow = groupNow
    this.reject = reject
    this.places = places
    this.receipts = new PendingReceipts(host.clock)
    const placed = this.places.of(host.components.peerId.toString())
    this.own = { placed, place: placed.place, receiveMode: 'exact' }
  }

  /** A new id for a message. */
  newID(): Uint8Array {
    return this.host.randomBytes(ID_BYTES)
  }

  /** Gives a message to the application, unless its sender is blocked. */
  deliver(delivery: Delivery): void {
    if (this.host.isBlocked(delivery.sender)) this.reject('blocked')
    else for (const listener of [...this.listeners]) listener(delivery)
  }

  /** A neighbor sent what nobody who plays by the rules sends. */
  refuse({ peerID }: NeighborLink, reason: string): void {
    this.reject(reason)
    this.host.reportInvalidMessage(peerID)
  }
}
