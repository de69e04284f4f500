import '../../src/platform/polyfill.ts'
import type { Stream } from '@libp2p/interface'
import { concat } from 'uint8arrays/concat'
import { afterEach, describe, expect, it } from 'vitest'
import { memberOf } from '../../src/api/net-group.ts'
import { GroupSpecifier, type NetGroup } from '../../src/index.ts'
import type { ObjectListener, ObjectSpace } from '../../src/net/object-space.ts'
import { createTestNetwork, joinAll, type TestNetwork } from '../../src/testing.ts'
import { MAX_OBJECT_BYTES, MAX_OBJECT_STREAMS } from '../../src/wire/limits.ts'
import { ObjectHeader } from '../../src/wire/objects.ts'
import { OBJECTS_PROTOCOL } from '../../src/wire/protocol-ids.ts'
import { at } from '../support/inbox.ts'
import { until } from '../support/until.ts'

const networks: TestNetwork[] = []
afterEach(async () => {
  await Promise.all(networks.splice(0).map(network => network.close()))
})

async function meet(size: number): Promise<{ network: TestNetwork; groups: NetGroup[] }> {
  const network = await createTestNetwork(size)
  networks.push(network)
  const spec = new GroupSpecifier('objects', { objectReplicationEnabled: true })
  return { network, groups: await joinAll(network.connections, spec) }
}

/** What a space has heard. */
class Shelf implements ObjectListener {
  readonly results = new Map<number, Uint8Array>()
  readonly failed: string[] = []
  readonly space: ObjectSpace
  isClosed = false

  constructor(group: NetGroup, namespace: string, content?: (index: number) => Uint8Array) {
    this.space = memberOf(group).replication.open(namespace, this)
    if (content !== undefined)
      this.onRequest = (index, requestID) => {
        this.space.answer(requestID, content(index))
      }
  }

  onRequest?: (index: number, requestID: number) => void
  onResult = (index: number, bytes: Uint8Array): void => {
    this.results.set(index, bytes)
  }
  onFailed = (index: number, reason: string): void => {
    this.failed.push(`${index} ${reason}`)
  }
  onClosed = (): void => {
    this.isClosed = true
  }
}

const content = (index: number): Uint8Array => new Uint8Array(1_000 * (index + 1)).fill(index + 1)

