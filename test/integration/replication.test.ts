import '../../src/platform/polyfill.ts'
import { afterEach, describe, expect, it } from 'vitest'
import {
  GroupSpecifier,
  isNetGroupError,
  MemoryObjectStore,
  NetGroup,
  type ObjectSet,
  type ObjectStore
} from '../../src/index.ts'
import { createTestNetwork, joinAll, type TestNetwork } from '../../src/testing.ts'
import { at } from '../support/inbox.ts'
import { until } from '../support/until.ts'

const networks: TestNetwork[] = []
afterEach(async () => {
  await Promise.all(networks.splice(0).map(network => network.close()))
})

async function meet(size: number, enabled = true): Promise<NetGroup[]> {
  const network = await createTestNetwork(size)
  networks.push(network)
  return await joinAll(
    network.connections,
    new GroupSpecifier('objects', { objectReplicationEnabled: enabled })
  )
}

/** Answers all requests with `<index>!`. */
function answering(group: NetGroup): NetGroup {
  group.addEventListener('NetGroup.Replication.Request', ({ info: { index, requestID } }) =>
    group.writeRequestedObject(requestID, { text: `${index}!` })
  )
  return group
}

async function pair(): Promise<[a: NetGroup, b: NetGroup]> {
  const groups = await meet(2)
  return [at(groups, 0), at(groups, 1)]
}

describe('objects by the original API', () => {
  it('are asked for, answered, and told once', async () => {
    const [a, b] = await pair()
    answering(a).addHaveObjects(0, 1_000_000)
    const told: string[] = []
    b.addEventListener('netStatus', ({ info }) => {
      if (info.code === 'NetGroup.Replication.Fetch.Result') {
        told.push(`result ${info.index} ${JSON.stringify(info.object)}`)
        expect(info.from).toBe(a.connection.nearID)
      } else if (info.code === 'NetGroup.Replication.Fetch.SendNotify') told.push(`asks ${info.index}`)
    })
    b.addWantObjects(7, 7)
    await until('it is there', () => told.length === 2)
    expect(told).toEqual(['asks 7', 'result 7 {"text":"7!"}'])
  })

  it('that are denied are asked for again while wanted', async () => {
    const [a, b] = await pair()
    a.addHaveObjects(3, 3)
    let requests = 0
    a.addEventListener('NetGroup.Replication.Request', ({ info: { requestID } }) => {
      requests += 1
      if (requests === 1) a.denyRequestedObject(requestID)
      else a.writeRequestedObject(requestID, 'at last')
    })
    const codes: string[] = []
    b.addEventListener('netStatus', ({ info: { code } }) => {
      if (code.startsWith('NetGroup.Replication.')) codes.push(code.slice('NetGroup.Replication.'.length))
    })
    b.addWantObjects(3, 3)
    await until('it is there', () => codes.includes('Fetch.Result'))
    expect(codes).toEqual(['Fetch.SendNotify', 'Fetch.Failed', 'Fetch.SendNotify', 'Fetch.Result'])
  })

  it('that are wanted again come from another neighbor', async () => {
    const groups = await meet(3)
    const [liar, honest, b] = [at(groups, 0), at(groups, 1), at(groups, 2)]
    for (const group of [liar, honest]) {
      group.addEventListener('NetGroup.Replication.Request', ({ info: { requestID } }) =>
        group.writeRequestedObject(requestID, group === liar ? 'false' : 'true')
      )
      group.addHaveObjects(0, 9)
    }
    const good = new Set<number>()
    b.addEventListener('NetGroup.Replication.Fetch.Result', ({ info: { index, object } }) => {
      if (object === 'true') good.add(index)
      else b.addWantObjects(index, index)
    })
    b.addWantObjects(0, 9)
    await until('all are good', () => good.size === 10)
  })

  it('have other indices in a namespace of their own', async () => {
    const [a, b] = await pair()
    answering(a).addHaveObjects(0, 9)
    const films = { a: a.objects('films'), b: b.objects('films') }
    films.a.addEventListener('NetGroup.Replication.Request', ({ info: { requestID } }) =>
      films.a.writeRequestedObject(requestID, 'a film')
    )
    films.a.addHaveObjects(0, 9)
    const found: unknown[] = []
    films.b.addEventListener(
      'NetGroup.Replication.Fetch.Result',
      ({ info: { object } }) => void found.push(object)
    )
    films.b.addWantObjects(5, 5)
    await until('it is there', () => found.length === 1)
    expect(found).toEqual(['a film'])
    await b.close()
    expect(() => films.b.addWantObjects(1, 1)).toThrow('closed')
  })

  it('keep their rates', async () => {
    const [a, b] = await pair()
    answering(a).addHaveObjects(0, 9)
    b.addWantObjects(0, 9)
    await until('bytes have come', () => b.info.objectReplicationReceiveBytesPerSecond > 0)
    expect(a.info.objectReplicationSendBytesPerSecond).toBeGreaterThan(0)
  })
})

