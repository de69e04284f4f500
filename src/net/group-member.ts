import type { Connection, Libp2p, Logger, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { toString as bytesToText } from 'uint8arrays/to-string'
import type { Role } from '../core/errors.ts'
import type { Groupspec } from '../core/groupspec/groupspec.ts'
import { deriveKeys, type GroupKeys, groupAddressOf } from '../core/groupspec/keys.ts'
import type { PresenceEntry } from '../core/presence/presence-entry.ts'
import type { Coverage } from '../shared/ring.ts'
import type { DiscoveredPeer } from './discovery.ts'
import { GroupClock } from './group-clock.ts'
import type { GroupHost } from './group-host.ts'
import type { LinkGroup } from './link-protocol.ts'
import type { LinkUser } from './link-user.ts'
import { MemberFinder } from './member-finder.ts'
import { Streams } from './multicast/streams.ts'
import type { NeighborLink } from './neighbor-link.ts'
import { Neighborhood } from './neighborhood.ts'
import type { PathUser } from './path-keeper.ts'
import { PeerPlaces } from './peer-places.ts'
import type { Platform } from './platform.ts'
import type { Post } from './post-validator.ts'
import { Posts } from './posts.ts'
import { Presence } from './presence.ts'
import type { PresenceNews } from './presence-runner.ts'
import { Replication } from './replication.ts'
import { Routing } from './routing.ts'
import { ShownRights } from './shown-rights.ts'
import { Topology } from './topology.ts'

/** What happens in a group, for whoever shows it to the application. All state has changed before. */
export interface MemberListener {
  onNeighborConnect?(peer: string): void
  onNeighborDisconnect?(peer: string): void
  /** A neighbor is reached another way than before, or is nearer or farther. */
  onNeighborChange?(): void
  /** The addresses to which this member is nearest are others than before. */
  onCoverage?(): void
  /** In the order in which each sender sent, see {@link SenderOrder}. */
  onOrderedPost?(from: PeerId, post: Post): void
  /** As it came. */
  onPost?(from: PeerId, post: Post): void
  /** A member that wants to be seen has come, shows something else, or is gone. */
  onPresence?(news: PresenceNews, entry: PresenceEntry): void
  onClockSkew?(offsetMs: number): void
  /** The membership has ended; nothing follows. */
  onClosed?(): void
}

/** How {@link GroupMember} is made. */
export interface GroupMemberInit {
  readonly host: GroupHost
  readonly libp2p: Libp2p
  readonly platform: Platform
  readonly groupspec: Groupspec
  readonly lan: boolean
  readonly lanOnly: boolean
  readonly relays: readonly Multiaddr[]
  readonly maxNeighbors?: number
}

/**
 * The membership in one group: runs the engines over libp2p, holds the links, and tells its listeners. One per group and node; NetGroup objects are
 * faces of it.
 */
export class GroupMember implements LinkGroup, PathUser {
  readonly groupID: string
  readonly keys: GroupKeys
  readonly listeners: Set<MemberListener> = new Set()
  /** Messages that were not accepted, by reason. */
  readonly rejected: Map<string, number> = new Map()
  /** What is posted to all members. */
  readonly posts: Posts
  /** Who is there. */
  readonly presence: Presence
  /** Messages to one member. */
  readonly routing: Routing
  /** Objects that members have and want. */
  readonly replication: Replication
  /** Streams that members publish to all who play them. */
  readonly streams: Streams
  readonly #init: GroupMemberInit
  readonly log: Logger
  readonly #neighborhood: Neighborhood
  readonly #topology: Topology
  readonly #clock: GroupClock
  readonly #finder: MemberFinder
  /** The protocols that run over the links. */
  readonly #linkUsers: readonly LinkUser[]
  readonly #rights: ShownRights
  #holders = 0
  #starting: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(init: GroupMemberInit) {
    this.#init = init
    const { host, groupspec } = init
    this.keys = deriveKeys(groupspec.canonical)
    this.groupID = bytesToText(this.keys.groupID, 'base16')
    this.log = host.components.logger.forComponent(`netgroup:group:${this.groupID.slice(0, 8)}`)
    this.#clock = new GroupClock(host.clock, offsetMs =>
      this.#tell(listener => listener.onClockSkew?.(offsetMs))
    )
    this.#rights = new ShownRights(host.peerIDBytes, this.keys.groupID)
    this.posts = new Posts({
      ...init,
      keys: this.keys,
      log: this.log,
      groupNow: () => this.now(),
      links: () => this.links,
      isNeighbor: peerID => this.#neighborhood.has(peerID),
      reject: reason => this.reject(reason),
      onDeaf: peerID => this.dropLink(peerID, 'The neighbor has no pubsub stream to us'),
      onPost: (from, post) => this.#tell(listener => listener.onPost?.(from, post)),
      onOrderedPost: (from, post) => this.#tell(listener => listener.onOrderedPost?.(from, post))
    })
    const places = new PeerPlaces(this.keys.groupID)
    this.presence = this.#createPresence(places)
    this.routing = new Routing({
      host,
      groupID: this.keys.groupID,
      places,
      isEnabled: groupspec.capabilities.routingEnabled,
      groupNow: () => this.now(),
      links: () => this.links,
      reject: reason => this.reject(reason)
    })
    this.replication = new Replication(
      { host, log: this.log },
      groupspec.capabilities.objectReplicationEnabled
    )
    this.streams = this.#createStreams(places)
    this.#neighborhood = this.#createNeighborhood()
    this.#finder = new MemberFinder({
      ...init,
      privateKey: host.components.privateKey,
      keys: this.keys,
      log: this.log,
      onCandidate: peer => this.#topology.onCandidate(peer)
    })
    this.#topology = new Topology({
      ...init,
      group: this,
      places,
      finder: this.#finder,
      links: this.links,
      log: this.log,
      isInUse: peer => this.streams.uses(peer),
      onCoverage: () => this.#tell(listener => listener.onCoverage?.())
    })
    this.#linkUsers = [
      this.posts,
      this.#topology,
      this.routing,
      this.presence,
      this.replication,
      this.streams
    ]
  }

  #createNeighborhood(): Neighborhood {
    const { host } = this.#init
    return new Neighborhood({
      host,
      open: connection => host.links.open(this, connection),
      connect: (peerID, signal) =>
        host.paths.connect(peerID, this.#finder.addressesOf(peerID.toString()), signal),
      listener: {
        onUp: link => this.#onUp(link),
        onDown: peer => this.#onDown(peer),
        onCut: link => {
          for (const user of this.#linkUsers) user.onLinkCut?.(link)
        },
        onMoved: link => {
          host.pathKeeper.onLink(link.connection, true)
          for (const user of this.#linkUsers) user.onLinkMoved?.(link)
          this.#tell(listener => listener.onNeighborChange?.())
        },
        onFrame: (link, frame) => {
          for (const user of this.#linkUsers) user.onFrame?.(link, frame)
        },
        onMeasured: link => {
          for (const user of this.#linkUsers) user.onRtt?.(link)
          this.#tell(listener => listener.onNeighborChange?.())
        },
        onClockOffset: () => this.#updateClock()
      },
      receiveMode: () => this.routing.helloMode
    })
  }

  #createPresence(places: PeerPlaces): Presence {
    const { host } = this.#init
    return new Presence({
      groupID: this.keys.groupID,
      places,
      privateKey: host.components.privateKey,
      clock: host.clock,
      random: () => {
        const [high = 0, low = 0] = host.randomBytes(2)
        return (256 * high + low) / 65_536
      },
      log: this.log,
      groupNow: () => this.#clock.now(),
      links: () => this.links,
      onNews: (news, entry) => this.#tell(listener => listener.onPresence?.(news, entry)),
      onFalse: from => {
        this.reject('false presence')
        const link = this.links.get(from)
        if (link !== undefined) host.reportInvalidMessage(link.peerID)
      }
    })
  }

  #createStreams(places: PeerPlaces): Streams {
    const { host, groupspec } = this.#init
    return new Streams(
      {
        host,
        groupID: this.keys.groupID,
        places,
        authority: groupspec.authorities.publish?.publicKey,
        groupNow: () => this.now(),
        log: this.log,
        wantLink: peer => this.#topology.want(peer),
        hurry: () => this.#hurry(),
        reject: reason => this.reject(reason)
      },
      groupspec.capabilities.multicastEnabled
    )
  }

  /** Links by peer id: one for each neighbor. */
  get links(): ReadonlyMap<string, NeighborLink> {
    return this.#neighborhood.links
  }

  get linkKey(): Uint8Array {
    return this.keys.linkKey
  }

  get groupspec(): Groupspec {
    return this.#init.groupspec
  }

  /** Own place on the group's ring, 32 bytes. */
  get groupAddress(): Uint8Array {
    return groupAddressOf(this.keys.groupID, this.#init.host.peerIDBytes)
  }

  /** Has it ended, or is it about to? */
  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  /** How many members the group has, this one included. */
  get estimatedMemberCount(): number {
    return this.#topology.estimatedMemberCount
  }

  /** The addresses to which this member is nearest. */
  get coverage(): Coverage {
    return this.#topology.coverage
  }

  /** Becomes a member: answers handshakes, subscribes, and looks for others. Nobody need be found. Idempotent. */
  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<void> {
    const { host, groupspec } = this.#init
    host.members.set(this.groupID, this)
    await Promise.all([this.routing.start(), this.replication.start(), this.streams.start()])
    if (this.isClosed) return
    host.links.add(this)
    this.posts.start()
    if (groupspec.capabilities.peerToPeerDisabled) return
    this.#topology.start()
    await this.#finder.start()
  }

  /** A relay is in use, for the first time or again: looks for members there, and tries those again who could not be reached. */
  addRelay(relay: Multiaddr): void {
    if (this.groupspec.capabilities.peerToPeerDisabled || this.#init.lanOnly) return
    this.#finder.addRelay(relay)
    this.#topology.onPathsChanged()
  }

  /** One more holder of this membership. False when it is ending already. */
  retain(): boolean {
    if (this.isClosed) return false
    this.#holders += 1
    return true
  }

  /** One holder less; the membership ends with the last. */
  async release(): Promise<void> {
    this.#holders -= 1
    if (this.#holders <= 0) await this.close()
  }

  /** Ends the membership: links close in good order, queued posts fail, nothing is left. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { host } = this.#init
    for (const user of this.#linkUsers) user.onLeaving?.()
    host.links.remove(this)
    this.#neighborhood.close()
    for (const user of this.#linkUsers) user.close?.()
    host.members.delete(this.groupID)
    await this.#finder.close()
    this.#tell(listener => listener.onClosed?.())
    this.listeners.clear()
  }

  /** Somebody says that this peer may be a member. */
  addCandidate(peer: DiscoveredPeer): void {
    this.#finder.hear(peer)
  }

  /** Asks for a link with this peer, whatever the engine thinks of it. False when there is one already, or never will be. */
  addNeighbor(peerID: PeerId): boolean {
    const peer = peerID.toString()
    if (this.links.has(peer) || peerID.equals(this.#init.host.components.peerId) || this.isClosed)
      return false
    this.#topology.want(peer)
    return true
  }

  #hurry(): void {
    if (!this.groupspec.capabilities.peerToPeerDisabled) this.#topology.hurry()
  }

  /** Ends the link with this peer at once, if there is one. */
  dropLink(peerID: PeerId, reason: string): void {
    this.#neighborhood.drop(peerID, reason)
  }

  /** The right for a role that a groupspec of this group gives this peer now, as it travels; undefined when none is needed or there is none. */
  rightIn(groupspec: Groupspec, role: Role): Uint8Array | undefined {
    return this.#rights.in(groupspec, role, this.#clock.now())
  }

  /** Counts a message that was not accepted or not delivered. */
  reject(reason: string): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1)
  }

  /** The group's time, ms since 1970. */
  now(): number {
    return this.#clock.now()
  }

  // LinkGroup

  accepts(peerID: PeerId): boolean {
    const { peerToPeerDisabled } = this.#init.groupspec.capabilities
    return (
      !peerToPeerDisabled && !this.#init.host.isRefused(peerID) && this.#topology.accepts(peerID.toString())
    )
  }

  onLink(link: NeighborLink): void {
    if (this.isClosed || this.#init.host.isRefused(link.peerID)) link.abort('Not wanted')
    else this.#neighborhood.take(link)
  }

  // PathUser

  connectionTo(peer: string): Connection | undefined {
    return this.links.get(peer)?.connection
  }

  directAddressesOf(peerID: PeerId): Promise<Multiaddr[]> {
    return this.#finder.directAddressesOf(peerID)
  }

  move(connection: Connection): Promise<void> {
    return this.#neighborhood.move(connection)
  }

  /** The network of this machine is another one than before. */
  onNetworkChange(): void {
    this.#neighborhood.probe()
    this.#topology.onPathsChanged()
  }

  #onUp(link: NeighborLink): void {
    const peer = link.peerID.toString()
    this.#init.host.pathKeeper.onLink(link.connection)
    for (const user of this.#linkUsers) user.onLinkUp?.(link)
    this.#tell(listener => listener.onNeighborConnect?.(peer))
  }

  #onDown(peer: string): void {
    this.#updateClock()
    for (const user of this.#linkUsers) user.onLinkDown?.(peer)
    this.#tell(listener => listener.onNeighborDisconnect?.(peer))
  }

  #updateClock(): void {
    this.#clock.update([...this.links.values()].flatMap(({ clockOffsetMs }) => clockOffsetMs ?? []))
  }

  #tell(event: (listener: MemberListener) => void): void {
    for (const listener of [...this.listeners]) event(listener)
  }
}
