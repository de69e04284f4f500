import { afterEach, describe, expect, it } from 'vitest'
import { netConnectionFor } from '../../src/api/net-connection.ts'
import { memberOf } from '../../src/api/net-group.ts'
import { GroupSpecifier, type GroupStatus, NetGroup, type StatusInfo } from '../../src/index.ts'
import { GroupHost } from '../../src/net/group-host.ts'
import { MemoryPlatform } from '../../src/platform/memory.ts'
import { seededRandom } from '../../src/shared/seeded-random.ts'
import { waitUntilKnown } from '../../src/testing/wait-until-known.ts'
import { createTestNetwork, joinAll, type TestNetwork } from '../../src/testing.ts'
import { at, Inbox } from '../support/inbox.ts'
import { until } from '../support/until.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const TEN_MINUTES_MS = 600_000

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const chat = (): GroupSpecifier => new GroupSpecifier('membership', { postingEnabled: true })

async function startNetwork(size: number): Promise<TestNetwork> {
  const network = await createTestNetwork(size)
  cleanups.push(() => network.close())
  return network
}

describe('two faces of one membership', () => {
  it('each hear everything, but not each other, and end one by one', async () => {
    const { connections } = await startNetwork(2)
    const [one, other] = (await joinAll(connections, chat())) as [NetGroup, NetGroup]
    const two = await NetGroup.join(one.connection, chat())
    expect(memberOf(two)).toBe(memberOf(one))
    expect(one.connection.groups).toEqual([one, two])
    const inboxes = [one, two, other].map(group => new Inbox(group))
    await other.post('to both')
    await one.post('by one')
    await two.post('by two')
    await until('all are heard', () => at(inboxes, 2).messages.length === 2)
    await until('by both faces', () => inboxes.every(({ messages }, i) => i === 2 || messages.length === 1))
    expect(inboxes.map(({ messages }) => messages)).toEqual([['to both'], ['to both'], ['by one', 'by two']])

    await one.close()
    expect([one.neighborCount, other.neighborCount]).toEqual([0, 1])
    await other.post('to the one left')
    await until('the other face hears', () => at(inboxes, 1).messages.length === 2)
    expect(at(inboxes, 0).messages).toEqual(['to both'])
    await two.close()
    await until('the membership has ended', () => other.neighborCount === 0)
    expect(GroupHost.of(one.connection.libp2p)?.members.size).toBe(0)
  })
})

describe('block', () => {
  it('ends links and refuses new ones and posts, until unblock', async () => {
    const { connections } = await startNetwork(3)
    const groups = await joinAll(connections, chat())
    const [a, b, c] = groups as [NetGroup, NetGroup, NetGroup]
    const inboxes = groups.map(group => new Inbox(group))
    a.connection.block(b.connection.nearID)
    expect(a.connection.blocked).toEqual([b.connection.nearID])
    await until('the links have ended', () => a.neighborCount === 1 && b.neighborCount === 1)
    b.addNeighbor(a.connection.nearID)
    await b.post('to who listens')
    await until('the third hears, and passes it on', () => a.info.rejected['blocked'] === 1)
    expect(inboxes.map(({ messages }) => messages)).toEqual([[], [], ['to who listens']])
    const dialed = await b.connection.libp2p.dial(a.connection.libp2p.getMultiaddrs()).catch(() => undefined)
    await until('a dial is refused', () => dialed?.status !== 'open')
    expect([a.neighborCount, c.neighborCount]).toEqual([1, 2])

    a.connection.unblock(b.connection.nearID)
    a.addNeighbor(b.connection.nearID)
    await until('they are neighbors again', () => a.neighborCount === 2)
    await b.post('to all')
    await until('all hear', () => at(inboxes, 0).messages.includes('to all'))
  })
})

describe('connect', () => {
  it('misses nothing when the listener is added right after it', async () => {
    const network = await startNetwork(0)
    const connection = await network.connect()
    const codes: string[] = []
    connection.addEventListener('netStatus', ({ info }) => codes.push(info.code))
    await connection.close()
    expect(codes).toEqual(['NetConnection.Connect.Success', 'NetConnection.Connect.Closed'])
  })
})