describe('objects of a group', () => {
  it('go to who wants them, with the bytes that they have', async () => {
    const { groups } = await meet(2)
    const giver = new Shelf(at(groups, 0), 'films', content)
    giver.space.addHave(0, 99)
    const taker = new Shelf(at(groups, 1), 'films')
    taker.space.addWant(0, 99)
    await until('all are there', () => taker.results.size === 100)
    for (const [index, bytes] of taker.results) expect(Buffer.compare(bytes, content(index))).toBe(0)
    expect(taker.failed).toEqual([])
    expect(taker.space.peers).toBe(1)
  })

  it('go to who opens their namespace later', async () => {
    const { groups } = await meet(2)
    const taker = new Shelf(at(groups, 1), 'films')
    taker.space.addWant(3, 4)
    await new Promise(resolve => setImmediate(resolve))
    const giver = new Shelf(at(groups, 0), 'films', content)
    giver.space.addHave(0, 99)
    await until('both are there', () => taker.results.size === 2)
  })

  it('do not go from one namespace to another', async () => {
    const { groups } = await meet(2)
    const [a, b] = [at(groups, 0), at(groups, 1)]
    const others = new Shelf(a, 'others', () => Uint8Array.of(1))
    others.space.addHave(0, 9)
    const giver = new Shelf(a, 'films', () => Uint8Array.of(2))
    giver.space.addHave(5, 5)
    const taker = new Shelf(b, 'films')
    taker.space.addWant(4, 5)
    await until('one is there', () => taker.results.size === 1)
    expect([...taker.results]).toEqual([[5, Uint8Array.of(2)]])
  })

  it('of any length up to 1 MiB come whole, and nothing at all', async () => {
    const { groups } = await meet(2)
    const lengths = [0, 1, 65_536, 65_537, 1_048_576]
    const giver = new Shelf(at(groups, 0), '', index => new Uint8Array(at(lengths, index)).fill(7))
    giver.space.addHave(0, lengths.length - 1)
    const taker = new Shelf(at(groups, 1), '')
    taker.space.addWant(0, lengths.length - 1)
    await until('all are there', () => taker.results.size === lengths.length)
    expect([...taker.results].sort(([a], [b]) => a - b).map(([, { byteLength }]) => byteLength)).toEqual(
      lengths
    )
  })

  it('are offered by several holders of a namespace as one', async () => {
    const { groups } = await meet(2)
    const a = at(groups, 0)
    const [first, second] = [
      new Shelf(a, '', () => Uint8Array.of(1)),
      new Shelf(a, '', () => Uint8Array.of(2))
    ]
    first.space.addHave(0, 5)
    second.space.addHave(4, 9)
    first.space.removeHave(4, 5)
    const taker = new Shelf(at(groups, 1), '')
    taker.space.addWant(3, 4)
    await until('both are there', () => taker.results.size === 2)
    expect(taker.results.get(3)).toEqual(Uint8Array.of(1))
    expect(taker.results.get(4)).toEqual(Uint8Array.of(2))
    first.space.close()
    taker.space.addWant(5, 6)
    await until('what the other one has', () => taker.results.size === 4)
  })

  it('that are answered twice, or never asked for, or too long, are told as such', async () => {
    const { groups } = await meet(2)
    const giver = new Shelf(at(groups, 0), '')
    const asked: number[] = []
    giver.onRequest = (_, requestID) => void asked.push(requestID)
    giver.space.addHave(0, 0)
    const taker = new Shelf(at(groups, 1), '')
    taker.space.addWant(0, 0)
    await until('it is asked for', () => asked.length === 1)
    const [requestID] = asked as [number]
    expect(giver.space.answer(requestID + 1, Uint8Array.of(1))).toBe('unknown')
    expect(giver.space.answer(requestID, new Uint8Array(1_048_577))).toBe('tooLong')
    expect(giver.space.answer(requestID, Uint8Array.of(1))).toBe('taken')
    expect(giver.space.answer(requestID, Uint8Array.of(1))).toBe('unknown')
    expect(giver.space.deny(requestID)).toBe(false)
    await until('it is there', () => taker.results.size === 1)
  })

  it('come from who still has them when others have left', async () => {
    const { network, groups } = await meet(4)
    const givers = groups.slice(0, 3).map(group => new Shelf(group, '', () => new Uint8Array(16_384)))
    for (const giver of givers) giver.space.addHave(0, 399)
    const taker = new Shelf(at(groups, 3), '')
    taker.space.addWant(0, 399)
    await until('some are there', () => taker.results.size > 50)
    await at(groups, 0).close()
    await at(network.connections, 1).libp2p.stop()
    await until('all are there', () => taker.results.size === 400)
    expect(at(givers, 0).isClosed).toBe(true)
  })

  it('do not take memory for one object over any number of streams', async () => {
    const { groups } = await meet(2)
    const [victim, attacker] = [at(groups, 0), at(groups, 1)]
    const silent = new Shelf(attacker, 'films')
    const asked: number[] = []
    silent.onRequest = index => void asked.push(index)
    silent.space.addHave(0, 0)
    new Shelf(victim, 'films').space.addWant(0, 0)
    await until('it is asked for', () => asked.length === 1)
    const link = memberOf(attacker).links.get(victim.connection.nearID)
    const header = ObjectHeader.encode({ namespace: 'films', index: 0, length: MAX_OBJECT_BYTES, waiting: 0 })
    const streams: Stream[] = []
    for (let i = 0; i < 10; i++) {
      const stream = (await link?.connection.newStream(OBJECTS_PROTOCOL)) as Stream
      streams.push(stream)
      stream.send(concat([link?.linkID ?? new Uint8Array(), Uint8Array.of(0, 0, 0, header.length), header]))
    }
    const open = (): number => streams.filter(({ status }) => status === 'open').length
    await until('most are reset', () => open() <= MAX_OBJECT_STREAMS)
    expect(open()).toBe(MAX_OBJECT_STREAMS)
  })
})
