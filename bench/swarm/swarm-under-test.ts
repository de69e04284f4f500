import type { ReplicationStrategy } from '../../src/core/replication/replication-engine.ts'
import type { SimGroup } from '../../test/support/sim-network/sim-group.ts'
import type { SimMember } from '../../test/support/sim-network/sim-member.ts'
import { SimReplication } from '../../test/support/sim-network/sim-replication.ts'
import { percentile } from '../support/median.ts'
import { groupUnderTest, joinAll, SETTLING_MS } from './group-under-test.ts'

/** As in sim-findings, section 4: an object takes an uplink 175 ms. */
const OBJECT_BYTES = 65_536
const UPLINK_BITS_PER_SECOND = 3_000_000

/** How often it is looked whether all have finished, in ms. */
const EVERY_MS = 1_000

/** When it is given up: in multiples of the bound. Lowest-first without rule S2 takes 30. */
const GIVEN_UP = 40

/** Objects of the swarm: a thousand, as issue 5 has it; in small ones, which are run for each change, fewer. */
function objectsFor(leechers: number): number {
  return leechers < 100 ? 300 : 1_000
}

/** One seeder and leechers who begin all at once, on a ring that has settled; all have the same uplink. */
export class SwarmUnderTest {
  readonly group: SimGroup
  readonly leechers: readonly SimMember[]
  /** Who has all, and when: ms after the beginning. */
  readonly finishedMs: Map<string, number> = new Map()
  readonly objects: number
  /** Objects that have come, and those of them that were wanted. */
  received = 0
  useful = 0
  failures = 0
  readonly #seeder: SimMember
  readonly #missing = new Map<string, number>()
  #startMs = 0

  constructor(leechers: number, seed: number, strategy: ReplicationStrategy) {
    this.objects = objectsFor(leechers)
    const listener = {
      onObject: (): void => {
        this.received += 1
      },
      onResult: (peer: string): void => this.#onResult(peer),
      onFailed: (): void => {
        this.failures += 1
      }
    }
    this.group = groupUnderTest(seed, {
      protocols: [shell => new SimReplication(shell, { objectBytes: OBJECT_BYTES, strategy, listener })]
    })
    joinAll(this.group, leechers + 1, { uplinkBitsPerSecond: UPLINK_BITS_PER_SECOND })
    this.group.network.advance(SETTLING_MS)
    const [seeder, ...others] = this.group.sample(leechers + 1)
    if (seeder === undefined) throw new Error('Nobody is there')
    this.#seeder = seeder
    this.leechers = others
  }

  /** How long it takes at least, in ms: the seeder must send each object once, all together must send all to all. */
  get boundMs(): number {
    const fileBits = this.objects * OBJECT_BYTES * 8
    const count = this.leechers.length
    const sent = (count * fileBits) / (UPLINK_BITS_PER_SECOND * (count + 1))
    return 1_000 * Math.max(fileBits / UPLINK_BITS_PER_SECOND, sent)
  }

  /** Objects that leechers still lack, all together. */
  get missing(): number {
    let missing = 0
    for (const each of this.#missing.values()) missing += each
    return missing
  }

  /** Begins. */
  start(): void {
    this.#startMs = this.group.network.nowMs
    replicationOf(this.#seeder).offer(0, this.objects - 1)
    for (const leecher of this.leechers) {
      this.#missing.set(leecher.peer, this.objects)
      replicationOf(leecher).fetch(0, this.objects - 1)
    }
  }

  /** These go, and lack nothing any more. */
  forget(members: Iterable<SimMember>): void {
    for (const { peer } of members) this.#missing.delete(peer)
  }

  /** Lets time pass until this holds, or for so long that it never will. */
  runUntil(isOver: () => boolean): void {
    const { network } = this.group
    while (!isOver() && network.nowMs - this.#startMs < GIVEN_UP * this.boundMs) network.advance(EVERY_MS)
  }

  /** How long it has taken until this part of the leechers who are there had all, in multiples of the bound; NaN when they have not. */
  finished(share: number): number {
    const times = this.leechers
      .filter(({ isAlive }) => isAlive)
      .map(({ peer }) => this.finishedMs.get(peer) ?? Number.NaN)
    return times.some(Number.isNaN) ? Number.NaN : percentile(times, share) / this.boundMs
  }

  /** What the seeder has sent, in files. */
  get seederCopies(): number {
    return this.#sent(this.#seeder, 'object') / (this.objects * OBJECT_BYTES)
  }

  /** Objects that came and were not wanted any more, as a part of all. */
  get waste(): number {
    return (this.received - this.useful) / this.useful
  }

  /** What members tell each other of objects, as a part of the objects' bytes. */
  get control(): number {
    const kinds = ['have', 'want', 'request', 'cancel', 'denial', 'queue']
    const all = [this.#seeder, ...this.leechers]
    const sum = (kind: string): number => all.reduce((bytes, member) => bytes + this.#sent(member, kind), 0)
    return kinds.reduce((bytes, kind) => bytes + sum(kind), 0) / sum('object')
  }

  #sent(member: SimMember, kind: string): number {
    return member.node.sentBytes[this.group.network.kindOf(kind)] ?? 0
  }

  #onResult(peer: string): void {
    this.useful += 1
    const missing = (this.#missing.get(peer) ?? Number.NaN) - 1
    if (missing > 0) this.#missing.set(peer, missing)
    else if (missing === 0) {
      this.#missing.delete(peer)
      this.finishedMs.set(peer, this.group.network.nowMs - this.#startMs)
    }
  }
}

function replicationOf(member: SimMember): SimReplication {
  const replication = member.protocols.find(protocol => protocol instanceof SimReplication)
  if (replication === undefined) throw new Error(`${member.peer} has no objects`)
  return replication
}
