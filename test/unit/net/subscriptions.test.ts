import type { PeerId } from '@libp2p/interface'
import { beforeEach, describe, expect, it } from 'vitest'
import type { GroupHost } from '../../../src/net/group-host.ts'
import type { LinkEnding, NeighborLink } from '../../../src/net/neighbor-link.ts'
import { Subscriptions } from '../../../src/net/subscriptions.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const peerID = { toString: () => 'a' } as unknown as PeerId

let clock: VirtualClock
let link: { ending: LinkEnding | undefined } | undefined
let subscribers: string[]
let reopened: number
let canReopen: boolean
let deaf: number
let subscriptions: Subscriptions

beforeEach(() => {
  clock = new VirtualClock()
  link = { ending: undefined }
  subscribers = []
  reopened = 0
  canReopen = false
  deaf = 0
  subscriptions = new Subscriptions({
    host: {
      clock,
      pubsub: { getSubscribers: () => subscribers },
      gate: {
        reopen: () => {
          reopened += 1
          return canReopen
        }
      }
    } as unknown as GroupHost,
    topic: 't',
    linkWith: () => link as NeighborLink | undefined,
    onDeaf: () => {
      deaf += 1
    }
  })
  subscriptions.expect(peerID)
})

describe('Subscriptions', () => {
  it('lets a neighbor be that has subscribed, or is none any more', async () => {
    subscribers = ['a']
    await clock.advance(10_000)
    link = undefined
    subscribers = []
    subscriptions.expect(peerID)
    await clock.advance(10_000)
    expect([reopened, deaf]).toEqual([0, 0])
  })

  it('makes one say it again that has not, after 3, 6, 12 and 12 s, and never drops one that could', async () => {
    canReopen = true
    for (const [passMs, times] of [
      [3_000, 1],
      [6_000, 2],
      [12_000, 3],
      [12_000, 4]
    ] as const) {
      await clock.advance(passMs - 1)
      expect(reopened).toBe(times - 1)
      await clock.advance(1)
      expect(reopened).toBe(times)
    }
    expect(deaf).toBe(0)
  })

  it('keeps one that has no stream to say it over for 21 s: its machine may be busy', async () => {
    await clock.advance(20_900)
    expect(deaf).toBe(0)
    await clock.advance(200)
    expect(deaf).toBe(1)
  })

  it('waits for the next link of a neighbor whose link has ended and is being mended', async () => {
    link = { ending: 'cut' }
    await clock.advance(30_000)
    expect(deaf).toBe(0)
    link = { ending: undefined }
    subscriptions.expect(peerID)
    await clock.advance(20_900)
    expect(deaf).toBe(0)
    await clock.advance(200)
    expect(deaf).toBe(1)
  })
})
