import { kill } from './kill.ts'
import { liar } from './liar.ts'
import {
  multicast,
  multicastChurn,
  multicastCrowd,
  multicastMembers,
  multicastMisjudged
} from './multicast.ts'
import { partition } from './partition.ts'
import { ring } from './ring.ts'
import { routing } from './routing.ts'
import type { Scenario } from './scenario.ts'
import { leaving, strategies, swarm } from './swarming.ts'

/** All there are, in the order in which they are run. */
export const SCENARIOS: readonly Scenario[] = [
  ring,
  routing,
  kill,
  partition,
  liar,
  swarm,
  strategies,
  leaving,
  multicast,
  multicastChurn,
  multicastMisjudged,
  multicastCrowd,
  multicastMembers
]

/** @throws Error when there is none of this name */
export function scenarioOf(name: string): Scenario {
  const scenario = SCENARIOS.find(each => each.name === name)
  const names = SCENARIOS.map(each => each.name).join(', ')
  if (scenario === undefined) throw new Error(`There is no scenario ${name}: there are ${names}`)
  return scenario
}
