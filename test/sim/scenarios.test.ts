import { describe, expect, it } from 'vitest'
import { SCENARIOS } from '../../bench/swarm/scenarios.ts'
import { failuresOf } from '../../bench/swarm/table.ts'
import { seedFor } from '../support/sim-network/seed.ts'

/** Large enough that not everybody is linked to everybody, and small enough for each change; bench:swarm has the others. */
const SIZES: Readonly<Record<string, number>> = {
  ring: 100,
  routing: 60,
  kill: 60,
  partition: 60,
  liar: 40,
  swarm: 40,
  strategies: 40,
  leaving: 40
}

describe('in the simulator', () => {
  const seed = seedFor('scenarios')
  // Streams have a file of their own.
  const scenarios = SCENARIOS.filter(({ name }) => !name.startsWith('multicast'))
  it.each(scenarios.map(({ name, about }) => [name, about] as const))(
    '%s keeps within its bars: %s',
    name => {
      const scenario = SCENARIOS.find(each => each.name === name)
      const size = SIZES[name]
      if (scenario === undefined || size === undefined) throw new Error(`${name} has no size here`)
      const figures = scenario.run(size, seed)
      expect(failuresOf(scenario, [{ scenario: name, size, seed, figures, tookS: 0, memoryMiB: 0 }])).toEqual(
        []
      )
    }
  )
})
