import type { Logger } from '@libp2p/interface'
import { isRange } from '../core/replication/range-set.ts'
import { RateMeter } from '../shared/rate-meter.ts'
import { seededRandom } from '../shared/seeded-random.ts'
import {
  MAX_NAMESPACE_BYTES,
  MAX_OBJECT_BYTES,
  MAX_OBJECT_STREAMS,
  MAX_UNREAD_OBJECT_BYTES
} from '../wire/limits.ts'
import type { Frame } from '../wire/link.ts'
import type { ObjectHeader } from '../wire/objects.ts'
import { OBJECTS_PROTOCOL } from '../wire/protocol-ids.ts'
import type { GroupHost } from './group-host.ts'
import type { LinkUser } from './link-user.ts'
import { NamespaceObjects } from './namespace-objects.ts'
import type { NeighborLink } from './neighbor-link.ts'
import { ObjectReceiver, type ObjectTaker } from './object-receiver.ts'
import { ObjectSender, type OutgoingObject } from './object-sender.ts'
import type { ObjectListener, ObjectSpace } from './object-space.ts'
import { inputsOf } from './replication-frames.ts'
import { SideReceivers } from './side-receivers.ts'
import { SideStreams } from './side-streams.ts'
import { TakenTeller } from './taken-teller.ts'

/** What objects need to know of their membership. */
export interface ReplicationInit {
  readonly host: GroupHost
  readonly log: Logger
}

/** A neighbor, and the streams of objects from and to it. */
class ObjectNeighbor {
  readonly link: NeighborLink
  readonly sender: ObjectSender
  readonly #receivers: SideReceivers

  constructor(link: NeighborLink, streams: SideStreams, { host, log }: ReplicationInit, taker: ObjectTaker) {
    this.link = link
    this.sender = new ObjectSender(link, streams, host.clock, log)
    this.#receivers = new SideReceivers(link, streams, MAX_OBJECT_STREAMS, (stream, reader) => {
      const teller = new TakenTeller(stream, link.scheduler, host.clock)
      return new ObjectReceiver(stream, reader, teller, taker)
    })
  }

  close(): void {
    this.sender.close()
    this.#receivers.close()
  }
}

/** One per node, over all groups: a node has one handler per protocol. */
const streamsOf = new WeakMap<GroupHost, SideStreams>()

/** Runs the replication engines of one membership over its links: one engine for each namespace that is open. */
export class ReplicationRunner implements Required<Pick<LinkUser, 'onLinkUp' | 'onLinkMoved' | 'onFrame'>> {
  /** Bytes of objects per second. */
  readonly rates: { readonly sent: RateMeter; readonly received: RateMeter } = {
    sent: new RateMeter(),
    received: new RateMeter()
  }
  readonly #init: ReplicationInit
  readonly #streams: SideStreams
  readonly #random: () => number
  readonly #neighbors = new Map<string, ObjectNeighbor>()
  readonly #namespaces = new Map<string, NamespaceObjects>()

  constructor(init: ReplicationInit) {
    this.#init = init
    const { host } = init
    const streams = streamsOf.get(host) ?? new SideStreams(host, OBJECTS_PROTOCOL, MAX_UNREAD_OBJECT_BYTES)
    streamsOf.set(host, streams)
    this.#streams = streams
    this.#random = seededRandom(new DataView(host.randomBytes(4).buffer).getUint32(0))
  }

  async start(): Promise<void> {
    await this.#streams.retain()
  }

  open(namespace: string, listener: ObjectListener): ObjectSpace {
    return this.#namespaceOf(namespace).open(listener)
  }

  onLinkUp(link: NeighborLink): void {
    const peer = link.peerID.toString()
    const taker: ObjectTaker = {
      expects: header => this.#expects(peer, header),
      onObject: (header, bytes) => this.#onObject(peer, header, bytes),
      onBroken: ({ namespace, index }) =>
        this.#namespaces.get(namespace)?.run({ type: 'broken', from: peer, index })
    }
    this.#neighbors.get(peer)?.close()
    this.#neighbors.set(peer, new ObjectNeighbor(link, this.#streams, this.#init, taker))
    for (const objects of this.#namespaces.values()) objects.run({ type: 'linkUp', peer, isStanding: false })
  }

  onLinkMoved(link: NeighborLink): void {
    // What was on its way over the old link is lost.
    if (this.#neighbors.has(link.peerID.toString())) this.onLinkUp(link)
  }

  onLinkDown(peer: string): void {
    for (const objects of this.#namespaces.values()) objects.run({ type: 'linkDown', peer })
    this.#neighbors.get(peer)?.close()
    this.#neighbors.delete(peer)
  }

  onFrame(link: NeighborLink, frame: Frame): void {
    const peer = link.peerID.toString()
    const message = inputsOf(frame, peer)
    // What comes late over a link that was replaced is lost, as its sender knows: all of it is told anew over the new one, and would be overtaken.
    if (message === undefined || this.#neighbors.get(peer)?.link !== link) return
    if (new TextEncoder().encode(message.namespace).byteLength > MAX_NAMESPACE_BYTES)
      throw new RangeError('A namespace that is too long')
    const objects = this.#namespaces.get(message.namespace)
    for (const input of message.inputs) objects?.run(input)
  }

  close(): void {
    for (const objects of [...this.#namespaces.values()]) objects.end()
    for (const neighbor of this.#neighbors.values()) neighbor.close()
    this.#neighbors.clear()
    this.#streams.release().catch(error => this.#init.log.error('streams are still taken - %e', error))
  }

  #namespaceOf(namespace: string): NamespaceObjects {
    const known = this.#namespaces.get(namespace)
    if (known !== undefined) return known
    const objects = new NamespaceObjects({
      namespace,
      clock: this.#init.host.clock,
      random: this.#random,
      log: this.#init.log,
      linkTo: peer => this.#neighbors.get(peer)?.link,
      send: (peer, object) => this.#send(peer, object),
      drop: (peer, index) => this.#neighbors.get(peer)?.sender.drop(namespace, index),
      onFalse: peer => this.#onFalse(peer),
      onEmpty: () => this.#namespaces.delete(namespace)
    })
    this.#namespaces.set(namespace, objects)
    for (const peer of this.#neighbors.keys()) objects.run({ type: 'linkUp', peer, isStanding: true })
    return objects
  }

  #send(peer: string, object: OutgoingObject): void {
    const neighbor = this.#neighbors.get(peer)
    if (neighbor === undefined) {
      object.onDone()
      return
    }
    this.rates.sent.add(object.bytes.byteLength, this.#init.host.clock.now())
    neighbor.sender.send(object)
  }

  #expects(peer: string, { namespace, index, length }: ObjectHeader): boolean {
    const objects = this.#namespaces.get(namespace)
    if (objects === undefined || !isRange(index, index) || !objects.expects(peer, index)) return false
    if (length <= MAX_OBJECT_BYTES) return true
    objects.run({ type: 'broken', from: peer, index })
    this.#onFalse(peer)
    return false
  }

  #onObject(peer: string, { namespace, index, waiting }: ObjectHeader, bytes: Uint8Array): void {
    this.rates.received.add(bytes.byteLength, this.#init.host.clock.now())
    this.#namespaces.get(namespace)?.run({ type: 'object', from: peer, index, bytes, waiting })
  }

  #onFalse(peer: string): void {
    const link = this.#neighbors.get(peer)?.link
    if (link !== undefined) this.#init.host.reportInvalidMessage(link.peerID)
  }
}
