import type { Figures, Scenario } from './scenario.ts'
import { SwarmUnderTest } from './swarm-under-test.ts'

/** How many leechers go, once half of all objects have arrived. */
const LEAVING = 0.2

/** Over which time they go, in multiples of the bound: while the rest is fetched. */
const LEAVING_TIME = 0.4

/** A thousand leechers take ten minutes and 1.8 GB. */
function maxSeeds(size: number): number {
  return size < 100 ? 20 : size < 1_000 ? 3 : 1
}

function runSwarm(size: number, seed: number): Figures {
  const swarm = new SwarmUnderTest(size, seed, 'rarestFirst')
  swarm.start()
  swarm.runUntil(() => swarm.missing === 0)
  return {
    lastOverBound: swarm.finished(1),
    medianOverBound: swarm.finished(0.5),
    firstOverBound: swarm.finished(0.001),
    seederCopies: swarm.seederCopies,
    waste: swarm.waste,
    control: swarm.control,
    failures: swarm.failures
  }
}

function runStrategies(size: number, seed: number): Figures {
  const [rarest = Number.NaN, lowest = Number.NaN] = (['rarestFirst', 'lowestFirst'] as const).map(
    strategy => {
      const swarm = new SwarmUnderTest(size, seed, strategy)
      swarm.start()
      swarm.runUntil(() => swarm.missing === 0)
      return swarm.finished(1)
    }
  )
  return { rarestOverBound: rarest, lowestOverBound: lowest, rarestOverLowest: rarest / lowest }
}

function runLeaving(size: number, seed: number): Figures {
  const swarm = new SwarmUnderTest(size, seed, 'rarestFirst')
  const { group } = swarm
  const { queue } = group.network
  swarm.start()
  swarm.runUntil(() => swarm.missing <= (size * swarm.objects) / 2)
  const left = new Set(swarm.leechers)
  const leaving = group.sample(size + 1).filter(member => left.has(member))
  leaving.length = Math.round(size * LEAVING)
  for (const [i, member] of leaving.entries())
    queue.after(group.random() * LEAVING_TIME * swarm.boundMs, () => {
      swarm.forget([member])
      // Every second one without a word.
      if (i % 2 === 0) group.kill([member])
      else group.leave(member)
    })
  swarm.runUntil(() => swarm.missing === 0 && leaving.every(({ isAlive }) => !isAlive))
  const stayed = swarm.leechers.filter(({ isAlive }) => isAlive)
  return {
    stayed: stayed.length,
    unfinished: stayed.filter(({ peer }) => !swarm.finishedMs.has(peer)).length,
    lastOverBound: swarm.finished(1),
    seederCopies: swarm.seederCopies,
    waste: swarm.waste,
    failures: swarm.failures
  }
}

/** Issue 5, must hold 5. */
export const swarm: Scenario = {
  name: 'swarm',
  about:
    'a seeder, and so many leechers that begin at once, with equal uplinks; 1,000 objects (300 below 100)',
  sizes: [10, 100, 1_000],
  maxSeeds,
  bars: () => ({ lastOverBound: { atMost: 1.4 } }),
  run: runSwarm
}

/** The same. */
export const strategies: Scenario = {
  name: 'strategies',
  about: 'the same swarm with rarest-first and with lowest-first',
  sizes: [100, 1_000],
  maxSeeds,
  bars: () => ({ rarestOverLowest: { atMost: 1 } }),
  run: runStrategies
}

/** The same. */
export const leaving: Scenario = {
  name: 'leaving',
  about: 'the same swarm; when half has arrived two in ten begin to leave, every second one without a word',
  sizes: [100, 1_000],
  maxSeeds,
  bars: size => ({
    unfinished: { atMost: 0 },
    stayed: { atLeast: size - Math.round(size * LEAVING), atMost: size - Math.round(size * LEAVING) }
  }),
  run: runLeaving
}
