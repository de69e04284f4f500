import { RingOracle } from '../../test/support/sim-network/ring-oracle.ts'
import { groupUnderTest, joinAll, ringRightAfterS, SETTLING_MS } from './group-under-test.ts'
import { RoutingProbe } from './routing-probe.ts'
import type { Figures, Scenario } from './scenario.ts'

const KILLED = 0.3

/** Messages among survivors, and the time after the killing that they are spread over, in ms: while nobody knows yet who is gone, and while the ring heals. */
const SENDS = 10_000
const SENDING_MS = 20_000

/** How long the survivors are watched, in ms. */
const WATCHED_MS = 60_000

function run(size: number, seed: number): Figures {
  const probe = new RoutingProbe()
  const group = groupUnderTest(seed, { protocols: [probe.protocol] })
  joinAll(group, size)
  group.network.advance(SETTLING_MS)
  group.kill(group.sample(Math.round(size * KILLED)))
  probe.start(group, SENDS, SENDING_MS)
  const ringRightS = ringRightAfterS(group, WATCHED_MS, size > 2_000 ? 1_000 : 500)
  const oracle = new RingOracle(group.members.values())
  return {
    notArrived: probe.count - probe.arrived,
    misdelivered: probe.misdelivered,
    tookSMedian: probe.tookS(0.5),
    tookSP95: probe.tookS(0.95),
    tookSMax: probe.tookS(1),
    hopsMean: probe.hops.mean,
    hopsMax: probe.hops.max,
    ringRightS,
    wrongAtEnd: oracle.wrong().length,
    wrongOfThreeAtEnd: oracle.wrong(3).length,
    componentsAtEnd: oracle.components(),
    degreeMean: oracle.degree().mean,
    estimateErrorMedian: oracle.estimateErrors(group.network.nowMs).median,
    coverageSeams: oracle.coverageSeams()
  }
}

/** Must hold 2, after a catastrophe. The issue sets no bar on the ring then: that it heals within a minute is ours. */
export const kill: Scenario = {
  name: 'kill',
  about: 'three in ten are killed at once; ten thousand messages among the others, from that moment on',
  sizes: [10, 100, 1_000, 10_000],
  bars: () => ({
    notArrived: { atMost: 0 },
    misdelivered: { atMost: 0 },
    tookSMax: { atMost: 10 },
    wrongAtEnd: { atMost: 0 },
    componentsAtEnd: { atMost: 1 },
    coverageSeams: { atMost: 0 }
  }),
  run
}
