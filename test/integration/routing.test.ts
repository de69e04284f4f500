import '../../src/platform/polyfill.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { memberOf } from '../../src/api/net-group.ts'
import {
  GroupSpecifier,
  type JoinOptions,
  NetGroup,
  NetGroupReceiveMode,
  NetGroupSendMode
} from '../../src/index.ts'
import { createTestNetwork, joinAll, type TestNetwork, type TestNetworkOptions } from '../../src/testing.ts'
import { DirectInbox } from '../support/direct-inbox.ts'
import { at } from '../support/inbox.ts'
import { until } from '../support/until.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const networks: TestNetwork[] = []
afterEach(async () => {
  await Promise.all(networks.splice(0).map(network => network.close()))
})

async function networkOf(size: number, options: TestNetworkOptions = {}): Promise<TestNetwork> {
  const network = await createTestNetwork(size, options)
  networks.push(network)
  return network
}

const routed = (): GroupSpecifier => new GroupSpecifier('routed', { routingEnabled: true })

interface Members<M = unknown> {
  network: TestNetwork
  groups: NetGroup<M>[]
  inboxes: DirectInbox[]
}

/** Members who all are neighbors. */
async function neighbors<M = unknown>(size: number, options: JoinOptions<M> = {}): Promise<Members<M>> {
  const network = await networkOf(size)
  const groups = await joinAll<M>(network.connections, routed(), options)
  return { network, groups, inboxes: groups.map(group => new DirectInbox(group as NetGroup)) }
}

/** Two that cannot reach each other, the first two; the others reach everybody. */
async function apart(size = 3, options: TestNetworkOptions = {}): Promise<Members> {
  const network = await networkOf(size, options)
  network.partition([at(network.connections, 0)], [at(network.connections, 1)])
  const joined = Promise.all(network.connections.map(connection => NetGroup.join(connection, routed())))
  const { clock } = options
  const groups = clock instanceof VirtualClock ? await clock.during(joined) : await joined
  const inboxes = groups.map(group => new DirectInbox(group))
  const areThere = until('the hubs are linked with all', () =>
    groups.every((group, i) => group.neighborCount === (i < 2 ? size - 2 : size - 1))
  )
  await (clock instanceof VirtualClock ? clock.during(areThere) : areThere)
  return { network, groups, inboxes }
}

/** The members in the order in which they stand on the ring. */
function onRing<M>(groups: readonly NetGroup<M>[]): NetGroup<M>[] {
  return [...groups].sort((a, b) => (a.groupAddress < b.groupAddress ? -1 : 1))
}

const RING = 1n << 256n

/** The member nearest to an address. */
function nearestTo<M>(groups: readonly NetGroup<M>[], address: string): NetGroup<M> {
  const distance = (group: NetGroup<M>): bigint => {
    const way = (BigInt(`0x${group.groupAddress}`) - BigInt(`0x${address}`) + RING) % RING
    return way > RING / 2n ? RING - way : way
  }
  return groups.reduce((best, group) => (distance(group) < distance(best) ? group : best))
}

