import type {
  ComponentLogger,
  Connection,
  ConnectionGater,
  Libp2pEvents,
  Logger,
  PeerId,
  PeerStore,
  PrivateKey,
  TypedEventTarget
} from '@libp2p/interface'
import type { ConnectionManager, Registrar, TransportManager } from '@libp2p/interface-internal'
import { ClassScheduler } from './class-scheduler.ts'
import type { Clock } from './clock.ts'
import { ConnectionWatch } from './connection-watch.ts'
import { EndingStreams } from './ending-streams.ts'
import type { GroupMember } from './group-member.ts'
import { LinkProtocol } from './link-protocol.ts'
import { MembershipGate } from './membership-gate.ts'
import { Misbehavior } from './misbehavior.ts'
import { PathKeeper } from './path-keeper.ts'
import { PeerPaths } from './peer-paths.ts'
import type { Pubsub } from './pubsub.ts'

/** What the host needs of the parts of a libp2p node. */
export interface HostComponents {
  readonly peerId: PeerId
  readonly privateKey: PrivateKey
  readonly logger: ComponentLogger
  readonly registrar: Registrar
  readonly connectionManager: ConnectionManager
  readonly connectionGater: ConnectionGater
  readonly transportManager: TransportManager
  readonly peerStore: PeerStore
  readonly events: TypedEventTarget<Libp2pEvents>
}

/** How {@link GroupHost} is made. */
export interface GroupHostInit {
  readonly components: HostComponents
  readonly clock: Clock
  readonly randomBytes: (length: number) => Uint8Array
}

/** Where a libp2p node's host hangs: at its pubsub service, so that nothing global is needed to find it. */
const HOST = Symbol.for('netgroup.host')

/**
 * Everything of netgroup that exists once per libp2p node, however many connections and groups use it: the gate before pubsub, the link protocol,
 * who misbehaved, who is blocked, and the memberships by group.
 */
export class GroupHost {
  readonly components: HostComponents
  readonly clock: Clock
  readonly randomBytes: (length: number) => Uint8Array
  readonly gate: MembershipGate
  readonly ending: EndingStreams
  readonly links: LinkProtocol
  readonly paths: PeerPaths
  readonly pathKeeper: PathKeeper
  readonly log: Logger
  /** Memberships by group id in hex. */
  readonly members: Map<string, GroupMember> = new Map()
  readonly #misbehavior = new Misbehavior()
  readonly #blocked = new Map<string, number>()
  readonly #schedulers = new WeakMap<Connection, ClassScheduler>()
  #pubsub: Pubsub | undefined
  #watch: ConnectionWatch | undefined

  constructor({ components, clock, randomBytes }: GroupHostInit) {
    this.components = components
    this.clock = clock
    this.randomBytes = randomBytes
    this.log = components.logger.forComponent('netgroup:host')
    this.ending = new EndingStreams(clock)
    this.gate = new MembershipGate(components.registrar, clock, this.ending)
    this.links = new LinkProtocol({
      peerID: components.peerId,
      registrar: components.registrar,
      clock,
      schedulerOf: connection => this.schedulerOf(connection),
      log: components.logger.forComponent('netgroup:link'),
      randomBytes
    })
    const log = components.logger.forComponent('netgroup:path')
    this.paths = new PeerPaths({ components, clock, log })
    this.pathKeeper = new PathKeeper({
      paths: this.paths,
      users: () => this.members.values(),
      clock,
      random: () => (randomBytes(1)[0] as number) / 256,
      log
    })
    components.events.addEventListener('connection:open', ({ detail }) => {
      if (this.isBlocked(detail.remotePeer.toString())) detail.abort(new Error('Blocked'))
      else this.pathKeeper.onConnection(detail)
    })
    components.events.addEventListener('peer:identify', ({ detail }) =>
      this.pathKeeper.onConnection(detail.connection)
    )
  }

