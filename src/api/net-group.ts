import { toString as bytesToText } from 'uint8arrays/to-string'
import { NetGroupError, type Role } from '../core/errors.ts'
import { type Groupspec, parseGroupspec } from '../core/groupspec/groupspec.ts'
import { groupAddressOf } from '../core/groupspec/keys.ts'
import type { GroupCode } from '../net/connection-core.ts'
import type { GroupMember } from '../net/group-member.ts'
import type { AnnouncedStream } from '../net/multicast/stream-announcement.ts'
import type { ValueClasses } from '../net/value.ts'
import type { CallOptions, Calls } from './calls.ts'
import { Channel, type ChannelOptions } from './channel.ts'
import { type GroupSpecifier, groupspecOf } from './group-specifier.ts'
import { encodePresence, type Member, Members } from './members.ts'
import type { RoutingAPI } from './message-source.ts'
import { type GroupAddress, type PeerID, parsePeerID } from './names.ts'
import { coreOf, listGroup, type NetConnection } from './net-connection.ts'
import { ObjectSource } from './object-source.ts'
import { NetGroupReceiveMode } from './sender.ts'
import type { GroupStatus, StatusInfo } from './status.ts'
import type { AbortOptions } from './status-target.ts'

/** A member with whom there is a link. */
export interface Neighbor {
  readonly peerID: PeerID
  readonly groupAddress: GroupAddress
  /** How it is reached: 'tcp', 'websocket', 'webrtc-direct', 'webrtc', 'circuit', 'memory'. */
  readonly transport: string
  /** Through a relay? */
  readonly relayed: boolean
  /** Round trip time in ms, smoothed; as of the moment when this object was made. */
  readonly rttMs: number
  readonly since: Date
}

/** A stream that is published in a group. */
export interface GroupStream {
  readonly name: string
  readonly publisher: PeerID
}

/** How to join. */
export interface JoinOptions<Message> extends AbortOptions {
  /** Messages come from strangers: what fails is counted and dropped on arrival, and refused on sending. */
  validate?: (value: unknown) => value is Message
  /** Classes whose instances may be sent and come back as such, by the name under which they travel. */
  classes?: ValueClasses
  /**
   * What members see of this one: any value that can be sent, in up to 1,024 bytes encoded. Also asks for `members` and their events. Absent: this member is not announced,
   * and sees none.
   */
  presence?: unknown
  /** `'sender'`: each sender's posts in the order in which they were sent, waiting at most 500 ms for one that is missing. @default 'sender' */
  order?: 'sender' | 'none'
  /** Links to have at most, of one's own making; twice as many are accepted. @default what the ring needs: about log2 of the number of members, and 13 */
  maxNeighbors?: number
  /** Hears everything from the first moment, also what happens while `join` is under way. */
  onStatus?: (info: StatusInfo<GroupStatus<Message>>) => void
}

/** Rates in bytes per second, over the last seconds, and what was refused. */
export interface NetGroupInfo {
  /** Values posted here. */
  readonly postingSendDataBytesPerSecond: number
  /** Values of others' posts accepted here. */
  readonly postingReceiveDataBytesPerSecond: number
  /** Values sent to some members and not to all, those passed on among them. */
  readonly routingSendBytesPerSecond: number
  readonly routingReceiveBytesPerSecond: number
  /** Objects and files that were sent to neighbors, without what goes around them. */
  readonly objectReplicationSendBytesPerSecond: number
  readonly objectReplicationReceiveBytesPerSecond: number
  /** Messages that were not accepted or not delivered, by reason. */
  readonly rejected: Readonly<Record<string, number>>
}

let readMember: (group: NetGroup) => GroupMember
let readGroupspec: (group: NetGroup) => Groupspec

/**
 * What stands behind a group.
 * @internal
 */
export function memberOf(group: NetGroup): GroupMember {
  return readMember(group)
}

/**
 * The groupspec that a group was joined with, and its rights.
 * @internal
 */
export function groupspecOfGroup(group: NetGroup): Groupspec {
  return readGroupspec(group)
}

