import { RingOracle } from '../../test/support/sim-network/ring-oracle.ts'
import { groupUnderTest, joinAll, ringRightAfterS, SETTLING_MS } from './group-under-test.ts'
import type { Figures, Scenario } from './scenario.ts'

const KILLED = 0.3

/** How long the survivors are watched, in ms. */
const WATCHED_MS = 60_000

function run(size: number, seed: number): Figures {
  const group = groupUnderTest(seed)
  joinAll(group, size)
  group.network.advance(SETTLING_MS)
  group.kill(group.sample(Math.round(size * KILLED)))
  const ringRightS = ringRightAfterS(group, WATCHED_MS, size > 2_000 ? 1_000 : 500)
  const oracle = new RingOracle(group.members.values())
  return {
    ringRightS,
    wrongAtEnd: oracle.wrong().length,
    wrongOfThreeAtEnd: oracle.wrong(3).length,
    componentsAtEnd: oracle.components(),
    degreeMean: oracle.degree().mean,
    estimateErrorMedian: oracle.estimateErrors(group.network.nowMs).median,
    coverageSeams: oracle.coverageSeams()
  }
}

/** The ring after a catastrophe. The issue sets a bar on messages then, and none on the ring; that it heals at all within a minute is ours. */
export const kill: Scenario = {
  name: 'kill',
  about: 'three in ten are killed at once',
  sizes: [10, 100, 1_000, 10_000],
  bars: () => ({ wrongAtEnd: { atMost: 0 }, componentsAtEnd: { atMost: 1 }, coverageSeams: { atMost: 0 } }),
  run
}
