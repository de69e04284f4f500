import type { Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { toString as bytesToText } from 'uint8arrays/to-string'
import type { Groupspec } from '../core/groupspec/groupspec.ts'
import { multiaddrOf } from './addresses.ts'
import type { GroupHost } from './group-host.ts'
import { GroupMember } from './group-member.ts'
import type { Platform } from './platform.ts'
import { RelayKeeper, type RelayState } from './relay-keeper.ts'

/** How {@link ConnectionCore} is made. */
export interface ConnectionCoreInit {
  readonly libp2p: Libp2p
  readonly host: GroupHost
  readonly platform: Platform
  /** Look for groups on the LAN. */
  readonly lan: boolean
  readonly relays: readonly Multiaddr[]
  /** Called after every change of {@link ConnectionCore.relays}. */
  readonly onRelayChange: (state: RelayState) => void
}

/** What stands behind a NetConnection: a libp2p node, its relays, and the groups joined through it. */
export class ConnectionCore {
  readonly libp2p: Libp2p
  readonly host: GroupHost
  readonly #init: ConnectionCoreInit
  readonly #keepers = new Map<string, RelayKeeper>()
  readonly #lanOnly: boolean

  constructor(init: ConnectionCoreInit) {
    this.#init = init
    this.libp2p = init.libp2p
    this.host = init.host
    this.#lanOnly = init.lan && init.relays.length === 0
  }

  /** How it stands with each relay, in the order in which they came. */
  get relays(): RelayState[] {
    return [...this.#keepers.values()].map(({ state }) => state)
  }

  /** Begins to look after the relays. Resolves at once. */
  start(): void {
    for (const relay of this.#init.relays) this.#keep(relay)
  }

  /**
   * The membership in this group, new or already there. Every join is to be ended with one {@link leave}.
   *
   * Relays in the groupspec are used from now on, unless the connection keeps to the LAN.
   */
  async join(groupspec: Groupspec, options: { maxNeighbors?: number } = {}): Promise<GroupMember> {
    const { host } = this
    const groupID = bytesToText(groupspec.groupID, 'base16')
    for (
      let standing = host.members.get(groupID);
      standing !== undefined;
      standing = host.members.get(groupID)
    ) {
      if (standing.retain()) return standing
      await standing.close()
    }
    if (!this.#lanOnly)
      for (const bytes of groupspec.relays) {
        const relay = multiaddrOf(bytes)
        if (relay !== undefined) this.#keep(relay)
      }
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
    await member.start()
    return member
  }

  /** Stops looking after relays. Memberships have been left before. */
  close(): void {
    for (const keeper of this.#keepers.values()) keeper.close()
    this.#keepers.clear()
  }

  #keep(address: Multiaddr): void {
    const key = address.toString()
    if (this.#keepers.has(key)) return
    const { platform } = this.#init
    const keeper = new RelayKeeper({
      address,
      node: this.libp2p,
      platform,
      clock: platform.clock,
      random: () => (platform.randomBytes(1)[0] as number) / 256,
      onChange: changed => this.#onRelayChange(changed)
    })
    this.#keepers.set(key, keeper)
    keeper.start()
  }

  #onRelayChange(keeper: RelayKeeper): void {
    const { address, state } = keeper
    if (state.state === 'connected' && address !== undefined)
      for (const member of this.host.members.values()) member.addRelay(address)
    this.#init.onRelayChange(state)
  }
}
