import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memberOf } from '../../src/api/net-group.ts'
import { GroupSpecifier, type NetGroup } from '../../src/index.ts'
import { REMEMBERED_HEARTBEATS } from '../../src/platform/mesh-gossip.ts'
import { createTestNetwork, type TestNetwork } from '../../src/testing.ts'
import { MAX_CLOCK_DIFFERENCE_MS, SEEN_WINDOW_MS } from '../../src/wire/limits.ts'
import { Inbox, joinEach } from '../support/inbox.ts'
import { hostOf, PubsubTap } from '../support/modified-client.ts'
import { until } from '../support/until.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

let network: TestNetwork
let clock: VirtualClock
let author: NetGroup
let replayer: NetGroup
let listener: NetGroup
let inboxes: { author: Inbox; replayer: Inbox; listener: Inbox }
let tap: PubsubTap

/** How far gossipsub's clock is ahead: it reads the machine's. */
let aheadMs = 0

beforeEach(async () => {
  const now = Date.now.bind(Date)
  aheadMs = 0
  vi.spyOn(Date, 'now').mockImplementation(() => now() + aheadMs)
  clock = new VirtualClock()
  network = await createTestNetwork(3, { clock })
  const groupspec = new GroupSpecifier('replay', { postingEnabled: true })
  const groups = await clock.during(joinEach(network.connections, [groupspec, groupspec, groupspec]))
  ;[author, replayer, listener] = groups as [NetGroup, NetGroup, NetGroup]
  inboxes = { author: new Inbox(author), replayer: new Inbox(replayer), listener: new Inbox(listener) }
  tap = new PubsubTap(replayer)
})

afterEach(async () => {
  vi.restoreAllMocks()
  await network.close()
})

/** Lets this much time pass for the group, and for gossipsub, which notices at its next heartbeat. */
async function pass(groupMs: number, gossipMs: number): Promise<void> {
  clock.set(clock.now() + groupMs)
  aheadMs += gossipMs
  const gossips = [author, replayer, listener].map(gossipOf)
  // What it tells others that it has is counted in heartbeats, of which there are many in that time.
  for (const { mcache } of gossips) for (let i = 0; i < 2 * REMEMBERED_HEARTBEATS; i++) mcache.shift()
  await eventually('gossipsub has forgotten', () => gossips.every(({ seenCache }) => seenCache.size === 0))
}

function gossipOf(group: NetGroup): { seenCache: { size: number }; mcache: { shift(): void } } {
  return group.connection.libp2p.services['pubsub'] as ReturnType<typeof gossipOf>
}

async function eventually(what: string, holds: () => boolean): Promise<void> {
  await clock.during(until(what, holds))
}

describe('a replayed post', () => {
  it('later than the seen window is delivered to nobody', async () => {
    await author.post('once')
    await eventually('both hear it', () =>
      [inboxes.listener, inboxes.replayer].every(i => i.messages.length === 1)
    )
    const [rpc] = tap.messagesFrom(author)
    expect(rpc).toBeDefined()

    await pass(SEEN_WINDOW_MS + 1, SEEN_WINDOW_MS + 1)
    for (const victim of [author, listener]) tap.send(victim, rpc as Uint8Array)
    await eventually('it has reached the validators', () =>
      [author, listener].every(group => group.info.rejected['clock'] === 1)
    )
    expect(Object.values(inboxes).map(({ messages }) => messages)).toEqual([[], ['once'], ['once']])
    expect([author, listener].map(({ neighborCount }) => neighborCount)).toEqual([2, 2])
  })

  it('is delivered once within the window too, when gossipsub has forgotten it already', async () => {
    await author.post('once')
    await eventually('both hear it', () =>
      [inboxes.listener, inboxes.replayer].every(i => i.messages.length === 1)
    )
    // For gossipsub the window is over, for the group it is not.
    await pass(MAX_CLOCK_DIFFERENCE_MS - 10_000, SEEN_WINDOW_MS + 1)

    tap.send(listener, tap.messagesFrom(author)[0] as Uint8Array)
    await eventually('it has reached the validator', () => listener.info.rejected['duplicate'] === 1)
    expect(inboxes.listener.messages).toEqual(['once'])
  })

  it('under a new message id of gossipsub is delivered once', async () => {
    await author.post('once')
    await eventually('both hear it', () =>
      [inboxes.listener, inboxes.replayer].every(i => i.messages.length === 1)
    )
    const [data] = tap.dataFrom(author)
    const { topic } = memberOf(author).keys
    await hostOf(author).pubsub.publish(topic, data as Uint8Array)
    await eventually('both have judged it', () =>
      [listener, replayer].every(group => group.info.rejected['duplicate'] === 1)
    )
    // Nor can anybody pass it off as one's own.
    await hostOf(replayer).pubsub.publish(topic, data as Uint8Array)
    await eventually('both others have judged that', () =>
      [author, listener].every(group => group.info.rejected['not encrypted for this group'] === 1)
    )
    expect(Object.values(inboxes).map(({ messages }) => messages)).toEqual([[], ['once'], ['once']])
  })
})

describe('two people who say the same', () => {
  it('are both heard', async () => {
    await author.post('ok')
    await replayer.post('ok')
    await author.post('ok')
    await eventually('the listener hears all three', () => inboxes.listener.messages.length === 3)
    expect(inboxes.listener.messages).toEqual(['ok', 'ok', 'ok'])
    await eventually(
      'so do they',
      () => inboxes.author.messages.length === 1 && inboxes.replayer.messages.length === 2
    )
  })

  it('are heard once with filterIdentical, until the seen window is over', async () => {
    await author.post('ok', { filterIdentical: true })
    await eventually('the first is heard', () =>
      [inboxes.listener, inboxes.replayer].every(i => i.messages.length === 1)
    )
    await replayer.post('ok', { filterIdentical: true })
    await eventually('the second is judged', () =>
      [author, listener].every(group => group.info.rejected['identical'] === 1)
    )
    await replayer.post('ok')
    await replayer.post('not the same', { filterIdentical: true })
    await eventually('others are heard', () => inboxes.listener.messages.length === 3)
    expect(inboxes.listener.messages).toEqual(['ok', 'ok', 'not the same'])
    expect(inboxes.author.messages).toEqual(['ok', 'not the same'])

    await pass(SEEN_WINDOW_MS + 1, SEEN_WINDOW_MS + 1)
    await replayer.post('ok', { filterIdentical: true })
    await eventually('it is heard again', () => inboxes.listener.messages.length === 4)
  })
})
