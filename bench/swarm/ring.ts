import { RingOracle, spreadOf } from '../../test/support/sim-network/ring-oracle.ts'
import { TrafficMeter } from '../../test/support/sim-network/traffic-meter.ts'
import { groupUnderTest, joinAll, ringRightAfterS, SETTLING_MS } from './group-under-test.ts'
import type { Figures, Scenario } from './scenario.ts'

/** How long the ring is watched after the last join, in ms: twice the bar. */
const WATCHED_MS = 20_000

/** How often, in ms: the figure is exact to that. Less often where a look takes long. */
function everyMs(size: number): number {
  return size > 2_000 ? 500 : 250
}

/** Steady state that traffic is counted in, in ms: many times the longest tick. */
const STEADY_MS = 60_000

function run(size: number, seed: number): Figures {
  const group = groupUnderTest(seed)
  joinAll(group, size)
  const ringRightS = ringRightAfterS(group, WATCHED_MS, everyMs(size))
  group.network.advance(SETTLING_MS - WATCHED_MS)
  const { nowMs } = group.network
  const meter = new TrafficMeter(group.members.values(), nowMs)
  group.network.advance(STEADY_MS)
  const oracle = new RingOracle(group.members.values())
  const degree = oracle.degree()
  const estimate = oracle.estimateErrors(group.network.nowMs)
  const traffic = spreadOf(meter.perSecond(group.network.nowMs))
  return {
    ringRightS,
    wrongAtEnd: oracle.wrong().length,
    wrongOfThreeAtEnd: oracle.wrong(3).length,
    components: oracle.components(),
    degreeMean: degree.mean,
    degreeP95: degree.p95,
    degreeMax: degree.max,
    estimateErrorMedian: estimate.median,
    estimateErrorP95: estimate.p95,
    controlBytesPerS: traffic.mean,
    controlBytesPerSMax: traffic.max,
    pingBytesPerS: spreadOf(meter.perSecond(group.network.nowMs, group.network.pingKind)).mean,
    coverageSeams: oracle.coverageSeams(),
    dialsMean: spreadOf([...group.members.values()].map(({ node }) => node.dials)).mean
  }
}

/** Must hold 1 and 4. */
export const ring: Scenario = {
  name: 'ring',
  about: 'members join in random order, each knowing six others, and are left alone',
  sizes: [10, 100, 1_000, 10_000],
  bars: size => {
    const degree = Math.floor(Math.log2(size)) + 16
    return {
      ringRightS: { atMost: 10 },
      wrongAtEnd: { atMost: 0 },
      components: { atMost: 1 },
      degreeMean: { atMost: degree },
      degreeMax: { atMost: 3 * degree },
      estimateErrorMedian: { atMost: 0.15 },
      estimateErrorP95: { atMost: 0.4 },
      controlBytesPerS: { atMost: 500 },
      coverageSeams: { atMost: 0 }
    }
  },
  run
}
