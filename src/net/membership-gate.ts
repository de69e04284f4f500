import type {
  Connection,
  NewStreamOptions,
  PeerId,
  Stream,
  StreamHandler,
  StreamHandlerOptions,
  Topology
} from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import type { Clock, Timer } from './clock.ts'
import type { EndingStreams } from './ending-streams.ts'

/** Pause before a closed stream is opened again, and before the next try when that failed: never without a breath. */
const REOPEN_AFTER_MS = 50
const REOPEN_AFTER_FAILURE_MS = 1_000

/** What the gate needs of the node's registrar, and what gossipsub gets to see of it. */
export type PubsubRegistrar = Pick<Registrar, 'handle' | 'unhandle' | 'register' | 'unregister'>

/**
 * The registrar that gossipsub is given in place of the node's own. gossipsub tells its topics to every peer it speaks with; through the gate it
 * speaks only with peers that hold an established neighbor link, and only while they do. It also keeps gossip alive where
 * gossipsub itself loses it: when the connection that carries its stream closes while the peer stays linked over another one
 * (js-libp2p-gossipsub #448), or its stream is reset, the gate lets it open a new one. And it opens streams side by side: gossipsub opens one after the other, so that one neighbor who is slow to
 * answer would keep all others from hearing anything.
 */
export class MembershipGate implements PubsubRegistrar {
  readonly #registrar: PubsubRegistrar
  readonly #clock: Clock
  readonly #ending: EndingStreams
  readonly #topologies = new Map<string, Topology>()
  readonly #members = new Map<string, Member>()
  /** By peer: when a stream to it is opened again. */
  readonly #reopening = new Map<string, { readonly timer: Timer; readonly atMs: number }>()
  /** Called when there is a stream again to a peer that had one before: what was on the old one may be lost. */
  onReopened: ((peer: string) => void) | undefined

  constructor(registrar: PubsubRegistrar, clock: Clock, ending: EndingStreams) {
    this.#registrar = registrar
    this.#clock = clock
    this.#ending = ending
  }