describe('join', () => {
  it('misses nothing when the listener is added right after it', async () => {
    const { connections } = await startNetwork(2)
    const first = await NetGroup.join(at(connections, 0), chat())
    for (let i = 0; i < 5; i++) await first.post(i)
    const second = await NetGroup.join(at(connections, 1), chat())
    const codes: string[] = []
    second.addEventListener('netStatus', ({ info }) => codes.push(info.code))
    await until('all is told', () => codes.length === 7)
    // The coverage is told when the topology has thought about the neighbor, before or after the posts.
    expect(codes).toContain('NetGroup.LocalCoverage.Notify')
    expect(codes.filter(code => code !== 'NetGroup.LocalCoverage.Notify')).toEqual([
      'NetGroup.Neighbor.Connect',
      ...Array(5).fill('NetGroup.Posting.Notify')
    ])
  })

  it('rejects CLOSED when the connection is closed meanwhile or before', async () => {
    const { connections } = await startNetwork(1)
    const connection = at(connections, 0)
    const joining = NetGroup.join(connection, chat())
    const closing = connection.close()
    await expect(joining).rejects.toMatchObject({ code: 'CLOSED' })
    await closing
    await expect(NetGroup.join(connection, chat())).rejects.toMatchObject({ code: 'CLOSED' })
    expect(GroupHost.of(connection.libp2p)?.members.size).toBe(0)
  })

  it('leaves nothing behind when it is aborted', async () => {
    const { connections } = await startNetwork(2)
    const [a, b] = [at(connections, 0), at(connections, 1)]
    const abort = new AbortController()
    const joining = NetGroup.join(a, chat(), { signal: abort.signal })
    abort.abort(new Error('changed my mind'))
    await expect(joining).rejects.toThrow('changed my mind')
    await expect(NetGroup.join(a, chat(), { signal: abort.signal })).rejects.toThrow('changed my mind')
    expect(a.groups).toEqual([])
    expect(GroupHost.of(a.libp2p)?.members.size).toBe(0)
    const other = await NetGroup.join(b, chat())
    const again = await NetGroup.join(a, chat())
    await Promise.all([again.waitForNeighbors(), other.waitForNeighbors()])
  })
})

describe('a partition', () => {
  it('parts the group, and after it everybody hears everybody again', async () => {
    const network = await startNetwork(4)
    const groups = await joinAll(network.connections, chat())
    const inboxes = groups.map(group => new Inbox(group))
    const [a, b, c, d] = network.connections as TestNetwork['connections'] & { length: 4 }
    if (a === undefined || b === undefined || c === undefined || d === undefined)
      throw new Error('Four are needed')
    network.partition([a, b], [c, d])
    await until('the links between the sides end', () =>
      groups.every(({ neighborCount }) => neighborCount === 1)
    )
    await at(groups, 0).post('left')
    await at(groups, 2).post('right')
    await until('each side hears its own', () => [1, 3].every(i => at(inboxes, i).messages.length === 1))
    expect(inboxes.map(({ messages }) => messages)).toEqual([[], ['left'], [], ['right']])
    network.heal()
    await until('they are neighbors again', () => groups.every(({ neighborCount }) => neighborCount === 3))
    await Promise.all(groups.map((group, i) => group.post(`all ${i}`)))
    await until('all hear all', () =>
      inboxes.every(
        ({ messages }) => messages.filter(message => String(message).startsWith('all')).length === 3
      )
    )
  })
})

describe('a peer whose clock is wrong', () => {
  /** One network, where the last peer has a clock of its own. */
  async function startSkewed(size: number, skewMs: number): Promise<{ groups: NetGroup[]; told: unknown[] }> {
    const right = new VirtualClock()
    const wrong = { now: () => right.now() + skewMs, setTimer: right.setTimer.bind(right) }
    const told: StatusInfo<GroupStatus<unknown>>[] = []
    const groups: NetGroup[] = []
    for (let i = 0; i < size; i++) {
      const clock = i === size - 1 ? wrong : right
      const platform = new MemoryPlatform({ random: seededRandom(1), clock })
      const connection = await netConnectionFor(platform).connect('lan:')
      cleanups.push(() => connection.close())
      const group = await NetGroup.join(connection, chat(), {
        onStatus: info => {
          if (info.code === 'NetGroup.Clock.Skew') told.push({ ...info, by: i } as never)
        }
      })
      for (const other of groups) {
        await connection.libp2p.dial(other.connection.libp2p.getMultiaddrs())
        group.addNeighbor(other.connection.nearID)
      }
      groups.push(group)
    }
    const deadline = AbortSignal.timeout(10_000)
    const known = groups.map(group => waitUntilKnown(memberOf(group), size - 1, deadline))
    await right.during(Promise.all(known))
    return { groups, told }
  }

  it.each([TEN_MINUTES_MS, -TEN_MINUTES_MS])('by %i ms posts and hears, and is told once', async skewMs => {
    const { groups, told } = await startSkewed(4, skewMs)
    await until('it is told', () => told.length > 0)
    const inboxes = groups.map(group => new Inbox(group))
    for (const group of groups) await group.post(group.connection.nearID)
    await until('all hear all', () => inboxes.every(({ messages }) => messages.length === 3))
    expect(told).toEqual([
      { code: 'NetGroup.Clock.Skew', level: 'warning', offsetMs: expect.closeTo(-skewMs, -3), by: 3 }
    ])
    expect(groups.map(group => group.info.rejected)).toEqual([{}, {}, {}, {}])
  })
})
