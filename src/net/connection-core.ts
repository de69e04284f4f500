import type { Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { toString as bytesToText } from 'uint8arrays/to-string'
import type { Groupspec } from '../core/groupspec/groupspec.ts'
import { multiaddrOf, peerOf } from './addresses.ts'
import type { Timer } from './clock.ts'
import type { DialAttempt } from './dial-race.ts'
import type { GroupHost } from './group-host.ts'
import type { GroupMember } from './group-member.ts'
import type { IceServers } from './ice-servers.ts'
import { isOnLocalNetwork } from './path.ts'
import type { Platform } from './platform.ts'
import { RelayKeeper, type RelayState } from './relay-keeper.ts'
import { namedRelay, type RelaySource, relaysOf } from './relay-source.ts'

/** Network changes come in bursts (an address goes, another comes): they are acted on when it has been quiet for this long, in ms. Guess. */
const NETWORK_SETTLE_MS = 500

/** What memberships take: loaded before the first {@link ConnectionCore.join}. */
export type GroupCode = Pick<typeof import('./group-member.ts'), 'GroupMember'>

/** How {@link ConnectionCore} is made. */
export interface ConnectionCoreInit {
  readonly libp2p: Libp2p
  readonly host: GroupHost
  readonly platform: Platform
  /** Look for groups on the LAN. */
  readonly lan: boolean
  readonly relays: readonly RelaySource[]
  readonly iceServers: IceServers
  /** Ask the router to let others in. */
  readonly portMapping: boolean
  /** Called after every change of {@link ConnectionCore.relays}. */
  readonly onRelayChange: (state: RelayState) => void
  /** The network of this machine is another one than before. */
  readonly onNetworkChange: () => void
}

/** What stands behind a NetConnection: a libp2p node, its relays, and the groups joined through it. */
export class ConnectionCore {
  readonly libp2p: Libp2p
  readonly host: GroupHost
  readonly #init: ConnectionCoreInit
  readonly #keepers = new Map<string, RelayKeeper>()
  readonly #lanOnly: boolean
  readonly #states = new WeakMap<RelayKeeper, RelayState['state']>()
  #stopWatching: (() => void) | undefined
  #networkTimer: Timer | undefined
  #stopMapping: (() => Promise<void>) | undefined

  constructor(init: ConnectionCoreInit) {
    this.#init = init
    this.libp2p = init.libp2p
    this.host = init.host
    this.#lanOnly = init.lan && init.relays.length === 0
  }

  /** The machine that it stands on. */
  get platform(): Platform {
    return this.#init.platform
  }

  /** How it stands with each relay, in the order in which they came. */
  get relays(): RelayState[] {
    return [...this.#keepers.values()].map(({ state }) => state)
  }

  /** Where a peer may be reached that is met in no group: what libp2p knows of it, and the relays in use, where it may be as well. Undefined: nowhere that is known. */
  async addressesOf(peerID: PeerId): Promise<Multiaddr[] | undefined> {
    const { addresses } = await this.libp2p.peerStore.get(peerID).catch(() => ({ addresses: [] }))
    const suffix = `/p2p/${peerID.toString()}`
    const known = addresses
      .map(({ multiaddr }) => multiaddr)
      .map(address => (address.toString().endsWith(suffix) ? address : address.encapsulate(suffix)))
    const relays = [...this.#keepers.values()].filter(({ state }) => state.state === 'connected')
    const circuits = relays.flatMap(({ address }) => address?.encapsulate(`/p2p-circuit${suffix}`) ?? [])
    const all = [...known, ...circuits]
    return all.length === 0 ? undefined : all
  }

  /** Each relay address that was tried in vain, with its own reason. Ends the tries that are under way. */
  async attempts(): Promise<DialAttempt[]> {
    await Promise.all([...this.#keepers.values()].map(keeper => keeper.giveUpTry()))
    return [...this.#keepers.values()].flatMap(({ attempts, state }) =>
      attempts.length > 0
        ? attempts
        : [{ address: state.address, reason: state.reason ?? 'no answer in time' }]
    )
  }

  /** Begins to look after the relays. Resolves at once. */
  start(): void {
    const { platform, relays, host } = this.#init
    for (const relay of relays) this.#keep(relay)
    // While relays answer, so that the first join need not wait for it. If it fails, joining tries again and says so.
    import('./group-member.ts').catch(() => {})
    this.#stopWatching = platform.onNetworkChange(change => {
      if (change === 'other') this.#init.onNetworkChange()
      this.#networkTimer?.cancel()
      this.#networkTimer = host.clock.setTimer(() => this.#hurry(), NETWORK_SETTLE_MS)
    })
  }

  /**
   * The membership in this group, new or already there. Every join is to be ended with one {@link leave}.
   *
   * Relays in the groupspec are used from now on, unless the connection keeps to the LAN.
   */
  async join(
    groupspec: Groupspec,
    { GroupMember }: GroupCode,
    options: { maxNeighbors?: number } = {}
  ): Promise<GroupMember> {
    const { host } = this
    const groupID = bytesToText(groupspec.groupID, 'base16')
    for (
      let standing = host.members.get(groupID);
      standing !== undefined;
      standing = host.members.get(groupID)
    ) {
      if (standing.retain()) return await started(standing)
      await standing.close()
    }
    if (!this.#lanOnly) this.#keepNew(groupspec.relays.flatMap(bytes => multiaddrOf(bytes) ?? []))
    const { libp2p, platform, lan } = this.#init
    const relays = [...this.#keepers.values()].flatMap(({ address }) => address ?? [])
    const member = new GroupMember({
      host,
      libp2p,
      platform,
      groupspec,
      lan,
      lanOnly: this.#lanOnly,
      relays,
      ...options
    })
    member.retain()
    return await started(member)
  }

  /** Stops looking after relays. Memberships have been left before. */
  async close(): Promise<void> {
    this.#stopWatching?.()
    this.#networkTimer?.cancel()
    for (const keeper of this.#keepers.values()) keeper.close()
    this.#keepers.clear()
    await this.#stopMapping?.()
  }

  /** Relays that a groupspec names, unless they are in use. */
  #keepNew(addresses: readonly Multiaddr[]): void {
    const inUse = new Set([...this.#keepers.values()].map(({ address }) => address && peerOf(address)))
    for (const relay of relaysOf(addresses).map(namedRelay))
      if (relay.peer === undefined || !inUse.has(relay.peer)) this.#keep(relay)
  }

  #keep(source: RelaySource): void {
    const key = source.peer ?? source.name
    if (this.#keepers.has(key)) return
    const { platform, iceServers, host } = this.#init
    const keeper = new RelayKeeper({
      source,
      node: this.libp2p,
      platform,
      paths: host.paths,
      clock: platform.clock,
      random: () => (platform.randomBytes(1)[0] as number) / 256,
      onChange: changed => this.#onRelayChange(changed),
      onIceServers: ({ state }, servers) => {
        if (iceServers.tell(state.address, servers)) host.pathKeeper.hurry()
      }
    })
    this.#keepers.set(key, keeper)
    keeper.start()
  }

  #onRelayChange(keeper: RelayKeeper): void {
    const { address, state } = keeper
    const isNew = state.state === 'connected' && this.#states.get(keeper) !== 'connected'
    this.#states.set(keeper, state.state)
    if (isNew && address !== undefined) {
      for (const member of this.host.members.values()) member.addRelay(address)
      // Behind a relay on this network nobody is let in who is not in already.
      if (!isOnLocalNetwork(address) && this.#init.portMapping)
        this.#stopMapping ??= this.#init.platform.mapPorts?.(this.libp2p)
    }
    this.#init.onRelayChange(state)
  }

  #hurry(): void {
    for (const keeper of this.#keepers.values()) keeper.hurry()
    this.host.onNetworkChange()
  }
}

/** The same membership, once it has started, whoever began that. */
async function started(member: GroupMember): Promise<GroupMember> {
  try {
    await member.start()
  } catch (error) {
    await member.close()
    throw error
  }
  return member
}