describe('sendToPeer()', () => {
  it('reaches a neighbor and nobody else, with all that is known about it', async () => {
    const { groups, inboxes } = await neighbors(3)
    const [a, b] = [at(groups, 0), at(groups, 1)]
    expect(await a.sendToPeer({ text: 'hi' }, b.connection.nearID)).toBe('sent')
    await until('it arrives', () => at(inboxes, 1).infos.length === 1)
    expect(at(inboxes, 1).infos).toEqual([
      {
        code: 'NetGroup.SendTo.Notify',
        level: 'status',
        message: { text: 'hi' },
        from: a.groupAddress,
        fromLocal: true,
        sender: a.connection.nearID,
        destination: b.groupAddress
      }
    ])
    expect([at(inboxes, 0).infos, at(inboxes, 2).infos]).toEqual([[], []])
  })

  it('gives a receipt of a neighbor that names it', async () => {
    const { groups, inboxes } = await neighbors(2)
    const [a, b] = [at(groups, 0), at(groups, 1)]
    const receipt = await a.sendToPeer('hi', b.connection.nearID, { receipt: true })
    expect(receipt).toEqual({ result: 'sent', deliveredTo: b.connection.nearID, hops: 1 })
    expect(at(inboxes, 1).messages).toEqual(['hi'])
  })

  it('reaches a member by way of others, and the receipt says how far it was', async () => {
    const { groups, inboxes } = await apart()
    const [a, b, hub] = [at(groups, 0), at(groups, 1), at(groups, 2)]
    const receipt = await a.sendToPeer('hi', b.connection.nearID, { receipt: true })
    expect(receipt).toEqual({ result: 'sent', deliveredTo: b.connection.nearID, hops: 2 })
    expect(at(inboxes, 1).infos).toMatchObject([
      {
        message: 'hi',
        from: hub.groupAddress,
        fromLocal: true,
        sender: a.connection.nearID,
        destination: b.groupAddress
      }
    ])
    expect([at(inboxes, 0).infos, at(inboxes, 2).infos]).toEqual([[], []])
    expect(a.info.routingSendBytesPerSecond).toBeGreaterThan(0)
    expect(hub.info.routingReceiveBytesPerSecond).toBeGreaterThan(0)
  })

  it('reaches everybody from everybody in a group of 30 where nobody knows all', async () => {
    const { groups, inboxes } = await neighbors(30, { maxNeighbors: 5 })
    const receipts = await Promise.all(
      groups.flatMap((from, i) =>
        [7, 13].map(step =>
          from.sendToPeer([i, step], at(groups, (i + step) % 30).connection.nearID, { receipt: true })
        )
      )
    )
    expect(receipts.map(({ result }) => result)).toEqual(receipts.map(() => 'sent'))
    expect(Math.max(...receipts.map(({ hops }) => hops))).toBeGreaterThan(1)
    for (const [i, { messages }] of inboxes.entries())
      expect(messages.map(message => (message as number[])[0]).sort()).toEqual(
        [(i + 23) % 30, (i + 17) % 30].sort()
      )
  })

  it('says that there is no route when nobody is there, and when that peer is no member', async () => {
    const network = await networkOf(3)
    const [connection, other, stranger] = [0, 1, 2].map(i => at(network.connections, i))
    const alone = await NetGroup.join(connection as never, routed())
    const { nearID } = stranger as never as { nearID: string }
    expect(await alone.sendToPeer('hi', nearID)).toBe('no route')
    expect(await alone.sendToPeer('hi', nearID, { receipt: true })).toEqual({ result: 'no route', hops: 0 })
    await NetGroup.join(other as never, routed())
    await alone.waitForNeighbors()
    expect(await alone.sendToPeer('hi', nearID, { receipt: true })).toEqual({ result: 'no route', hops: 0 })
  })

  it('delivers what one sends to oneself', async () => {
    const { groups, inboxes } = await neighbors(2)
    const a = at(groups, 0)
    const receipt = await a.sendToPeer('note', a.connection.nearID, { receipt: true })
    expect(receipt).toEqual({ result: 'sent', deliveredTo: a.connection.nearID, hops: 0 })
    expect(at(inboxes, 0).infos).toMatchObject([
      { message: 'note', from: a.groupAddress, fromLocal: true, sender: a.connection.nearID }
    ])
  })

  it('goes by way of others when the neighbor is lost before its receipt came, and arrives once', async () => {
    const { groups, inboxes, network } = await neighbors(3)
    const [a, b] = [at(groups, 0), at(groups, 1)]
    network.setLatencyMs(50)
    const receipt = a.sendToPeer('hi', b.connection.nearID, { receipt: true })
    memberOf(a).dropLink(b.connection.libp2p.peerId, 'test')
    network.partition([a.connection], [b.connection])
    expect(await receipt).toMatchObject({ result: 'sent', deliveredTo: b.connection.nearID })
    expect(at(inboxes, 1).messages).toEqual(['hi'])
  })

  it('rejects TIMEOUT when no receipt comes, and with the reason of its signal', async () => {
    const clock = new VirtualClock()
    const network = await networkOf(2, { clock })
    const groups = await clock.during(joinAll(network.connections, routed()))
    const [a, b] = [at(groups, 0), at(groups, 1)]
    network.setLoss(1)
    const abort = new AbortController()
    const aborted = a.sendToPeer('hi', b.connection.nearID, { receipt: true, signal: abort.signal })
    const receipt = a.sendToPeer('hi', b.connection.nearID, { receipt: true })
    abort.abort(new Error('Enough'))
    await expect(aborted).rejects.toThrow('Enough')
    const rejected = expect(receipt).rejects.toMatchObject({ code: 'TIMEOUT', detail: { afterMs: 10_000 } })
    await clock.advance(10_001)
    await rejected
  })

  it('rejects CLOSED when the group is closed while it waits', async () => {
    const { groups, network } = await neighbors(2)
    const [a, b] = [at(groups, 0), at(groups, 1)]
    network.setLoss(1)
    const receipt = a.sendToPeer('hi', b.connection.nearID, { receipt: true })
    const rejected = expect(receipt).rejects.toMatchObject({ code: 'CLOSED' })
    await a.close()
    await rejected
    await expect(a.sendToPeer('hi', b.connection.nearID)).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

describe('sendToNearest()', () => {
  it('reaches the nearest member, by itself, from wherever it is sent', async () => {
    const { groups, inboxes } = await neighbors(5)
    for (const group of groups) group.receiveMode = NetGroupReceiveMode.NEAREST
    for (let i = 0; i < 20; i++) {
      const address = (((RING / 20n) * BigInt(i) + 12_345n) % RING).toString(16).padStart(64, '0')
      const nearest = nearestTo(groups, address)
      const receipt = await at(groups, i % 5).sendToNearest(i, address, { receipt: true })
      expect(receipt).toMatchObject({ result: 'sent', deliveredTo: nearest.connection.nearID })
      const { infos } = at(inboxes, groups.indexOf(nearest))
      expect(infos.at(-1)).toMatchObject({ message: i, fromLocal: true, destination: address })
    }
  })

  it('reaches a member by its own address whatever its mode, and finds no route to one that nobody receives', async () => {
    const { groups, inboxes } = await neighbors(3)
    const [a, b] = [at(groups, 0), at(groups, 1)]
    expect(a.receiveMode).toBe('exact')
    expect(await a.sendToNearest('to b', b.groupAddress, { receipt: true })).toMatchObject({ result: 'sent' })
    expect(at(inboxes, 1).messages).toEqual(['to b'])
    expect(await a.sendToNearest('to nobody', '0'.repeat(64), { receipt: true })).toEqual({
      result: 'no route',
      hops: 0
    })
  })

  it('passes over the nearest when that stops to receive so', async () => {
    const { groups } = await neighbors(3)
    for (const group of groups) group.receiveMode = 'nearest'
    const address = '8'.repeat(64)
    const nearest = nearestTo(groups, address)
    const others = groups.filter(group => group !== nearest)
    const send = (): Promise<unknown> => at(others, 0).sendToNearest('hi', address, { receipt: true })
    await expect.poll(send).toMatchObject({ deliveredTo: nearest.connection.nearID })
    nearest.receiveMode = 'exact'
    await expect.poll(send).toMatchObject({ deliveredTo: nearestTo(others, address).connection.nearID })
  })
})

describe('sendToNearest() with hop', () => {
  it('moves one hop, and the application forwards it until it is there', async () => {
    const { groups, inboxes } = await apart(3)
    const [a, b, hub] = [at(groups, 0), at(groups, 1), at(groups, 2)]
    for (const group of [hub, b]) {
      group.receiveMode = 'nearest'
      group.addEventListener('NetGroup.SendTo.Notify', ({ info }) => {
        if (!info.fromLocal) void group.sendToNearest(info.message, info.destination, { hop: true })
      })
    }
    await until('the hub receives what is nearest to it', () =>
      [...memberOf(a).routing.runner.neighbors].every(({ receiveMode }) => receiveMode === 'nearest')
    )
    expect(await a.sendToNearest('hi', b.groupAddress, { hop: true })).toBe('sent')
    await until('it has arrived', () => at(inboxes, 1).infos.length === 2)
    const [first, second] = at(inboxes, 1).infos
    expect(first).toMatchObject({ fromLocal: false, from: hub.groupAddress, sender: hub.connection.nearID })
    expect(second).toMatchObject({ fromLocal: true, from: b.groupAddress, sender: b.connection.nearID })
    expect(at(inboxes, 2).infos[0]).toMatchObject({
      fromLocal: false,
      from: a.groupAddress,
      destination: b.groupAddress
    })
  })

  it('gives a receipt of the neighbor that has it, and of oneself when one is nearest', async () => {
    const { groups, inboxes } = await neighbors(2)
    const [a, b] = [at(groups, 0), at(groups, 1)]
    const options = { hop: true, receipt: true } as const
    expect(await a.sendToPeer('there', b.connection.nearID, options)).toEqual({
      result: 'sent',
      deliveredTo: b.connection.nearID,
      hops: 1
    })
    expect(at(inboxes, 1).infos).toMatchObject([{ fromLocal: false, destination: b.groupAddress }])
    expect(await a.sendToNearest('here', a.groupAddress, options)).toEqual({
      result: 'sent',
      deliveredTo: a.connection.nearID,
      hops: 0
    })
    expect(at(inboxes, 0).infos).toMatchObject([{ fromLocal: true, from: a.groupAddress }])
  })
})

describe('sendToNeighbor() and sendToAllNeighbors()', () => {
  it('reach the next one on the ring in each direction, which hears it as handed on', async () => {
    const { groups, inboxes } = await neighbors(5)
    const ring = onRing(groups)
    for (const [i, group] of ring.entries()) {
      expect(await group.sendToNeighbor('up', NetGroupSendMode.NEXT_INCREASING)).toBe('sent')
      const next = at(ring, (i + 1) % 5)
      const { infos } = at(inboxes, groups.indexOf(next))
      await until('it arrives', () => infos.length === 1)
      expect(infos).toMatchObject([
        {
          message: 'up',
          from: group.groupAddress,
          fromLocal: false,
          sender: group.connection.nearID,
          destination: next.groupAddress
        }
      ])
    }
    await at(ring, 0).sendToNeighbor('down', NetGroupSendMode.NEXT_DECREASING)
    const { messages } = at(inboxes, groups.indexOf(at(ring, 4)))
    await until('it arrives', () => at(inboxes, groups.indexOf(at(ring, 4))).messages.includes('down'))
    expect(messages).toEqual(['up'])
  })

  it('reach all neighbors once, with fromLocal false', async () => {
    const { groups, inboxes } = await neighbors(4)
    expect(await at(groups, 0).sendToAllNeighbors('all')).toBe('sent')
    await until('it arrives', () => inboxes.slice(1).every(({ infos }) => infos.length === 1))
    expect(inboxes.map(({ messages }) => messages)).toEqual([[], ['all'], ['all'], ['all']])
    expect(at(inboxes, 1).infos).toMatchObject([{ fromLocal: false }])
  })

  it('have no route when there is no neighbor', async () => {
    const network = await networkOf(1)
    const alone = await NetGroup.join(at(network.connections, 0), routed())
    expect(await alone.sendToNeighbor('hi', 'nextIncreasing')).toBe('no route')
    expect(await alone.sendToAllNeighbors('hi')).toBe('no route')
  })
})

describe('Channels', () => {
  it('are heard apart from each other and from the group itself', async () => {
    const { groups, inboxes } = await neighbors(2)
    const [a, b] = [at(groups, 0), at(groups, 1)]
    const [position, score] = [a.channel<number>('position'), a.channel('score')]
    const heard = ['position', 'score'].map(name => new DirectInbox(b.channel(name)))
    await position.sendToPeer(1, b.connection.nearID, { receipt: true })
    await score.sendToNearest(2, b.groupAddress, { receipt: true })
    await position.sendToAllNeighbors(3)
    await score.sendToNeighbor(4, 'nextIncreasing')
    await a.sendToPeer(5, b.connection.nearID, { receipt: true })
    await until('all have arrived', () => heard.every(({ messages }) => messages.length === 2))
    expect(heard.map(({ messages }) => messages)).toEqual([
      [1, 3],
      [2, 4]
    ])
    expect(at(inboxes, 1).messages).toEqual([5])
  })

  it('may not have the names that netgroup uses itself', async () => {
    const { groups } = await neighbors(2)
    expect(() => at(groups, 0).channel('netgroup/call')).toThrow(RangeError)
    expect(() => at(groups, 0).channel('netgroup/anything')).toThrow('netgroup')
  })

  it('hear nothing any more once they are closed, and send nothing', async () => {
    const { groups } = await neighbors(2)
    const [a, b] = [at(groups, 0), at(groups, 1)]
    const channel = b.channel('c')
    const inbox = new DirectInbox(channel)
    await channel.close()
    await a.channel('c').sendToPeer('hi', b.connection.nearID, { receipt: true })
    expect(inbox.infos).toEqual([])
    await expect(channel.sendToAllNeighbors('hi')).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

describe('What cannot be sent', () => {
  it('is refused in a group without routing', async () => {
    const network = await networkOf(2)
    const groups = await joinAll(network.connections, new GroupSpecifier('posts', { postingEnabled: true }))
    const [a, b] = [at(groups, 0), at(groups, 1)]
    const disabled = { code: 'CAPABILITY_DISABLED', detail: { capability: 'routingEnabled' } }
    await expect(a.sendToPeer('hi', b.connection.nearID)).rejects.toMatchObject(disabled)
    await expect(a.sendToNearest('hi', b.groupAddress)).rejects.toMatchObject(disabled)
    await expect(a.sendToNeighbor('hi', 'nextIncreasing')).rejects.toMatchObject(disabled)
    await expect(a.sendToAllNeighbors('hi')).rejects.toMatchObject(disabled)
    await expect(a.call(b.connection.nearID, 'x', [])).rejects.toMatchObject(disabled)
    const channel = a.channel('side')
    await expect(channel.sendToAllNeighbors('hi')).rejects.toMatchObject(disabled)
    const reason = new Error('Enough')
    await expect(a.sendToAllNeighbors('hi', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    a.receiveMode = 'nearest'
    expect(a.receiveMode).toBe('nearest')
    expect(a.info.routingSendBytesPerSecond).toBe(0)
    await channel.close()
    await expect(channel.sendToAllNeighbors('hi')).rejects.toMatchObject({ code: 'CLOSED' })
    await a.close()
    await expect(a.sendToPeer('hi', b.connection.nearID)).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(a.call(b.connection.nearID, 'x', [])).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('works in both faces of a membership that were joined at the same moment', async () => {
    const network = await networkOf(1)
    const connection = at(network.connections, 0)
    const groups = await Promise.all([
      NetGroup.join(connection, routed()),
      NetGroup.join(connection, routed())
    ])
    const inboxes = groups.map(group => new DirectInbox(group))
    await at(groups, 1).sendToPeer('hi', connection.nearID)
    await until('both have heard it', () => inboxes.every(({ infos }) => infos.length === 1))
  })

  it('is refused by size, kind and address', async () => {
    const { groups } = await neighbors(2)
    const [a, b] = [at(groups, 0), at(groups, 1)]
    const { nearID } = b.connection
    await expect(a.sendToPeer(new Uint8Array(65_536), nearID)).rejects.toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      detail: { maxBytes: 65_536 }
    })
    await expect(a.sendToPeer({ f: () => 1 }, nearID)).rejects.toMatchObject({
      code: 'VALUE_UNSUPPORTED',
      detail: { path: '.f' }
    })
    await expect(a.sendToNearest('hi', nearID)).rejects.toThrow(/use sendToPeer/)
    await expect(a.sendToNearest('hi', nearID)).rejects.toThrow(TypeError)
    await expect(a.sendToNearest('hi', 'abc')).rejects.toThrow(TypeError)
    await expect(a.sendToPeer('hi', b.groupAddress)).rejects.toThrow(TypeError)
    await expect(a.sendToPeer('hi', 'nobody')).rejects.toThrow(TypeError)
    await expect(a.sendToNeighbor('hi', 'up' as never)).rejects.toThrow(TypeError)
    expect(() => {
      a.receiveMode = 'some' as never
    }).toThrow(TypeError)
  })

  it('fails validate on sending, and is dropped and counted where it fails it on arrival', async () => {
    const network = await networkOf(2)
    const isText = (value: unknown): value is string => typeof value === 'string'
    const [a, b] = await Promise.all([
      NetGroup.join(at(network.connections, 0), routed()),
      NetGroup.join(at(network.connections, 1), routed(), { validate: isText })
    ])
    await b.waitForNeighbors()
    await a.waitForNeighbors()
    const inbox = new DirectInbox(b as NetGroup)
    await expect(b.sendToAllNeighbors(1 as never)).rejects.toThrow(TypeError)
    await a.sendToPeer(1, b.connection.nearID, { receipt: true })
    await a.sendToPeer('text', b.connection.nearID, { receipt: true })
    expect(inbox.messages).toEqual(['text'])
    expect(b.info.rejected).toEqual({ 'invalid when sent': 1, 'invalid value': 1 })
  })
})
