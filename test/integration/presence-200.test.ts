// 200 peers in one process: a minute or two of one processor, of which the links take most, and the 39,800 signatures that are verified 10 to 20 s.
import { expect, it } from 'vitest'
import { GroupSpecifier, NetGroup } from '../../src/index.ts'
import { createTestNetwork } from '../../src/testing.ts'
import { until } from '../support/until.ts'

it('200 members know each other within 5 s of the last join, and within 15 s of one that is killed that it is gone', async () => {
  const network = await createTestNetwork(200)
  try {
    const groups: NetGroup[] = []
    for (const [i, connection] of network.connections.entries()) {
      // Few links, since all of them are on this machine.
      const options = { presence: i, maxNeighbors: 3 }
      const group = await NetGroup.join(
        connection,
        new GroupSpecifier('200', { routingEnabled: true }),
        options
      )
      groups.push(group)
      if (i > 0) await group.waitForNeighbors()
    }
    const joinedMs = performance.now()
    await until('all know all', () => groups.every(({ members }) => members.size === 199), 30_000)
    const knownMs = Math.round(performance.now() - joinedMs)
    const killed = groups.splice(77, 1).map(({ connection }) => connection)
    const killedMs = performance.now()
    network.partition(
      killed,
      groups.map(({ connection }) => connection)
    )
    await until('it is gone', () => groups.every(({ members }) => members.size === 198), 30_000)
    const goneMs = Math.round(performance.now() - killedMs)
    console.log(`all known ${knownMs} ms after the last join, one killed gone after ${goneMs} ms`)
    expect(knownMs).toBeLessThanOrEqual(5_000)
    expect(goneMs).toBeLessThanOrEqual(15_000)
  } finally {
    await network.close()
  }
}, 300_000)
