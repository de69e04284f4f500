import type { TopologyEngine, TopologyInit } from '../../../src/core/topology/topology-engine.ts'
import { type Place, placeOf } from '../../../src/shared/ring.ts'
import { seededRandom } from '../../../src/shared/seeded-random.ts'
import type { Latency } from './latency.ts'
import { SimMember } from './sim-member.ts'
import { SimNetwork, type SimNetworkInit } from './sim-network.ts'
import type { SimNodeInit } from './sim-node.ts'
import type { SimProtocolFactory } from './sim-protocol.ts'

/** Members that a new one hears of: what a relay answers. Issue 4: at most six. */
const CONTACTS = 6

/** Of how many that have come last the contacts are: what a relay's list still holds. */
const LATEST = 100

/** How {@link SimGroup} is made. */
export interface SimGroupInit {
  readonly seed: number
  readonly latency: Latency
  readonly lossRate?: number
  readonly canReach?: NonNullable<SimNetworkInit['canReach']>
  readonly engine: (init: TopologyInit) => TopologyEngine
  readonly protocols?: readonly SimProtocolFactory[]
}

/** How one member differs from the others. */
export interface SimJoin extends Partial<SimNodeInit> {
  readonly engine?: (init: TopologyInit) => TopologyEngine
  readonly protocols?: readonly SimProtocolFactory[]
  readonly maxNeighbors?: number
  /** Whom it hears of. @default six at random of the latest hundred that are there */
  readonly contacts?: readonly string[]
}

/** A group on a network of its own: members come and go. */
export class SimGroup {
  readonly network: SimNetwork
  /** Those that are there, by peer, in the order of coming. */
  readonly members: Map<string, SimMember> = new Map()
  /** Of all that have ever been. */
  readonly places: Map<string, Place> = new Map()
  /** 0 ≤ x < 1: who joins where, who is killed. */
  readonly random: () => number
  readonly #init: SimGroupInit
  #latest: string[] = []
  #joined = 0

  constructor(init: SimGroupInit) {
    this.#init = init
    this.network = new SimNetwork(init)
    this.random = seededRandom(init.seed ^ 0x5eed)
  }

  /** A place for a name, at random; the one it has, if any. Engines know no peer without. */
  place(name: string): Place {
    let place = this.places.get(name)
    if (place === undefined) {
      place = placeOf(Uint8Array.from({ length: 32 }, () => Math.floor(this.random() * 256)))
      this.places.set(name, place)
    }
    return place
  }

  /** A member joins now. */
  join(how: SimJoin = {}): SimMember {
    const { network, places } = this
    const { seed, engine, protocols } = this.#init
    const name = how.name ?? `m${this.#joined}`
    this.#joined += 1
    this.place(name)
    const contacts = how.contacts ?? this.#contacts()
    const others = protocols === undefined ? {} : { protocols }
    const member = new SimMember({ engine, ...others, ...how, name, network, places, seed })
    this.members.set(name, member)
    this.#latest.push(name)
    if (this.#latest.length > 2 * LATEST) this.#latest = this.#latest.slice(-LATEST)
    for (const peer of contacts) member.run({ type: 'candidate', peer })
    return member
  }

  /** So many join, evenly over this time. Returns when it has passed. */
  joinOver(count: number, ms: number, how: SimJoin = {}): void {
    for (let i = 0; i < count; i++) this.network.queue.after((ms * i) / count, () => this.join(how))
    this.network.advance(ms)
  }

  /** These go without a word. */
  kill(members: Iterable<SimMember>): void {
    for (const member of members) {
      this.#forget(member)
      this.network.kill(member.node)
    }
  }

  /** One goes in good order. */
  leave(member: SimMember): void {
    this.#forget(member)
    this.network.leave(member.node)
  }

  /** So many of them, at random. */
  sample(count: number): SimMember[] {
    const members = [...this.members.values()]
    for (let i = 0; i < Math.min(count, members.length); i++) {
      const j = i + Math.floor(this.random() * (members.length - i))
      const [a, b] = [members[i], members[j]]
      if (a !== undefined && b !== undefined) [members[i], members[j]] = [b, a]
    }
    return members.slice(0, count)
  }

  #forget(member: SimMember): void {
    this.members.delete(member.peer)
    this.#latest = this.#latest.filter(peer => peer !== member.peer)
  }

  #contacts(): string[] {
    const latest = this.#latest.slice(-LATEST)
    const contacts: string[] = []
    while (contacts.length < CONTACTS && latest.length > 0)
      contacts.push(...latest.splice(Math.floor(this.random() * latest.length), 1))
    return contacts
  }
}