describe('bad input', () => {
  const ranges: [string, number, number][] = [
    ['an end before the start', 5, 4],
    ['a negative index', -1, 4],
    ['a fraction', 0, 1.5],
    ['an index beyond 2^53', 0, 2 ** 53 + 2],
    ['no number', Number.NaN, 1]
  ]
  it.each(ranges)('%s is a RangeError that says what to give', async (_, start, end) => {
    const [a] = await pair()
    const set: ObjectSet = a
    for (const method of [
      'addHaveObjects',
      'removeHaveObjects',
      'addWantObjects',
      'removeWantObjects'
    ] as const)
      expect(() => set[method](start, end)).toThrow(RangeError)
    expect(() => set.addHaveObjects(start, end)).toThrow('give two whole numbers')
  })

  it('for a request is told, and the request still waits', async () => {
    const [a, b] = await pair()
    a.addHaveObjects(0, 0)
    const requests: number[] = []
    a.addEventListener('NetGroup.Replication.Request', ({ info }) => void requests.push(info.requestID))
    const found: unknown[] = []
    b.addEventListener('NetGroup.Replication.Fetch.Result', ({ info }) => void found.push(info.object))
    b.addWantObjects(0, 0)
    await until('it is asked for', () => requests.length === 1)
    const requestID = at(requests, 0)
    expect(() => a.writeRequestedObject(requestID + 1, 1)).toThrow(RangeError)
    expect(() => a.denyRequestedObject(requestID + 1)).toThrow('no such request waits')
    const tooLong = (): void => a.writeRequestedObject(requestID, new Uint8Array(1_048_577))
    expect(tooLong).toThrow('at most 1048576')
    expect(() => a.writeRequestedObject(requestID, () => {})).toThrow('Cannot send the value')
    a.writeRequestedObject(requestID, 'good')
    expect(() => a.writeRequestedObject(requestID, 'twice')).toThrow('answered already')
    await until('it is there', () => found.length === 1)
    expect(found).toEqual(['good'])
  })

  it('of the strategy and the namespace is refused', async () => {
    const [a] = await pair()
    expect(() => {
      a.replicationStrategy = 'first' as never
    }).toThrow(TypeError)
    a.replicationStrategy = 'lowestFirst'
    expect(a.replicationStrategy).toBe('lowestFirst')
    expect(() => a.objects('')).toThrow(RangeError)
    expect(() => a.objects('x'.repeat(256))).toThrow(RangeError)
    expect(() => a.objects('ab'.repeat(32))).toThrow('shared files')
  })

  it('is what a group without objects says', async () => {
    const [a] = (await meet(2, false)) as [NetGroup]
    const isDisabled = (error: unknown): boolean => isNetGroupError(error, 'CAPABILITY_DISABLED')
    expect(() => a.addWantObjects(0, 1)).toThrow(expect.toSatisfy(isDisabled))
    await expect(a.replicate(new MemoryObjectStore())).rejects.toSatisfy(isDisabled)
  })
})

