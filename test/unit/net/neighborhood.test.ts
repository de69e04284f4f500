import type { Connection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeEach, describe, expect, it } from 'vitest'
import { DialFailure } from '../../../src/net/dial-race.ts'
import type { GroupHost } from '../../../src/net/group-host.ts'
import type { LinkEnding, LinkListeners, NeighborLink } from '../../../src/net/neighbor-link.ts'
import { Neighborhood } from '../../../src/net/neighborhood.ts'
import type { Frame } from '../../../src/wire/link.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const OWN = 'b'
const peerIDOf = (name: string): PeerId =>
  ({ toString: () => name, equals: () => false }) as unknown as PeerId

/** A link that ends when the test says, or before it begins. */
class Link {
  readonly peerID: PeerId
  readonly connection: Connection
  since = new Date(0)
  ending: LinkEnding | undefined
  #listeners: LinkListeners | undefined

  readonly #isDead: boolean
  readonly #early: readonly Frame[]

  /** @param early what comes with the handshake */
  constructor(peer: string, isDead = false, early: readonly Frame[] = []) {
    this.#isDead = isDead
    this.#early = early
    this.peerID = peerIDOf(peer)
    this.connection = {
      remotePeer: this.peerID,
      remoteAddr: multiaddr('/ip4/192.0.2.1/tcp/1')
    } as unknown as Connection
  }

  start(listeners: LinkListeners): void {
    this.#listeners = listeners
    for (const frame of this.#early) listeners.onFrame(frame)
    if (this.#isDead) this.end('cut')
  }

  end(ending: LinkEnding): void {
    if (this.ending !== undefined) return
    this.ending = ending
    this.#listeners?.onClose()
  }

  close(): void {
    this.end('closed')
  }

  giveWay(): void {
    this.end('replaced')
  }

  abort(): void {
    this.end('closed')
  }

  get asLink(): NeighborLink {
    return this as unknown as NeighborLink
  }
}

/** A group of which everything else is the test's. */
class Group {
  readonly clock = new VirtualClock()
  readonly events: string[] = []
  /** Links that pubsub thinks there are. */
  admitted = 0
  /** What comes of looking for another path. */
  reconnect: (signal: AbortSignal) => Promise<void> = async () => {
    throw new Error('There is none')
  }
  /** What comes of a handshake on that path. */
  open: () => Promise<void> = async () => {}
  readonly neighborhood = new Neighborhood({
    host: {
      clock: this.clock,
      components: { peerId: peerIDOf(OWN) },
      ending: { add: () => {} },
      gate: {
        admit: () => {
          this.admitted += 1
        },
        withdraw: () => {
          this.admitted -= 1
        }
      },
      isRefused: () => false,
      log: () => {}
    } as unknown as GroupHost,
    connect: async (_peerID, signal) => {
      await this.reconnect(signal)
      return {} as Connection
    },
    open: () => this.open(),
    receiveMode: () => 0,
    listener: {
      onUp: ({ peerID }) => this.events.push(`+${peerID}`),
      onDown: peer => this.events.push(`-${peer}`),
      onMoved: ({ peerID }) => this.events.push(`>${peerID}`),
      onCut: () => {},
      onMeasured: () => {},
      onFrame: ({ peerID }) => this.events.push(`frame of ${peerID}`),
      onClockOffset: () => {}
    }
  })

  take(link: Link): Link {
    this.neighborhood.take(link.asLink)
    return link
  }
}

let group: Group
beforeEach(() => {
  group = new Group()
})

describe('Neighborhood', () => {
  it('has no neighbor of a link that is dead before it begins, and nobody hears of it', async () => {
    group.take(new Link('a', true))
    expect(group.neighborhood.links.size).toBe(0)
    await group.clock.advance(10_000)
    expect([group.events, group.admitted]).toEqual([[], 0])
  })

  it('keeps a neighbor whose link is cut for as long as another path is looked for, 5 s', async () => {
    group.reconnect = signal =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const link = group.take(new Link('a'))
    link.end('cut')
    await group.clock.advance(4_999)
    expect([group.neighborhood.has(link.peerID), group.events]).toEqual([true, ['+a']])
    await group.clock.advance(2_000)
    expect([group.neighborhood.has(link.peerID), group.events, group.admitted]).toEqual([
      false,
      ['+a', '-a'],
      0
    ])
  })

  it('tells at once that a neighbor is gone who was dialed in vain', async () => {
    group.reconnect = async () => {
      throw new DialFailure([{ address: '/ip4/192.0.2.1/tcp/1', reason: 'refused' }])
    }
    group.take(new Link('c')).end('cut')
    await group.clock.advance(1)
    expect(group.events).toEqual(['+c', '-c'])
  })

  it('leaves it to the neighbor for 2.5 s to find another path when it has no address to dial itself', async () => {
    group.reconnect = async () => {
      throw new DialFailure([])
    }
    group.take(new Link('c')).end('cut')
    await group.clock.advance(2_400)
    const found = group.take(new Link('c'))
    await group.clock.advance(10_000)
    expect(group.events).toEqual(['+c', '>c'])
    found.end('cut')
    await group.clock.advance(2_600)
    expect(group.events).toEqual(['+c', '>c', '-c'])
  })

  it('leaves it to the neighbor also when no link comes of the path that there is, and when there is but a relay', async () => {
    const tries: (() => void)[] = [
      () => {
        group.reconnect = async () => {}
        group.open = async () => {
          throw new Error('Our own attempt goes on')
        }
      },
      () => {
        group.reconnect = async () => {
          throw new DialFailure([{ address: '/ip4/192.0.2.9/tcp/1/p2p/r/p2p-circuit/p2p/c', reason: 'none' }])
        }
      }
    ]
    for (const prepare of tries) {
      prepare()
      group.events.length = 0
      group.take(new Link('c')).end('cut')
      await group.clock.advance(2_400)
      expect(group.events).toEqual(['+c'])
      await group.clock.advance(200)
      expect(group.events).toEqual(['+c', '-c'])
    }
  })

  it('goes on with the link that comes in the place of one that was cut, also of one that is dead itself', async () => {
    group.reconnect = () => new Promise(() => {})
    const first = group.take(new Link('a'))
    first.end('cut')
    group.take(new Link('a', true))
    const third = group.take(new Link('a'))
    expect(group.events).toEqual(['+a', '>a'])
    await group.clock.advance(10_000)
    expect([group.events, group.admitted]).toEqual([['+a', '>a'], 1])
    expect(group.neighborhood.links.get('a')).toBe(third.asLink)
    expect(third.since).toEqual(first.since)
  })

  it('passes on what came with a handshake when it has told of the neighbor, or that its link is another one', () => {
    group.take(new Link('a', false, [{} as Frame]))
    group.take(new Link('a', false, [{} as Frame]))
    expect(group.events).toEqual(['+a', 'frame of a', '>a', 'frame of a'])
  })

  it('looks for no other path to a neighbor that said goodbye, or that was dropped', async () => {
    group.take(new Link('a')).end('left')
    const dropped = group.take(new Link('c'))
    group.neighborhood.drop(dropped.peerID, 'refused')
    expect(group.events).toEqual(['+a', '-a', '+c', '-c'])
    await group.clock.advance(2_000)
    expect(group.admitted).toBe(0)
  })

  it('ends the search with the group', async () => {
    group.reconnect = () => new Promise(() => {})
    group.take(new Link('a')).end('cut')
    group.neighborhood.close()
    expect([group.events, group.admitted]).toEqual([['+a', '-a'], 0])
    await group.clock.advance(10_000)
    expect(group.events).toEqual(['+a', '-a'])
  })
})