/** A membership in a group. From {@link NetGroup.join}. */
export class NetGroup<Message = unknown> extends ObjectSource<Message, GroupStatus<Message>> {
  /** The connection it was joined through. */
  readonly connection: NetConnection
  /** 64 hex digits: which group this is. */
  readonly groupID: string
  /** Own place on the group's ring. */
  readonly groupAddress: GroupAddress
  /**
   * What other members may {@link NetGroup.call}: its methods, own ones and those of its class. None by default. Whoever is in the group can call them, so they have to check what
   * they are given.
   */
  client: object = {}
  readonly #member: GroupMember
  readonly #groupspec: Groupspec
  /** Where the group has routing. */
  readonly #calls: Calls | undefined
  readonly #routing: RoutingAPI | undefined
  readonly #classes: ValueClasses
  readonly #members: Members
  readonly #channels = new Set<{ close(): Promise<void> }>()
  readonly #unlist: () => void
  #neighbors: readonly Neighbor[] | undefined
  #streams: readonly GroupStream[] | undefined
  #closing: Promise<void> | undefined

  static {
    readMember = group => group.#member
    readGroupspec = group => group.#groupspec
  }

  private constructor(
    connection: NetConnection,
    member: GroupMember,
    groupspec: Groupspec,
    options: JoinOptions<Message>,
    routing: RoutingAPI | undefined
  ) {
    const classes = options.classes ?? {}
    super({
      member,
      groupspec,
      channel: '',
      classes,
      validate: options.validate,
      order: options.order ?? 'sender',
      routing,
      log: connection.libp2p.logger.forComponent('netgroup:group'),
      onStatus: options.onStatus
    })
    this.connection = connection
    this.groupID = member.groupID
    this.groupAddress = bytesToText(member.groupAddress, 'base16')
    this.#member = member
    this.#groupspec = groupspec
    this.#classes = classes
    this.#routing = routing
    this.#calls = routing && new routing.Calls({ member, groupspec, classes, client: () => this.client })
    this.#members = new Members({
      member,
      classes,
      onChange: () => this.changed(),
      onNews: (code, fields) => this.dispatchStatus(code, fields)
    })
    member.listeners.add(this.#listener)
    member.streams.runner?.listeners.add(this.#streamListener)
    this.#unlist = listGroup(connection, this as NetGroup)
  }

  /**
   * Becomes a member of a group. Resolves at success: nobody else need be there. Joining a group twice on one connection gives two faces of one membership, which
   * ends with the last of them.
   *
   * @throws TypeError for a wrong argument; rejects GroupspecError for a broken groupspec, NetGroupError CLOSED when the connection is closed before or meanwhile,
   *   MESSAGE_TOO_LARGE and VALUE_UNSUPPORTED for a presence that cannot be sent
   */
  static async join<Message = unknown>(
    connection: NetConnection,
    groupspec: string | GroupSpecifier,
    options: JoinOptions<Message> = {}
  ): Promise<NetGroup<Message>> {
    options.signal?.throwIfAborted()
    coreOf(connection)
    const spec = typeof groupspec === 'string' ? parseGroupspec(groupspec) : groupspecOf(groupspec)
    checkOptions(options)
    const { maxNeighbors, presence, classes } = options
    const shown = presence === undefined ? undefined : encodePresence(presence, classes)
    const { groups, objects, routing } = await loadFor(spec)
    // Again: it may have been closed meanwhile.
    const member = await coreOf(connection).join(
      spec,
      groups,
      maxNeighbors === undefined ? {} : { maxNeighbors }
    )
    if (options.signal?.aborted === true || !connection.connected) {
      await member.release()
      options.signal?.throwIfAborted()
      throw new NetGroupError('CLOSED', 'Cannot join: the connection was closed meanwhile', {})
    }
    const group = new NetGroup<Message>(connection, member, spec, options, routing)
    if (objects !== undefined) group.useObjects(objects)
    if (shown !== undefined) group.#members.present(shown)
    return group
  }

  /** How many neighbors there are. */
  get neighborCount(): number {
    return this.neighbors.length
  }

  /** The neighbors. The same frozen array until one comes or goes. */
  get neighbors(): readonly Neighbor[] {
    this.#neighbors ??= Object.freeze(
      [...this.#member.links.values()].map(link =>
        Object.freeze({
          peerID: link.peerID.toString(),
          groupAddress: this.convertPeerIDToGroupAddress(link.peerID.toString()),
          transport: link.transport,
          relayed: link.relayed,
          rttMs: link.rttMs,
          since: link.since
        })
      )
    )
    return this.#neighbors
  }

  /** The streams that are published in the group, own ones among them. The same frozen array until one comes or goes. */
  get streams(): readonly GroupStream[] {
    this.#streams ??= Object.freeze(
      (this.#member.streams.runner?.directory.streams ?? []).map(stream =>
        Object.freeze(nameAndPublisher(stream))
      )
    )
    return this.#streams
  }

  /**
   * How many members the group has, this one included: counted up to about 25, beyond that estimated by how densely the ring is settled around this member and its neighbors, which errs by 8 % in the
   * median and seldom by more than a quarter.
   */
  get estimatedMemberCount(): number {
    return this.#member.estimatedMemberCount
  }

  /** Where the addresses begin to which this member is nearest, in increasing direction. A change is told as `NetGroup.LocalCoverage.Notify`. */
  get localCoverageFrom(): GroupAddress {
    return bytesToText(this.#member.coverage.from, 'base16')
  }

  /** The last address to which this member is nearest. The ranges of all members tile the ring, once it is settled. */
  get localCoverageTo(): GroupAddress {
    return bytesToText(this.#member.coverage.to, 'base16')
  }

  /**
   * The other members that want to be seen, by peer id; this one is not among them. The same map until something changes. Empty for who joined without `presence`.
   * Neighbors are not presence: this is told by signed words that all members pass on, so one is listed however far it is.
   */
  get members(): ReadonlyMap<PeerID, Member> {
    return this.#members.all
  }

  /**
   * Shows other members another value, in up to 1,024 bytes encoded. Who joined without `presence` is seen, and sees others, from now on. When a group was joined
   * twice on one connection, the value set last is what others see.
   *
   * @throws NetGroupError CLOSED, MESSAGE_TOO_LARGE, VALUE_UNSUPPORTED with the path, also for `undefined`
   */
  setPresence(presence: unknown): void {
    if (!this.#isOpen) throw new NetGroupError('CLOSED', 'Cannot set presence: the group was closed', {})
    this.#members.present(encodePresence(presence, this.#classes))
  }

  /** Rates of the last seconds, and what was refused. A snapshot. */
  get info(): NetGroupInfo {
    const { posts, rejected, routing, replication } = this.#member
    return Object.freeze({
      postingSendDataBytesPerSecond: posts.sentBytesPerSecond,
      postingReceiveDataBytesPerSecond: posts.receivedBytesPerSecond,
      routingSendBytesPerSecond: routing.sentBytesPerSecond,
      routingReceiveBytesPerSecond: routing.receivedBytesPerSecond,
      objectReplicationSendBytesPerSecond: replication.sentBytesPerSecond,
      objectReplicationReceiveBytesPerSecond: replication.receivedBytesPerSecond,
      rejected: Object.freeze(Object.fromEntries(rejected))
    })
  }

  /** Has this groupspec the right for this role, now? True as well where none is needed. @throws TypeError for an unknown role */
  can(role: Role): boolean {
    if (role !== 'posting' && role !== 'publish')
      throw new TypeError(`Cannot ask for role ${JSON.stringify(role)}: give 'posting' or 'publish'`)
    const { capabilities, authorities } = this.#groupspec
    if (!(role === 'posting' ? capabilities.postingEnabled : capabilities.multicastEnabled)) return false
    return authorities[role] === undefined || this.#member.rightIn(this.#groupspec, role) !== undefined
  }

  /**
   * A side channel in the same group, with messages of its own type: what is posted there is heard there only.
   *
   * @param name 1 to 255 bytes of UTF-8; those that begin with `netgroup/` are taken
   * @throws RangeError for another name, NetGroupError CLOSED after `close()`
   */
  channel<T = unknown>(name: string, options: ChannelOptions<T> = {}): Channel<T> {
    if (!this.#isOpen)
      throw new NetGroupError('CLOSED', `Cannot open channel "${name}": the group was closed`, {})
    const channel = new Channel<T>({
      channel: name,
      member: this.#member,
      groupspec: this.#groupspec,
      classes: this.#classes,
      validate: options.validate,
      routing: this.#routing,
      log: this.connection.libp2p.logger.forComponent('netgroup:channel'),
      onClose: closed => this.#channels.delete(closed as Channel)
    })
    this.#channels.add(channel)
    return channel
  }

  /**
   * Which addresses this member takes messages for: `'exact'`, its own only, or `'nearest'`, also those to which it is nearer than all others that take such. The same for
   * all faces of a membership. @default 'exact'
   */
  get receiveMode(): NetGroupReceiveMode {
    return this.#member.routing.receiveMode
  }

  /** @throws TypeError for an unknown mode */
  set receiveMode(mode: NetGroupReceiveMode) {
    if (!Object.values(NetGroupReceiveMode).includes(mode))
      throw new TypeError(`Cannot receive in mode ${JSON.stringify(mode)}: give 'exact' or 'nearest'`)
    if (this.receiveMode === mode) return
    this.#member.routing.receiveMode = mode
    this.changed()
  }

  /**
   * Runs `client[command](...args)` at another member, and resolves with what that answers, awaited. The original's `NetConnection.call`, to a member.
   *
   * @throws Rejects with an Error that has the other side's words, when it has no such command or that fails; NetGroupError PEER_UNREACHABLE, TIMEOUT,
   *   CAPABILITY_DISABLED (routing), MESSAGE_TOO_LARGE, VALUE_UNSUPPORTED, CLOSED; TypeError, RangeError for wrong arguments; the signal's reason
   */
  call<R = unknown>(
    peerID: PeerID,
    command: string,
    args: readonly unknown[],
    options: CallOptions = {}
  ): Promise<R> {
    const cannot = `Cannot call ${JSON.stringify(command)} in group "${this.#groupspec.name}"`
    const result = this.#calls?.call(peerID, command, args, options) ?? this.refuseRouting(cannot, options)
    return result as Promise<R>
  }

  /**
   * Asks for a link with this member, beyond those that the group makes by itself. True when it will be tried; false when there is one, or it is this peer.
   * As in the original, nothing comes of it if the peer is no member.
   *
   * @throws TypeError for no peer id
   */
  addNeighbor(peerID: PeerID): boolean {
    return this.#member.addNeighbor(parsePeerID(peerID, 'add the neighbor'))
  }

  /** Tells that this peer may be a member; what comes of it, the group decides. False when it is this peer. @throws TypeError for no peer id */
  addMemberHint(peerID: PeerID): boolean {
    const peer = parsePeerID(peerID, 'add the member hint')
    if (!this.#isOpen || peer.equals(this.connection.libp2p.peerId)) return false
    this.#member.addCandidate({ peerID: peer, multiaddrs: [], source: 'hint' })
    return true
  }

  /** The place of a peer on this group's ring. It need not be a member. @throws TypeError for no peer id */
  convertPeerIDToGroupAddress(peerID: PeerID): GroupAddress {
    const peer = parsePeerID(peerID, 'convert the peer id')
    return bytesToText(groupAddressOf(this.#member.keys.groupID, peer.toMultihash().bytes), 'base16')
  }

  /** Resolves when there are this many neighbors. @throws RangeError for a count below 1; rejects CLOSED, or the signal's reason */
  async waitForNeighbors(count = 1, { signal }: AbortOptions = {}): Promise<void> {
    if (!Number.isInteger(count) || count < 1)
      throw new RangeError(`Cannot wait for ${count} neighbors: give an integer from 1`)
    if (this.neighborCount >= count) return
    const codes = ['NetGroup.Neighbor.Connect', 'NetGroup.Neighbor.Disconnect'] as const
    for await (const _ of this.statuses({ code: codes, ...(signal === undefined ? {} : { signal }) }))
      if (this.neighborCount >= count) return
    throw new NetGroupError('CLOSED', 'Cannot wait for neighbors: the group was closed', {})
  }

  /** Leaves the group. Posts that wait for a neighbor fail. Idempotent. */
  close(_options: AbortOptions = {}): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #isOpen(): boolean {
    return this.#closing === undefined && !this.#member.isClosed
  }

  async #close(): Promise<void> {
    this.#member.listeners.delete(this.#listener)
    this.#member.streams.runner?.listeners.delete(this.#streamListener)
    this.#unlist()
    this.endMessages()
    this.#calls?.close()
    this.#members.close()
    await this.endObjects()
    await Promise.all([...this.#channels].map(channel => channel.close()))
    await this.#member.release()
    this.#neighbors = Object.freeze([])
    this.changed()
    this.dispatchStatus('NetGroup.Connect.Closed', {})
    this.endStatuses()
  }

  readonly #streamListener = {
    onPublished: (stream: AnnouncedStream): void => {
      this.#streams = undefined
      this.changed()
      this.dispatchStatus('NetGroup.MulticastStream.PublishNotify', nameAndPublisher(stream))
    },
    onUnpublished: (stream: AnnouncedStream): void => {
      this.#streams = undefined
      this.changed()
      this.dispatchStatus('NetGroup.MulticastStream.UnpublishNotify', nameAndPublisher(stream))
    }
  }

  readonly #listener = {
    onNeighborConnect: (peerID: PeerID): void => {
      this.#neighbors = undefined
      this.changed()
      this.dispatchStatus('NetGroup.Neighbor.Connect', this.#neighborFields(peerID))
    },
    onNeighborDisconnect: (peerID: PeerID): void => {
      this.#neighbors = undefined
      this.changed()
      this.dispatchStatus('NetGroup.Neighbor.Disconnect', this.#neighborFields(peerID))
    },
    onNeighborChange: (): void => {
      this.#neighbors = undefined
      this.changed()
    },
    onCoverage: (): void => {
      this.changed()
      this.dispatchStatus('NetGroup.LocalCoverage.Notify', {
        from: this.localCoverageFrom,
        to: this.localCoverageTo
      })
    },
    onClockSkew: (offsetMs: number): void => this.dispatchStatus('NetGroup.Clock.Skew', { offsetMs }),
    onClosed: (): void => void this.close()
  }

  #neighborFields(peerID: PeerID): { neighbor: GroupAddress; peerID: PeerID } {
    return { neighbor: this.convertPeerIDToGroupAddress(peerID), peerID }
  }
}

/** What this group takes. */
async function loadFor({ capabilities }: Groupspec): Promise<{
  readonly groups: GroupCode
  readonly objects: typeof import('./replication-api.ts') | undefined
  readonly routing: RoutingAPI | undefined
}> {
  const { objectReplicationEnabled, routingEnabled } = capabilities
  const [groups, objects, routing] = await Promise.all([
    import('../net/group-member.ts'),
    objectReplicationEnabled ? import('./replication-api.ts') : undefined,
    routingEnabled ? import('./routing-api.ts') : undefined
  ])
  return { groups, objects, routing }
}

function nameAndPublisher({ description, publisher }: AnnouncedStream): { name: string; publisher: PeerID } {
  return { name: description.name, publisher: publisher.toString() }
}

function checkOptions<Message>({ order, maxNeighbors, validate }: JoinOptions<Message>): void {
  if (order !== undefined && order !== 'sender' && order !== 'none')
    throw new TypeError(`Cannot join with order ${JSON.stringify(order)}: give 'sender' or 'none'`)
  if (maxNeighbors !== undefined && (!Number.isInteger(maxNeighbors) || maxNeighbors < 1))
    throw new RangeError(`Cannot join with maxNeighbors ${maxNeighbors}: give an integer from 1`)
  if (validate !== undefined && typeof validate !== 'function')
    throw new TypeError('Cannot join with this validate: give a function')
}
