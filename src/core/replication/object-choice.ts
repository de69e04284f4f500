import type { RangeSet } from './range-set.ts'
import type { ReplicationStrategy } from './replication-engine.ts'
import type { ReplicationNeighbor } from './replication-neighbor.ts'

/**
 * Of how many candidates at random the rarest is taken: each costs a look at all neighbors. With fewer candidates the rarest of all is. Measured
 * (bench/swarm/swarming.ts, 40 leechers, three seeds): with 1 the last leecher has all at 1.23 times the bound, with 4 at 1.18, 16 at 1.18, 64 at 1.18.
 */
const SAMPLES = 16

/**
 * Of how many of the lowest candidates they are. Far more than a swarm needs to be of use to each other, and so few that what a member has of a file of any
 * length never falls into more ranges than it may tell ({@link MAX_RANGES}): half as many.
 */
const RAREST_WINDOW = 8_192

/**
 * Lowest-first takes one at random of so many: all would ask for the same otherwise (rule S1). Measured (40 leechers): with 8 the last one has all at 2.2 times the
 * bound, with 32 at 1.45, with 128 at 1.24, and rarest-first at 1.18. A guess between that and the 2 MiB that a reader may have to wait for.
 */
const LOWEST_WINDOW = 32

/** Which object to ask this neighbor for, of those that it has and nobody was asked for. */
export function chooseObject(
  neighbor: ReplicationNeighbor,
  neighbors: Iterable<ReplicationNeighbor>,
  strategy: ReplicationStrategy,
  random: () => number
): number | undefined {
  const candidates = neighbor.isDoubted ? hadByNoOther(neighbor, neighbors) : neighbor.available
  if (candidates.isEmpty) return undefined
  if (strategy === 'lowestFirst') return oneOf(candidates, LOWEST_WINDOW, random)
  const havers = [...neighbors].filter(({ have }) => !have.isEmpty)
  // All that is had by one alone is equally rare.
  if (havers.length === 1) return oneOf(candidates, RAREST_WINDOW, random)
  return rarest(candidates.pick(ranksOf(candidates.count, random)), havers, random)
}

/** One of so many of the lowest, at random. */
function oneOf(candidates: RangeSet, window: number, random: () => number): number | undefined {
  return candidates.pick([Math.floor(random() * Math.min(candidates.count, window))])[0]
}

/** Some positions at random, rising. */
function ranksOf(count: number, random: () => number): number[] {
  const size = Math.min(count, RAREST_WINDOW)
  if (size <= SAMPLES) return Array.from({ length: size }, (_, rank) => rank)
  return Array.from({ length: SAMPLES }, () => Math.floor(random() * size)).sort((a, b) => a - b)
}

/** The one that the fewest neighbors have; of several alike, one at random. */
function rarest(
  candidates: readonly number[],
  neighbors: readonly ReplicationNeighbor[],
  random: () => number
): number | undefined {
  let found: number | undefined
  let fewest = Number.POSITIVE_INFINITY
  let alike = 0
  for (const index of candidates) {
    let replicas = 0
    for (const { have } of neighbors) if (have.has(index)) replicas += 1
    if (replicas > fewest) continue
    alike = replicas < fewest ? 1 : alike + 1
    if (replicas < fewest || random() * alike < 1) found = index
    fewest = replicas
  }
  return found
}

function hadByNoOther(neighbor: ReplicationNeighbor, neighbors: Iterable<ReplicationNeighbor>): RangeSet {
  let left = neighbor.available
  for (const other of neighbors)
    if (other !== neighbor && !other.isDoubted && !left.isEmpty) left = left.minus(other.have)
  return left
}