  /** The peer has one more link, over this connection. Pubsub begins with the first. */
  admit(connection: Connection): void {
    const id = connection.remotePeer.toString()
    const member = this.#members.get(id)
    if (member !== undefined) {
      member.links.push(connection)
      // Its stream has died with an earlier connection: it need not wait until that is noticed.
      if (member.hasLostItsStream) this.#connect(member)
      return
    }
    const admitted = new Member(connection, this.#clock.now())
    this.#members.set(id, admitted)
    this.#connect(admitted)
  }

  /** The peer has one link less. Pubsub ends with the last; if its stream was on this connection, it moves to another. */
  withdraw(connection: Connection): void {
    const id = connection.remotePeer.toString()
    const member = this.#members.get(id)
    const index = member?.links.lastIndexOf(connection) ?? -1
    if (member === undefined || index < 0) return
    member.links.splice(index, 1)
    if (member.links.length > 0) return
    this.#members.delete(id)
    member.opened?.abort(new Error('No member of a group'))
    this.#disconnect(connection.remotePeer)
  }

  /** For how long this peer has had links, in ms; 0 when it has none. */
  neighborForMs(peer: string): number {
    const member = this.#members.get(peer)
    return member === undefined ? 0 : this.#clock.now() - member.sinceMs
  }

  /**
   * Makes gossipsub at the other end say again what it subscribes to: for a peer that must be subscribed, and seems not to be. False when it has
   * no stream to us.
   */
  reopen(peerID: PeerId): boolean {
    const inbound = [...(this.#members.get(peerID.toString())?.inbound ?? [])]
    for (const stream of inbound) stream.abort(new Error('To learn subscriptions'))
    return inbound.length > 0
  }

  async handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void> {
    const guarded: StreamHandler = (stream, connection) => {
      const member = this.#members.get(connection.remotePeer.toString())
      if (member === undefined) {
        stream.abort(new Error('No member of a group'))
        return undefined
      }
      member.inbound.add(stream)
      // The other side waits for this before it ends the connection: all that it sent has come.
      const close = stream.close.bind(stream)
      stream.addEventListener('remoteCloseWrite', () => {
        close().catch(error => stream.abort(error))
      })
      // gossipsub closes only our half of a stream that it will not read any more; reset, so that the other side hears of it and opens another.
      stream.close = async () => stream.abort(new Error('Not read any more'))
      stream.addEventListener('close', () => {
        member.inbound.delete(stream)
        // gossipsub takes a stream that ends badly for the end of its peer, also when the peer has come back meanwhile.
        this.#onStreamClosed(member, REOPEN_AFTER_MS)
      })
      return handler(stream, member.view(this.#events))
    }
    await this.#registrar.handle(protocol, guarded, options)
  }

  async unhandle(protocol: string): Promise<void> {
    await this.#registrar.unhandle(protocol)
  }

  /** gossipsub registers one topology object for each version of its protocol; each is told of a member once. */
  async register(protocol: string, topology: Topology): Promise<string> {
    this.#topologies.set(protocol, topology)
    return protocol
  }

  unregister(id: string): void {
    this.#topologies.delete(id)
  }

  #connect(member: Member): void {
    const view = member.view(this.#events)
    for (const topology of new Set(this.#topologies.values())) topology.onConnect?.(member.peerID, view)
  }

  #disconnect(peerID: PeerId): void {
    for (const topology of new Set(this.#topologies.values())) topology.onDisconnect?.(peerID)
  }

  readonly #events: MemberEvents = {
    onStreamClosed: (member, afterMs) => this.#onStreamClosed(member, afterMs),
    onClosing: stream => this.#ending.add(stream),
    onOpened: (member, stream) => {
      if (this.#members.get(member.peerID.toString()) === member) this.#connect(member)
      else stream.abort(new Error('No member of a group'))
    },
    onReopened: ({ peerID }) => this.onReopened?.(peerID.toString())
  }

  /** Also for a stream of an earlier time: what gossipsub makes of its end, it makes of the peer as it is now. */
  readonly #onStreamClosed = ({ peerID }: Member, afterMs: number): void => {
    const id = peerID.toString()
    if (!this.#members.has(id)) return
    // One at a time, the soonest: each stream that closes, and each that cannot be opened, asks for it.
    const pending = this.#reopening.get(id)
    const atMs = this.#clock.now() + afterMs
    if (pending !== undefined && pending.atMs <= atMs) return
    pending?.timer.cancel()
    const timer = this.#clock.setTimer(() => {
      this.#reopening.delete(id)
      const member = this.#members.get(id)
      if (member !== undefined) this.#connect(member)
    }, afterMs)
    this.#reopening.set(id, { timer, atMs })
  }
}

/** What the streams of a {@link Member} tell the gate. */
interface MemberEvents {
  onStreamClosed(member: Member, afterMs: number): void
  /** There is one to be handed over. */
  onOpened(member: Member, stream: Stream): void
  /** Its writing side is about to be closed. */
  onClosing(stream: Stream): void
  onReopened(member: Member): void
}

/** A peer with links, and the connection that pubsub sees in place of any single one. */
class Member {
  readonly peerID: PeerId
  /** One entry per link, the newest last. */
  readonly links: Connection[]
  readonly inbound = new Set<Stream>()
  /** Did the last stream to it close, or could none be opened? */
  hasLostItsStream = false
  /** A stream that gossipsub does not have yet. */
  opened: Stream | undefined
  readonly sinceMs: number
  #view: Connection | undefined
  #isOpening = false
  #isAskedAgain = false

  constructor(connection: Connection, sinceMs: number) {
    this.sinceMs = sinceMs
    this.peerID = connection.remotePeer
    this.links = [connection]
  }

  /** A connection whose `newStream` hands over the stream that was opened, or rejects, which gossipsub logs, and opens one: gossipsub is told of the peer again when there is one, and has not waited for it. */
  view(events: MemberEvents): Connection {
    this.#view ??= Object.create(this.#current(), {
      status: { get: () => this.#current().status },
      remotePeer: { value: this.peerID },
      remoteAddr: { get: () => this.#current().remoteAddr },
      direction: { get: () => this.#current().direction },
      newStream: {
        value: async (protocols: string | string[], options?: NewStreamOptions): Promise<Stream> => {
          const stream = this.opened
          this.opened = undefined
          if (stream?.status === 'open') return this.#handOver(stream, events)
          void this.#open(events, protocols, options)
          throw new Error('It is opening')
        }
      }
    }) as Connection
    return this.#view
  }

  /** Over whatever connection of the peer's links is the newest open one at this moment. */
  async #open(
    events: MemberEvents,
    protocols: string | string[],
    options: NewStreamOptions | undefined
  ): Promise<void> {
    this.#isAskedAgain = this.#isOpening
    if (this.#isOpening) return
    this.#isOpening = true
    let stream: Stream | undefined
    try {
      stream = await this.#current().newStream(protocols, options)
    } catch {}
    this.#isOpening = false
    // It may have been refused already, before anybody could hear it close: gossipsub would keep it for an open one.
    if (stream?.status === 'open') {
      stream.addEventListener('close', () => this.#onLost(events, REOPEN_AFTER_MS))
      this.opened = stream
      events.onOpened(this, stream)
    } else this.#onLost(events, this.#isAskedAgain ? REOPEN_AFTER_MS : REOPEN_AFTER_FAILURE_MS)
  }

  #onLost(events: MemberEvents, afterMs: number): void {
    this.hasLostItsStream = true
    events.onStreamClosed(this, afterMs)
  }

  #handOver(stream: Stream, events: MemberEvents): Stream {
    if (this.hasLostItsStream) events.onReopened(this)
    this.hasLostItsStream = false
    // gossipsub closes its half when it thinks that the peer is gone; what has been sent still arrives. If the peer is not gone, another is needed.
    const close = stream.close.bind(stream)
    stream.close = async options => {
      this.#onLost(events, REOPEN_AFTER_MS)
      events.onClosing(stream)
      await close(options)
    }
    return stream
  }

  #current(): Connection {
    return this.links.findLast(connection => connection.status === 'open') ?? (this.links[0] as Connection)
  }
}
