import { RingEngine } from '../../src/core/topology/ring-engine.ts'
import { regionLatency } from '../../test/support/sim-network/latency.ts'
import { RingOracle } from '../../test/support/sim-network/ring-oracle.ts'
import { SimGroup, type SimGroupInit, type SimJoin } from '../../test/support/sim-network/sim-group.ts'

/** Joins per second, of a large group; the least time that they are spread over, in ms. */
const JOINS_PER_SECOND = 250
const MIN_JOINING_MS = 4_000

/** From the last join until a group has settled, in ms: the longest tick is reached and links that nobody wants are closed. */
export const SETTLING_MS = 60_000

/** A group with the library's engines, between eight regions of the world. */
export function groupUnderTest(seed: number, how: Partial<SimGroupInit> = {}): SimGroup {
  return new SimGroup({ seed, latency: regionLatency(seed), engine: init => new RingEngine(init), ...how })
}

/** So many members join, at random places on the ring, each knowing six of the latest hundred. Returns at the last join. */
export function joinAll(group: SimGroup, size: number, how: SimJoin = {}): void {
  group.joinOver(size, Math.max(MIN_JOINING_MS, (size / JOINS_PER_SECOND) * 1_000), how)
}

/** Watches the ring for a while. @returns s until all of it was right for good; NaN when it is not at the end */
export function ringRightAfterS(group: SimGroup, forMs: number, everyMs: number, reach = 1): number {
  const { queue } = group.network
  const startMs = queue.nowMs
  const oracle = new RingOracle(group.members.values())
  let rightSinceMs: number | undefined
  while (queue.nowMs < startMs + forMs) {
    group.network.advance(everyMs)
    if (oracle.wrong(reach).length > 0 || oracle.components() > 1) rightSinceMs = undefined
    else rightSinceMs ??= queue.nowMs
  }
  return rightSinceMs === undefined ? Number.NaN : (rightSinceMs - startMs) / 1_000
}
