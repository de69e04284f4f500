import { groupUnderTest, joinAll, SETTLING_MS } from './group-under-test.ts'
import { RoutingProbe } from './routing-probe.ts'
import type { Figures, Scenario } from './scenario.ts'

const SENDS = 10_000

/** That they are spread over, and how long they have after the last, in ms. */
const SENDING_MS = 30_000
const WAITED_MS = 15_000

function run(size: number, seed: number): Figures {
  const probe = new RoutingProbe()
  const group = groupUnderTest(seed, { protocols: [probe.protocol] })
  joinAll(group, size)
  group.network.advance(SETTLING_MS)
  probe.start(group, SENDS, SENDING_MS)
  group.network.advance(SENDING_MS + WAITED_MS)
  const { mean, max } = probe.hops
  return {
    notArrived: probe.count - probe.arrived,
    misdelivered: probe.misdelivered,
    doubled: probe.doubled,
    hopsMean: mean,
    hopsMax: max,
    tookSMedian: probe.tookS(0.5),
    tookSP95: probe.tookS(0.95)
  }
}

/** Must hold 2, in a group that is left alone. */
export const routing: Scenario = {
  name: 'routing',
  about: 'ten thousand messages, each from a member to another',
  sizes: [10, 100, 1_000, 10_000],
  bars: size => ({
    notArrived: { atMost: 0 },
    misdelivered: { atMost: 0 },
    doubled: { atMost: 0 },
    hopsMean: { atMost: 0.5 * Math.log2(size) },
    hopsMax: { atMost: Math.log2(size) + 2 }
  }),
  run
}
