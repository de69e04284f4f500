import { GOODBYE_BYTES, LINK_UP_BYTES, PING_BYTES } from './frame-sizes.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimNode } from './sim-node.ts'

/** A link that has been silent for this long is pinged: as `net/neighbor-link.ts` does. */
const PING_AFTER_MS = 10_000

/** Bytes in a packet. */
const PACKET_BYTES = 1_400

/** Shortest time after which a lost packet is sent again: TCP's least timeout on Linux. */
const MIN_RETRANSMISSION_MS = 200

/** What comes to one end of a link. From {@link FRAME} on: frames, by their kind. */
const GOODBYE = 0
const BROKEN = 1
const PROCESSED = 2
const FRAME = 3

interface Received {
  readonly code: number
  readonly data: unknown
}

/** One side of a link between two nodes: frames go out here and come in, complete and in order, as over a stream of yamux and TCP. */
export class SimLinkEnd {
  readonly network: SimNetwork
  readonly node: SimNode
  readonly peer: SimNode
  /** One way, in ms. */
  readonly latencyMs: number
  /** Does this side think that the link stands? */
  isUp = true
  /** Nothing that is sent arrives any more. */
  isCut = false
  /** Whose signed peer records this side has sent over the link. */
  readonly toldRecords: Set<string> = new Set()
  #other: SimLinkEnd | undefined
  #lastArrivalMs = 0
  #lastBulkArrivalMs = 0
  #lastHeardMs: number

  private constructor(network: SimNetwork, node: SimNode, peer: SimNode, latencyMs: number) {
    this.network = network
    this.node = node
    this.peer = peer
    this.latencyMs = latencyMs
    this.#lastHeardMs = network.nowMs
    node.count(network.pingKind, LINK_UP_BYTES)
  }

  /** Both ends of a new link. */
  static pair(network: SimNetwork, a: SimNode, b: SimNode, latencyMs: number): [SimLinkEnd, SimLinkEnd] {
    const [here, there] = [new SimLinkEnd(network, a, b, latencyMs), new SimLinkEnd(network, b, a, latencyMs)]
    here.#other = there
    there.#other = here
    return [here, there]
  }

  get rttMs(): number {
    return 2 * this.latencyMs
  }

  /** Sends a frame. On a link that is down nothing happens. */
  send(kind: number, payload: unknown, bytes: number): void {
    if (!this.isUp) return
    this.node.count(kind, bytes)
    this.#transmit(FRAME + kind, payload, bytes)
  }

  /** Sends a frame on a stream of its own, behind all that is no bulk. @returns when it has left; now, on a link that is down */
  sendBulk(kind: number, payload: unknown, bytes: number): number {
    const other = this.#other
    const { network, node } = this
    if (!this.isUp || other === undefined) return network.nowMs
    node.count(kind, bytes)
    const departureMs = node.bulkDepartureMs(bytes, network.nowMs)
    this.#lastBulkArrivalMs = Math.max(this.#arrivalMs(departureMs, bytes), this.#lastBulkArrivalMs)
    network.queue.schedule(this.#lastBulkArrivalMs, other, FRAME + kind, payload)
    return departureMs
  }

  /** Ends the link in good order: what was sent before still arrives. Its own host is not told. */
  close(): void {
    if (!this.isUp) return
    this.node.count(this.network.pingKind, GOODBYE_BYTES)
    this.#transmit(GOODBYE, undefined, GOODBYE_BYTES)
    this.countPings()
    this.#end()
  }

  /** Lets the link be broken: this side notices after a while. */
  break(): void {
    this.isCut = true
    if (this.isUp) this.network.queue.schedule(this.network.noticedMs(), this, BROKEN, undefined)
  }

  /** Ends this side in silence. */
  drop(): void {
    this.isCut = true
    this.#end()
  }

  /**
   * Counts the pings that were sent since something was heard over this link. They come when nothing else does, so nothing depends on when they are counted;
   * as events they would be most of what happens.
   */
  countPings(): void {
    const other = this.#other
    if (other === undefined || this.isCut || !this.isUp || !other.isUp) return
    for (;;) {
      const [first, second] = this.#lastHeardMs <= other.#lastHeardMs ? [this, other] : [other, this]
      const atMs = first.#lastHeardMs + PING_AFTER_MS
      if (atMs > this.network.nowMs) return
      first.node.count(this.network.pingKind, PING_BYTES)
      second.node.count(this.network.pingKind, PING_BYTES)
      second.#lastHeardMs = atMs + this.latencyMs
      first.#lastHeardMs = atMs + this.rttMs
    }
  }

  onEvent(code: number, data: unknown): void {
    if (!this.isUp) return
    if (code === PROCESSED) {
      const received = data as Received
      this.#take(received.code, received.data)
    } else if (code === BROKEN) this.#onDown()
    else if (this.isCut) return
    else if (this.node.processingMs === 0) this.#take(code, data)
    else {
      const { queue, nowMs } = this.network
      queue.schedule(this.node.processedMs(nowMs), this, PROCESSED, { code, data } satisfies Received)
    }
  }

  #take(code: number, data: unknown): void {
    if (code === GOODBYE) {
      this.#onDown()
      return
    }
    this.countPings()
    this.#lastHeardMs = this.network.nowMs
    this.node.host.onFrame(this, code - FRAME, data)
  }

  #transmit(code: number, data: unknown, bytes: number): void {
    const other = this.#other
    if (other === undefined) return
    const { network } = this
    const departureMs = this.node.departureMs(bytes, network.nowMs)
    // What comes behind a late one waits for it.
    this.#lastArrivalMs = Math.max(this.#arrivalMs(departureMs, bytes), this.#lastArrivalMs)
    network.queue.schedule(this.#lastArrivalMs, other, code, data)
  }

  #arrivalMs(departureMs: number, bytes: number): number {
    const isLost = this.network.isLost(Math.ceil(bytes / PACKET_BYTES))
    return departureMs + this.latencyMs + (isLost ? Math.max(MIN_RETRANSMISSION_MS, 2 * this.rttMs) : 0)
  }

  #onDown(): void {
    this.#end()
    this.node.host.onLinkDown(this)
  }

  #end(): void {
    this.isUp = false
    if (this.node.links.get(this.peer.name) === this) this.node.links.delete(this.peer.name)
  }
}
