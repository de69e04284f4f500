import { RingOracle } from '../../test/support/sim-network/ring-oracle.ts'
import { groupUnderTest, joinAll, ringRightAfterS, SETTLING_MS } from './group-under-test.ts'
import type { Figures, Scenario } from './scenario.ts'

const PARTED_MS = 300_000

/** How long the ring is watched once it is healed, in ms: twice the bar. */
const WATCHED_MS = 60_000
const EVERY_MS = 500

function run(size: number, seed: number): Figures {
  const group = groupUnderTest(seed)
  const { network } = group
  joinAll(group, size)
  network.advance(SETTLING_MS)
  const ones = new Set(group.sample(Math.floor(size / 2)))
  const halves = [[...ones], [...group.members.values()].filter(member => !ones.has(member))]
  const names = new Set([...ones].map(({ peer }) => peer))
  network.partition(({ name }) => (names.has(name) ? 1 : 2))
  network.advance(PARTED_MS)
  const parted = halves.map(half => new RingOracle(half))
  const wrongInHalves = parted.reduce((sum, oracle) => sum + oracle.wrong().length, 0)
  const parts = parted.reduce((sum, oracle) => sum + oracle.components(), 0)
  network.heal()
  const [contact, newcomer] = halves.map(([member]) => member)
  if (contact === undefined || newcomer === undefined) throw new Error('Half of the group is nobody')
  newcomer.run({ type: 'candidate', peer: contact.peer })
  const ringRightS = ringRightAfterS(group, WATCHED_MS, EVERY_MS)
  const oracle = new RingOracle(group.members.values())
  return {
    ringRightS,
    wrongInHalves,
    partsWhileParted: parts,
    componentsAtEnd: oracle.components(),
    degreeMean: oracle.degree().mean,
    degreeMax: oracle.degree().max,
    coverageSeams: oracle.coverageSeams()
  }
}

/** Must hold 3. */
export const partition: Scenario = {
  name: 'partition',
  about: 'two halves apart for five minutes; then one member hears of one of the other half',
  sizes: [1_000],
  bars: () => ({
    ringRightS: { atMost: 30 },
    wrongInHalves: { atMost: 0 },
    componentsAtEnd: { atMost: 1 },
    coverageSeams: { atMost: 0 }
  }),
  run
}
