import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GroupSpecifier, type NetGroup, NetStatusEvent } from '../../src/index.ts'
import { createTestNetwork, joinAll, type TestNetwork } from '../../src/testing.ts'
import { Inbox } from '../support/inbox.ts'
import { until } from '../support/until.ts'

let network: TestNetwork
let speaker: NetGroup
let listener: NetGroup

beforeEach(async () => {
  network = await createTestNetwork(2)
  const groups = await joinAll(network.connections, new GroupSpecifier('statuses', { postingEnabled: true }))
  ;[speaker, listener] = groups as [NetGroup, NetGroup]
})

afterEach(async () => {
  await network.close()
})

/** Posts 1 to n, and waits until they are there. */
async function say(count: number): Promise<void> {
  const inbox = new Inbox(listener)
  for (let i = 1; i <= count; i++) await speaker.post(i)
  await until('all are heard', () => inbox.messages.length === count)
}

describe('statuses()', () => {
  it('gives what happens from the call on, not from the first read, and ends with close()', async () => {
    const statuses = listener.statuses({ code: 'NetGroup.Posting.Notify' })
    await say(3)
    await listener.close()
    const messages: unknown[] = []
    for await (const { message } of statuses) messages.push(message)
    expect(messages).toEqual([1, 2, 3])
    for await (const _ of listener.statuses()) throw new Error('Nothing comes after the end')
  })

  it('gives all codes when none is named, and the last is that of the end', async () => {
    const statuses = listener.statuses()
    await say(1)
    await listener.close()
    const codes: string[] = []
    // The coverage is told when the topology has thought about the neighbor: before this began, or meanwhile.
    for await (const { code } of statuses) if (code !== 'NetGroup.LocalCoverage.Notify') codes.push(code)
    expect(codes).toEqual(['NetGroup.Posting.Notify', 'NetGroup.Connect.Closed'])
  })

  it('throws when its reader is too slow for its buffer, after giving what was in it', async () => {
    const statuses = listener.statuses({ code: 'NetGroup.Posting.Notify', maxBuffered: 2 })
    await say(3)
    const messages: unknown[] = []
    const reading = (async () => {
      for await (const { message } of statuses) messages.push(message)
    })()
    await expect(reading).rejects.toThrow(RangeError)
    expect(messages).toEqual([1, 2])
  })

  it("throws its signal's reason on abort, also when it was aborted before", async () => {
    const abort = new AbortController()
    const next = listener.statuses({ signal: abort.signal })[Symbol.asyncIterator]().next()
    abort.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
    const late = listener.statuses({ signal: abort.signal })[Symbol.asyncIterator]().next()
    await expect(late).rejects.toThrow('enough')
  })

  it('gives nothing more after break', async () => {
    const statuses = listener.statuses({ code: 'NetGroup.Posting.Notify', maxBuffered: 1 })
    await say(1)
    for await (const { message } of statuses) {
      expect(message).toBe(1)
      break
    }
    // More than its buffer would hold: it would throw.
    await say(3)
    expect(await statuses[Symbol.asyncIterator]().next()).toEqual({ value: undefined, done: true })
  })
})

describe('a listener', () => {
  it('that throws or rejects harms neither others nor the group', async () => {
    const calls: string[] = []
    listener.addEventListener('NetGroup.Posting.Notify', () => {
      calls.push('throws')
      throw new Error('a bug of the application')
    })
    listener.addEventListener('NetGroup.Posting.Notify', async () => {
      calls.push('rejects')
      throw new Error('another')
    })
    listener.subscribe(() => {
      throw new Error('a third')
    })
    await say(2)
    expect(calls).toEqual(['throws', 'rejects', 'throws', 'rejects'])
    await speaker.close()
    await until('the group goes on', () => listener.neighborCount === 0)
  })

  it('hears each status under its code and as netStatus, once, until it is removed', async () => {
    const codes: string[] = []
    const onStatus = (event: Event): void => {
      expect(event).toBeInstanceOf(NetStatusEvent)
      // What the ring tells comes when it comes.
      const { info } = event as Event & { info: { code: string } }
      if (info.code === 'NetGroup.Posting.Notify') codes.push(event.type)
    }
    for (const code of ['NetGroup.Posting.Notify', 'netStatus', 'netStatus'] as const)
      listener.addEventListener(code, onStatus)
    await say(1)
    listener.removeEventListener('netStatus', onStatus)
    await say(1)
    expect(codes).toEqual(['NetGroup.Posting.Notify', 'netStatus', 'NetGroup.Posting.Notify'])
  })
})

describe('lists', () => {
  it('are the same frozen object until something changes, which subscribe tells', async () => {
    const { neighbors } = listener
    expect(Object.isFrozen(neighbors)).toBe(true)
    await say(1)
    expect(listener.neighbors).toBe(neighbors)
    const seen: number[] = []
    const { subscribe } = listener
    const stop = subscribe(() => seen.push(listener.neighbors.length))
    await speaker.close()
    await until('the neighbor is gone', () => seen.length > 0)
    expect(seen).toEqual([0])
    expect(listener.neighbors).not.toBe(neighbors)
    stop()
    await listener.close()
    expect(seen).toEqual([0])
  })
})