  /** The host of a libp2p node, or undefined when the node was not made with `netgroupServices()`. */
  static of(node: { services: object }): GroupHost | undefined {
    const pubsub = (node.services as { pubsub?: { [HOST]?: GroupHost } }).pubsub
    return pubsub?.[HOST]
  }

  /** Called once, by whoever makes the pubsub service. */
  attach(service: object, pubsub: Pubsub): void {
    this.#pubsub = pubsub
    Object.defineProperty(service, HOST, { value: this })
  }

  /** From now on connections that die without a word end: for nodes without libp2p's connection monitor. */
  watchConnections(): void {
    const { components, clock, randomBytes } = this
    this.#watch ??= new ConnectionWatch({
      events: components.events,
      clock,
      randomBytes,
      log: components.logger.forComponent('netgroup:watch'),
      linksOn: connection =>
        [...this.members.values()].flatMap(({ links }) => {
          const link = links.get(connection.remotePeer.toString())
          return link?.connection === connection ? [link] : []
        })
    })
  }

  get pubsub(): Pubsub {
    if (this.#pubsub === undefined) throw new Error('The host has no pubsub service yet')
    return this.#pubsub
  }

  /** The node's peer id as a multihash, as all our hashes and signatures take it. */
  get peerIDBytes(): Uint8Array {
    return this.components.peerId.toMultihash().bytes
  }

  /** Decides what this connection sends next: one for all that netgroup sends over it. */
  schedulerOf(connection: Connection): ClassScheduler {
    const known = this.#schedulers.get(connection)
    if (known !== undefined) return known
    const scheduler = new ClassScheduler()
    this.#schedulers.set(connection, scheduler)
    return scheduler
  }

  /** A neighbor passed on what is false by its own bytes. The third time in a minute its links end, in all groups. */
  reportInvalidMessage(peerID: PeerId): void {
    if (!this.#misbehavior.report(peerID.toString(), this.clock.now())) return
    this.log('%p sent too many invalid messages', peerID)
    this.#dropLinks(peerID, 'Too many invalid messages')
  }

  /** Would a link with this peer be refused whatever it proves? */
  isRefused(peerID: PeerId): boolean {
    const id = peerID.toString()
    return this.#blocked.has(id) || this.#misbehavior.isRefused(id, this.clock.now())
  }

  /** For gossipsub's score. */
  scoreOf(peer: string): number {
    return this.#misbehavior.scoreOf(peer, this.clock.now())
  }

  /** Is this peer blocked by the application? */
  isBlocked(peer: string): boolean {
    return this.#blocked.has(peer)
  }

  /** Ends the peer's links and connections and refuses it from now on. Counts: as many unblocks as blocks let it in again. */
  block(peerID: PeerId): void {
    const id = peerID.toString()
    this.#blocked.set(id, (this.#blocked.get(id) ?? 0) + 1)
    this.#dropLinks(peerID, 'Blocked')
    for (const connection of this.components.connectionManager.getConnections(peerID))
      connection.abort(new Error('Blocked'))
  }

  unblock(peerID: PeerId): void {
    const id = peerID.toString()
    const count = (this.#blocked.get(id) ?? 0) - 1
    if (count > 0) this.#blocked.set(id, count)
    else this.#blocked.delete(id)
  }

  /** The network of this machine is another one than before. */
  onNetworkChange(): void {
    for (const member of this.members.values()) member.onNetworkChange()
    this.pathKeeper.hurry()
  }

  /** Ends all memberships. Resolves when neighbors have read what was sent to them last, or do not answer. */
  async close(): Promise<void> {
    this.pathKeeper.close()
    this.#watch?.close()
    await Promise.all([...this.members.values()].map(member => member.close()))
    await this.ending.untilRead()
  }

  #dropLinks(peerID: PeerId, reason: string): void {
    for (const member of this.members.values()) member.dropLink(peerID, reason)
  }
}
