import type { GroupSpecifier } from '../api/group-specifier.ts'
import type { ConnectOptions, NetConnection } from '../api/net-connection.ts'
import { netConnectionFor } from '../api/net-connection.ts'
import { type JoinOptions, memberOf, NetGroup } from '../api/net-group.ts'
import { FULL_MESH, RING_NEIGHBORS } from '../core/topology/target.ts'
import type { Clock } from '../net/clock.ts'
import { MemoryPlatform } from '../platform/memory.ts'
import { seededRandom } from '../shared/seeded-random.ts'
import { waitUntilKnown } from './wait-until-known.ts'

/** How long {@link joinAll} waits for all to know each other, in ms. */
const JOIN_TIMEOUT_MS = 30_000

/** How {@link createTestNetwork} makes a network. */
export interface TestNetworkOptions {
  /** Repeats a run: what is lost is drawn from it. @default 1 */
  seed?: number
  /** How long bytes are under way, one way, in ms. @default 0 */
  latencyMs?: number
  /** Of the messages that peers send each other, how many vanish, 0 to 1. @default 0 */
  loss?: number
  /** Where all peers get time from. @default this machine's clock */
  clock?: Clock
}

/** A network in this process: real peers, no sockets, and faults on demand. From {@link createTestNetwork}. */
export class TestNetwork {
  readonly #platform: MemoryPlatform
  readonly #connect: ReturnType<typeof netConnectionFor>['connect']
  readonly #connections: NetConnection[] = []

  /** @internal */
  constructor({ seed = 1, latencyMs = 0, loss = 0, clock }: TestNetworkOptions) {
    this.#platform = new MemoryPlatform({
      random: seededRandom(seed),
      ...(clock === undefined ? {} : { clock })
    })
    this.#connect = netConnectionFor(this.#platform).connect
    this.setLatencyMs(latencyMs)
    this.setLoss(loss)
  }

  /** The peers, in the order in which they came. */
  get connections(): readonly NetConnection[] {
    return this.#connections
  }

  /** One peer more. */
  async connect(options: ConnectOptions = {}): Promise<NetConnection> {
    const connection = await this.#connect('lan:', options)
    this.#connections.push(connection)
    return connection
  }

  /** Puts peers on sides that cannot reach each other. Who is on no side still reaches everybody. Replaces an earlier partition. */
  partition(...sides: NetConnection[][]): void {
    this.#platform.partition(sides.map(side => side.map(({ nearID }) => nearID)))
  }

  /** Ends a partition. */
  heal(): void {
    this.#platform.heal()
  }

  /** @param ratio of the messages that peers send each other, how many vanish, 0 to 1 @throws RangeError */
  setLoss(ratio: number): void {
    if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`Cannot lose ${ratio} of the messages: give 0 to 1`)
    this.#platform.faults.loss = ratio
  }

  /** @param ms how long bytes are under way, one way @throws RangeError */
  setLatencyMs(ms: number): void {
    if (!(ms >= 0 && ms <= 60_000)) throw new RangeError(`Cannot delay by ${ms} ms: give 0 to 60,000`)
    this.#platform.faults.latencyMs = ms
  }

  /** Closes all connections. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(this.#connections.map(connection => connection.close()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** A network in this process with this many peers. @param size how many @default 2 @throws RangeError for no size */
export async function createTestNetwork(size = 2, options: TestNetworkOptions = {}): Promise<TestNetwork> {
  if (!Number.isInteger(size) || size < 0 || size > 1_000)
    throw new RangeError(`Cannot create a network of ${size} peers: give an integer from 0 to 1,000`)
  const network = new TestNetwork(options)
  try {
    for (let i = 0; i < size; i++) await network.connect()
  } catch (error) {
    await network.close()
    throw error
  }
  return network
}

/**
 * Joins each connection to one group and waits until all have found their places: in a group of up to 17 everybody has links to all, in a larger one to the nearest on the ring, and everybody
 * knows that its neighbors hear posts.
 *
 * @throws Error when that takes more than 30 s
 */
export async function joinAll<M = unknown>(
  connections: readonly NetConnection[],
  groupspec: string | GroupSpecifier,
  options: JoinOptions<M> = {}
): Promise<NetGroup<M>[]> {
  const groups = await Promise.all(
    connections.map(connection => NetGroup.join<M>(connection, groupspec, options))
  )
  const deadline = AbortSignal.timeout(JOIN_TIMEOUT_MS)
  const ring = [...groups].sort((a, b) => (a.groupAddress < b.groupAddress ? -1 : 1))
  const reach = reachOf(groups.length - 1, options.maxNeighbors ?? Number.POSITIVE_INFINITY)
  await Promise.all(
    ring.map((group, at) => {
      const around = [...ring.slice(at + 1), ...ring.slice(0, at)].map(({ connection }) => connection.nearID)
      const wanted = [...around.slice(0, reach), ...around.slice(-reach)]
      return waitUntilKnown(memberOf(group as NetGroup), new Set(wanted), deadline)
    })
  )
  return groups
}

/** How many neighbors each way everybody comes to be linked to. */
function reachOf(others: number, maxNeighbors: number): number {
  if (others <= Math.min(FULL_MESH, maxNeighbors)) return others
  return Math.min(RING_NEIGHBORS, Math.max(1, Math.floor(maxNeighbors / 2)))
}