describe('a store', () => {
  it('is filled from others, and offers what it got', async () => {
    const groups = await meet(3)
    const [source, middle, end] = [new MemoryObjectStore(), new MemoryObjectStore(), new MemoryObjectStore()]
    for (let i = 0; i < 50; i++) await source.put(i, { number: i })
    await at(groups, 0).replicate(source)
    await using first = await at(groups, 1).replicate(middle, { want: [[0, 49]] })
    await first.complete({ signal: AbortSignal.timeout(10_000) })
    expect(first.missing).toBe(0)
    await at(groups, 0).close()
    await using second = await at(groups, 2).replicate(end, { want: [[10, 19]] })
    await second.complete({ signal: AbortSignal.timeout(10_000) })
    expect(await end.get(15)).toEqual({ number: 15 })
    expect([...(await end.has())]).toEqual([[10, 19]])
  })

  it('does not keep what is not valid, and gets it elsewhere', async () => {
    const groups = await meet(3)
    const [bad, good] = [new MemoryObjectStore(), new MemoryObjectStore()]
    await bad.put(0, 'bad')
    await good.put(0, 'good')
    await at(groups, 0).replicate(bad)
    await at(groups, 1).replicate(good)
    const store = new MemoryObjectStore()
    const replica = await at(groups, 2).replicate(store, {
      want: [[0, 0]],
      validate: object => object === 'good'
    })
    await replica.complete({ signal: AbortSignal.timeout(10_000) })
    expect(await store.get(0)).toBe('good')
  })

  it('that is full stops fetching with its reason, and goes on when there is room', async () => {
    const [a, b] = await pair()
    const source = new MemoryObjectStore()
    for (let i = 0; i < 20; i++) await source.put(i, i)
    await a.replicate(source)
    const kept = new MemoryObjectStore()
    let room = 5
    const small: ObjectStore = {
      has: () => kept.has(),
      get: index => kept.get(index),
      put: async (index, object) => {
        if (room === 0) throw new Error('No space left on device')
        room -= 1
        await kept.put(index, object)
      }
    }
    const replica = await b.replicate(small, { want: [[0, 19]] })
    await expect(replica.complete({ signal: AbortSignal.timeout(10_000) })).rejects.toThrow('No space left')
    expect(replica.missing).toBe(15)
    room = 100
    replica.want(0, 19)
    await replica.complete({ signal: AbortSignal.timeout(10_000) })
    expect([...(await kept.has())]).toEqual([[0, 19]])
  })

  it('whose objects are being put when more are wanted is not brought them again', async () => {
    const groups = await meet(3)
    const source = new MemoryObjectStore([0, 1, 2, 3, 4].map(index => [index, index]))
    for (const group of groups.slice(1)) await group.replicate(source)
    const kept = new MemoryObjectStore()
    const room = Promise.withResolvers<void>()
    let puts = 0
    const slow: ObjectStore = {
      has: () => kept.has(),
      get: index => kept.get(index),
      put: async (index, object) => {
        puts += 1
        await room.promise
        await kept.put(index, object)
      }
    }
    const replica = await at(groups, 0).replicate(slow, { want: [[0, 3]] })
    await until('all are being put', () => puts === 4)
    replica.want(0, 4)
    await until('the next one too', () => puts > 4)
    room.resolve()
    await replica.complete({ signal: AbortSignal.timeout(10_000) })
    expect(puts).toBe(5)
  })

  it('that failed before anybody waited is told to who waits then', async () => {
    const [a, b] = await pair()
    await a.replicate(new MemoryObjectStore([[0, 'x']]))
    let puts = 0
    const full: ObjectStore = {
      has: async () => [],
      get: async () => undefined,
      put: async () => {
        puts += 1
        if (puts === 1) throw new Error('No space left on device')
      }
    }
    const replica = await b.replicate(full, { want: [[0, 0]] })
    await until('it has failed', () => puts === 1)
    await new Promise(resolve => setImmediate(resolve))
    const signal = AbortSignal.timeout(5_000)
    await expect(replica.complete({ signal })).rejects.toThrow('No space left')
    replica.want(0, 0)
    await replica.complete({ signal })
  })

  it('that never says what it holds can be given up', async () => {
    const [a] = await pair()
    const abort = new AbortController()
    const silent: ObjectStore = {
      has: () => new Promise(() => {}),
      get: async () => undefined,
      put: async () => {}
    }
    const replicating = a.replicate(silent, { signal: abort.signal })
    const gone = new Error('no more')
    abort.abort(gone)
    await expect(replicating).rejects.toBe(gone)
  })

  it('that says what it holds after its group was closed is not replicated', async () => {
    const network = await createTestNetwork(2)
    networks.push(network)
    const spec = new GroupSpecifier('objects', { objectReplicationEnabled: true })
    const [a, b] = (await joinAll(network.connections, spec)) as [NetGroup, NetGroup]
    const other = await NetGroup.join(at(network.connections, 0), spec)
    const held = Promise.withResolvers<[number, number][]>()
    const slow: ObjectStore = {
      has: () => held.promise,
      get: async () => 'x',
      put: async () => {}
    }
    const replicating = other.replicate(slow)
    await other.close()
    held.resolve([[0, 9]])
    await expect(replicating).rejects.toSatisfy((error: unknown) => isNetGroupError(error, 'CLOSED'))
    const found: unknown[] = []
    b.addEventListener('NetGroup.Replication.Fetch.Result', ({ info }) => void found.push(info.object))
    answering(a).addHaveObjects(10, 10)
    b.addWantObjects(0, 10)
    await until('what is offered', () => found.length > 0)
    expect(found).toEqual([{ text: '10!' }])
  })

  it('ends with its group', async () => {
    const [a] = await pair()
    const replica = await a.replicate(new MemoryObjectStore(), { want: [[0, 0]] })
    const waiting = replica.complete()
    const ended = expect(waiting).rejects.toSatisfy((error: unknown) => isNetGroupError(error, 'CLOSED'))
    await a.close()
    await ended
  })
})

describe('two faces of one membership', () => {
  it('have their own sets', async () => {
    const network = await createTestNetwork(2)
    networks.push(network)
    const spec = new GroupSpecifier('objects', { objectReplicationEnabled: true })
    const [a, b] = (await joinAll(network.connections, spec)) as [NetGroup, NetGroup]
    const other = await NetGroup.join(at(network.connections, 0), spec)
    answering(a).addHaveObjects(0, 0)
    a.addHaveObjects(2, 2)
    other.addHaveObjects(1, 1)
    const asked: number[] = []
    other.addEventListener('NetGroup.Replication.Request', ({ info: { index, requestID } }) => {
      asked.push(index)
      other.writeRequestedObject(requestID, 'other')
    })
    const found: unknown[] = []
    b.addEventListener('NetGroup.Replication.Fetch.Result', ({ info }) => void found.push(info.object))
    b.addWantObjects(0, 1)
    await until('both are there', () => found.length === 2)
    expect(asked).toEqual([1])
    expect(found).toContainEqual('other')
    await other.close()
    b.addWantObjects(1, 2)
    await until('what is still offered', () => found.length === 3)
    expect(found.at(-1)).toEqual({ text: '2!' })
  })
})
