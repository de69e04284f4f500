import { afterEach, describe, expect, it } from 'vitest'
import type { GroupStatus } from '../../src/index.ts'
import { GroupSpecifier, isNetGroupError, NetGroup, type StatusInfo } from '../../src/index.ts'
import { createTestNetwork, joinAll, type TestNetwork, type TestNetworkOptions } from '../../src/testing.ts'
import { MAX_POST_BYTES } from '../../src/wire/limits.ts'
import { at, Inbox } from '../support/inbox.ts'
import { hostOf } from '../support/modified-client.ts'
import { until } from '../support/until.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const chat = (): GroupSpecifier => new GroupSpecifier('posting', { postingEnabled: true })

async function startNetwork(size: number, options: TestNetworkOptions = {}): Promise<TestNetwork> {
  const network = await createTestNetwork(size, options)
  cleanups.push(() => network.close())
  return network
}

async function startGroup(size: number): Promise<NetGroup[]> {
  return await joinAll((await startNetwork(size)).connections, chat())
}

type Failed = StatusInfo<GroupStatus<unknown>, 'NetGroup.Posting.Failed'>

function failuresOf(group: NetGroup): Failed[] {
  const failures: Failed[] = []
  group.addEventListener('NetGroup.Posting.Failed', ({ info }) => failures.push(info))
  return failures
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** Bytes whose encoding, with its head of three bytes, is so long. */
const encodedAs = (bytes: number): Uint8Array => new Uint8Array(bytes - 3).fill(1)

describe('a post before the first neighbor', () => {
  it('is kept, and delivered in order when somebody comes', async () => {
    const { connections } = await startNetwork(2)
    const alone = await NetGroup.join(at(connections, 0), chat())
    const failures = failuresOf(alone)
    for (const number of numbers(1, 64)) expect(await alone.post(number)).toMatch(/^[0-9a-f]{64}$/)
    const late = await NetGroup.join(at(connections, 1), chat())
    const inbox = new Inbox(late)
    await until('all are heard', () => inbox.messages.length === 64)
    expect(inbox.messages).toEqual(numbers(1, 64))
    expect(failures).toEqual([])
  })

  it('fails when 64 others wait behind it', async () => {
    const { connections } = await startNetwork(2)
    const alone = await NetGroup.join(at(connections, 0), chat())
    const failures = failuresOf(alone)
    const ids: string[] = []
    for (const number of numbers(1, 65)) ids.push(await alone.post(number))
    await until('one fails', () => failures.length > 0)
    expect(failures).toEqual([
      { code: 'NetGroup.Posting.Failed', level: 'warning', messageID: ids[0], reason: 'no neighbors' }
    ])
    const inbox = new Inbox(await NetGroup.join(at(connections, 1), chat()))
    await until('the others are heard', () => inbox.messages.length === 64)
    expect(inbox.messages).toEqual(numbers(2, 65))
  })

  it('fails after 30 s', async () => {
    const clock = new VirtualClock()
    const { connections } = await startNetwork(1, { clock })
    const alone = await NetGroup.join(at(connections, 0), chat())
    const failures = failuresOf(alone)
    const messageID = await alone.post('anybody?')
    await clock.advance(29_999)
    expect(failures).toEqual([])
    await clock.advance(1)
    expect(failures).toMatchObject([{ messageID, reason: 'no neighbors' }])
  })

  it('with waitForNeighborMs rejects after that time, or with the reason of its signal, and raises nothing', async () => {
    const clock = new VirtualClock()
    const { connections } = await startNetwork(2, { clock })
    const alone = await NetGroup.join(at(connections, 0), chat())
    const failures = failuresOf(alone)
    let isOver = false
    const waiting = alone.post('anybody?', { waitForNeighborMs: 5_000 }).finally(() => {
      isOver = true
    })
    waiting.catch(() => {})
    await clock.advance(4_999)
    expect(isOver).toBe(false)
    await clock.advance(1)
    await expect(waiting).rejects.toMatchObject({ code: 'NO_NEIGHBORS' })

    const abort = new AbortController()
    const aborted = alone.post('anybody?', { waitForNeighborMs: 5_000, signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')

    const handedOn = alone.post('at last', { waitForNeighborMs: 5_000 })
    const inbox = new Inbox(await NetGroup.join(at(connections, 1), chat()))
    expect(await clock.during(handedOn)).toMatch(/^[0-9a-f]{64}$/)
    await clock.during(until('only the last is heard', () => inbox.messages.length > 0))
    expect(inbox.messages).toEqual(['at last'])
    expect(failures).toEqual([])
  })

  it('fails when the group is closed', async () => {
    const { connections } = await startNetwork(1)
    const alone = await NetGroup.join(at(connections, 0), chat())
    const failures = failuresOf(alone)
    const messageID = await alone.post('anybody?')
    const waiting = alone.post('anybody?', { waitForNeighborMs: 5_000 })
    await Promise.all([expect(waiting).rejects.toMatchObject({ code: 'CLOSED' }), alone.close()])
    expect(failures).toMatchObject([{ messageID, reason: 'closed' }])
    await expect(alone.post('too late')).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

describe('what can be posted', () => {
  it('is up to 65,536 bytes encoded', async () => {
    const [a, b] = (await startGroup(2)) as [NetGroup, NetGroup]
    const inbox = new Inbox(b)
    const tooLarge = await a.post(encodedAs(MAX_POST_BYTES + 1)).catch((error: unknown) => error)
    expect(isNetGroupError(tooLarge, 'MESSAGE_TOO_LARGE') && tooLarge.detail).toEqual({
      bytes: 65_537,
      maxBytes: 65_536
    })
    await a.post(encodedAs(MAX_POST_BYTES))
    await until('the largest is heard', () => inbox.messages.length > 0)
    expect(inbox.messages).toEqual([encodedAs(MAX_POST_BYTES)])
  })

  it('is nothing where posting is not enabled, and no value that cannot be encoded', async () => {
    const { connections } = await startNetwork(1)
    const mute = await NetGroup.join(at(connections, 0), new GroupSpecifier('mute'))
    await expect(mute.post('hello')).rejects.toMatchObject({
      code: 'CAPABILITY_DISABLED',
      message: 'Cannot post to group "mute": posting is not enabled in its groupspec',
      detail: { capability: 'postingEnabled' }
    })
    const group = await NetGroup.join(at(connections, 0), chat())
    await expect(group.post({ a: [1, { b: () => {} }] })).rejects.toMatchObject({
      code: 'VALUE_UNSUPPORTED',
      detail: { path: '.a[1].b' }
    })
  })

  it('passes validate when it is sent, and again when it comes', async () => {
    const { connections } = await startNetwork(2)
    const isString = (value: unknown): value is string => typeof value === 'string'
    const strict = await NetGroup.join<string>(at(connections, 0), chat(), { validate: isString })
    const loose = await NetGroup.join(at(connections, 1), chat())
    const inbox = new Inbox(strict as NetGroup)
    await strict.waitForNeighbors()
    await expect(strict.post(1 as never)).rejects.toThrow(TypeError)
    await loose.post(1)
    await loose.post('one')
    await until('a string is heard', () => inbox.messages.length > 0)
    expect(inbox.messages).toEqual(['one'])
    expect(strict.info.rejected).toEqual({ 'invalid when sent': 1, 'invalid value': 1 })
  })

  it('may be an instance of a class that both name', async () => {
    class Move {
      readonly by: number
      constructor(by: number) {
        this.by = by
      }
      get twice(): number {
        return 2 * this.by
      }
    }
    const { connections } = await startNetwork(3)
    const [a, b] = await joinAll(connections.slice(0, 2), chat(), { classes: { Move } })
    const unaware = await NetGroup.join(at(connections, 2), chat())
    const inbox = new Inbox(b as NetGroup)
    await a?.post(new Move(21))
    await until('it is heard', () => inbox.messages.length > 0)
    expect(inbox.messages[0]).toBeInstanceOf(Move)
    expect((inbox.messages[0] as Move).twice).toBe(42)
    await expect(unaware.post(new Move(1))).rejects.toMatchObject({
      code: 'VALUE_UNSUPPORTED',
      detail: { path: '' }
    })
    await until('who does not know the class counts it', () => unaware.info.rejected['invalid value'] === 1)
  })
})

describe('posts', () => {
  it('tell who sent them, and are not heard by who did', async () => {
    const groups = await startGroup(3)
    const told: StatusInfo<GroupStatus<unknown>, 'NetGroup.Posting.Notify'>[] = []
    for (const group of groups)
      group.addEventListener('NetGroup.Posting.Notify', event => {
        expect(event.info).toBe(event.detail)
        told.push(event.info)
      })
    const before = Date.now()
    const messageID = await at(groups, 0).post({ text: 'hello' })
    await until('both others hear', () => told.length === 2)
    const from = at(groups, 0).connection.nearID
    for (const { sentAt, ...info } of told) {
      expect(info).toEqual({
        code: 'NetGroup.Posting.Notify',
        level: 'status',
        message: { text: 'hello' },
        messageID,
        from,
        sequence: 1
      })
      expect(Math.abs(sentAt.getTime() - before)).toBeLessThan(5_000)
    }
  })

  it('come in the order of their sender, though one was delayed, unless order is none', async () => {
    const [sender, receiver] = (await startGroup(2)) as [NetGroup, NetGroup]
    const ordered = new Inbox(receiver)
    const asTheyCome = new Inbox(await NetGroup.join(receiver.connection, chat(), { order: 'none' }))
    const { pubsub } = hostOf(sender)
    const publish = pubsub.publish.bind(pubsub)
    const delayed: (() => Promise<unknown>)[] = []
    let count = 0
    pubsub.publish = async (topic, data) => {
      count += 1
      if (count !== 2) return await publish(topic, data)
      delayed.push(() => publish(topic, data))
      return { recipients: [receiver.connection.libp2p.peerId] }
    }
    for (const number of numbers(1, 4)) await sender.post(number)
    await until('all but one have come', () => asTheyCome.messages.length === 3)
    expect(ordered.messages).toEqual([1])
    await delayed[0]?.()
    await until('all have come', () => ordered.messages.length === 4)
    expect(ordered.messages).toEqual([1, 2, 3, 4])
    expect(asTheyCome.messages).toEqual([1, 3, 4, 2])
  })

  it('come in order also to who joins late, from then on', async () => {
    const { connections } = await startNetwork(3)
    const [sender, receiver] = (await joinAll(connections.slice(0, 2), chat())) as [NetGroup, NetGroup]
    const early = new Inbox(receiver)
    for (const number of numbers(1, 20)) await sender.post(number)
    await until('the first are heard', () => early.messages.length === 20)
    const joined = await NetGroup.join(at(connections, 2), chat())
    const late = new Inbox(joined)
    await joined.waitForNeighbors(2)
    for (const number of numbers(21, 60)) await sender.post(number)
    await until('the last is heard by both', () =>
      [early, late].every(({ messages }) => messages.includes(60))
    )
    expect(early.messages).toEqual(numbers(1, 60))
    // gossip may bring it some of what was posted just before it came; that is not in order with the rest.
    expect(late.messages.filter(message => Number(message) > 20)).toEqual(numbers(21, 60))
  })

  it('in channels are heard there only', async () => {
    const [a, b] = (await startGroup(2)) as [NetGroup, NetGroup]
    const inbox = new Inbox(b)
    const heard: Record<string, unknown[]> = { presence: [], history: [] }
    for (const [name, messages] of Object.entries(heard))
      b.channel(name).addEventListener('NetGroup.Posting.Notify', ({ info }) => messages.push(info.message))
    await a.channel('presence').post('here')
    await a.channel('history').post('earlier')
    await a.channel('unheard').post('nobody listens')
    await a.post('to the application')
    await until('the last is heard', () => inbox.messages.length > 0)
    expect({ ...heard, '': inbox.messages }).toEqual({
      presence: ['here'],
      history: ['earlier'],
      '': ['to the application']
    })
    for (const name of ['', 'é'.repeat(128)]) expect(() => a.channel(name)).toThrow(RangeError)
    const last = a.channel('é'.repeat(127))
    await a.close()
    await expect(last.post('too late')).rejects.toMatchObject({ code: 'CLOSED' })
    expect(() => a.channel('new')).toThrow('the group was closed')
  })

  it('that are lost on the way come by gossip', async () => {
    const network = await startNetwork(2)
    const [a, b] = (await joinAll(network.connections, chat())) as [NetGroup, NetGroup]
    const inbox = new Inbox(b)
    network.setLoss(1)
    await a.post('lost', { waitForNeighborMs: 5_000 })
    network.setLoss(0)
    await until('it is heard', () => inbox.messages.length > 0)
    expect(inbox.messages).toEqual(['lost'])
  })

  it('reach everybody though one message in ten is lost', async () => {
    const network = await startNetwork(5)
    const groups = await joinAll(network.connections, chat())
    const inboxes = groups.map(group => new Inbox(group))
    network.setLoss(0.1)
    for (const number of numbers(1, 20)) for (const group of groups) await group.post(number)
    await until('everybody hears all', () => inboxes.every(({ messages }) => messages.length >= 80), 18_000)
    for (const { messages } of inboxes)
      expect([...messages].sort((x, y) => Number(x) - Number(y))).toEqual(
        numbers(1, 20).flatMap(n => [n, n, n, n])
      )
  })
})
