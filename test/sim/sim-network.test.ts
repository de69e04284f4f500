import { describe, expect, it } from 'vitest'
import {
  fixedLatency,
  REGIONS,
  regionLatency,
  regionOf,
  uniformLatency
} from '../support/sim-network/latency.ts'
import type { SimLinkEnd } from '../support/sim-network/sim-link.ts'
import { SimNetwork, type SimNetworkInit } from '../support/sim-network/sim-network.ts'
import type { SimHost, SimNode, SimNodeInit } from '../support/sim-network/sim-node.ts'

/** A node that writes down what happens to it, and when, in ms since the beginning. */
class Recorder implements SimHost {
  readonly events: [string, number, unknown?][] = []
  readonly node: SimNode
  isWelcoming = true
  readonly #network: SimNetwork

  constructor(network: SimNetwork, init: SimNodeInit) {
    this.#network = network
    this.node = network.add(this, init)
  }

  accepts(): boolean {
    return this.isWelcoming
  }

  onLinkUp(end: SimLinkEnd): void {
    this.#note('up', end.peer.name)
  }

  onLinkMoved(end: SimLinkEnd): void {
    this.#note('moved', end.peer.name)
  }

  onLinkDown(end: SimLinkEnd): void {
    this.#note('down', end.peer.name)
  }

  onDialFailed(peer: string): void {
    this.#note('failed', peer)
  }

  onFrame(_: SimLinkEnd, __: number, payload: unknown): void {
    this.#note('frame', payload)
  }

  /** When something happened, for each time it did. */
  times(what: string): number[] {
    return this.events.filter(([event]) => event === what).map(([, atMs]) => atMs)
  }

  #note(event: string, detail: unknown): void {
    this.events.push([event, this.#network.queue.elapsedMs, detail])
  }
}

const KIND = 5

function networkOf(init: Partial<SimNetworkInit> = {}): SimNetwork {
  return new SimNetwork({ seed: 1, latency: fixedLatency(50), ...init })
}

/** Two nodes with a link, 200 ms after the beginning. */
function pairOf(
  init: Partial<SimNetworkInit> = {},
  a: Partial<SimNodeInit> = {},
  b: Partial<SimNodeInit> = {}
) {
  const network = networkOf(init)
  const [one, other] = [
    new Recorder(network, { name: 'a', ...a }),
    new Recorder(network, { name: 'b', ...b })
  ]
  network.dial(one.node, 'b')
  network.advance(200)
  const link = one.node.links.get('b')
  if (link === undefined) throw new Error('There is no link')
  return { network, one, other, link }
}

describe('SimNetwork.dial()', () => {
  it('takes four one-way delays until both have the link', () => {
    const { one, other } = pairOf()
    expect(one.events).toEqual([['up', 200, 'b']])
    expect(other.events).toEqual([['up', 200, 'a']])
  })

  it('fails after 5 s when nobody is there, and as soon as it is refused', () => {
    const network = networkOf()
    const [a, b] = [new Recorder(network, { name: 'a' }), new Recorder(network, { name: 'b' })]
    b.isWelcoming = false
    network.dial(a.node, 'nobody')
    network.dial(a.node, 'b')
    network.advance(10_000)
    expect(a.events).toEqual([
      ['failed', 200, 'b'],
      ['failed', 5_000, 'nobody']
    ])
    expect(b.events).toEqual([])
  })

  it('makes one link of two dials towards each other', () => {
    const network = networkOf()
    const [a, b] = [new Recorder(network, { name: 'a' }), new Recorder(network, { name: 'b' })]
    network.dial(a.node, 'b')
    network.dial(b.node, 'a')
    network.advance(10_000)
    expect(a.events).toEqual([['up', 200, 'b']])
    expect(b.events).toEqual([['up', 200, 'a']])
  })

  it('does not get through two NATs when one of them is symmetric, nor where nobody may', () => {
    const network = networkOf({ canReach: (from, to) => !(from.name === 'open' && to.name === 'other') })
    const kinds = {
      open: 'open',
      other: 'open',
      cone: 'cone',
      behind: 'cone',
      symmetric: 'symmetric'
    } as const
    const hosts = Object.entries(kinds).map(([name, nat]) => new Recorder(network, { name, nat }))
    for (const { node } of hosts)
      for (const { node: to } of hosts) if (node !== to) network.dial(node, to.name)
    network.advance(10_000)
    const linked = Object.fromEntries(hosts.map(({ node }) => [node.name, [...node.links.keys()].sort()]))
    expect(linked).toEqual({
      open: ['behind', 'cone', 'other', 'symmetric'],
      other: ['behind', 'cone', 'open', 'symmetric'],
      cone: ['behind', 'open', 'other'],
      behind: ['cone', 'open', 'other'],
      symmetric: ['open', 'other']
    })
    expect(hosts[0]?.events).toContainEqual(['failed', 5_000, 'other'])
  })
})

describe('SimLinkEnd', () => {
  it('carries frames one delay later, in order', () => {
    const { network, other, link } = pairOf()
    link.send(KIND, 'first', 10)
    link.send(KIND, 'second', 10)
    network.advance(1_000)
    expect(other.events.slice(1)).toEqual([
      ['frame', 250, 'first'],
      ['frame', 250, 'second']
    ])
  })

  it('loses nothing: what is lost comes late, and what was sent after it waits for it', () => {
    const { network, other, link } = pairOf({ lossRate: 0.1 })
    for (let i = 0; i < 1_000; i++) network.queue.after(i * 10, () => link.send(KIND, i, 100))
    network.advance(20_000)
    const frames = other.events.filter(([event]) => event === 'frame')
    expect(frames.map(([, , payload]) => payload)).toEqual(Array.from({ length: 1_000 }, (_, i) => i))
    const delays = frames.map(([, atMs], i) => Math.round(atMs - 200 - i * 10))
    expect(Math.min(...delays)).toBe(50)
    expect(Math.max(...delays)).toBe(250)
    const lost = delays.filter(delay => delay === 250).length
    expect(lost).toBeGreaterThan(60)
    expect(lost).toBeLessThan(140)
    expect(delays.filter(delay => delay > 50 && delay < 250).length).toBeGreaterThan(lost)
  })

  it('sends no faster than the uplink, over all links together', () => {
    const { network, other, one, link } = pairOf({}, { uplinkBitsPerSecond: 80_000 })
    const third = new Recorder(network, { name: 'c' })
    network.dial(one.node, 'c')
    network.advance(800)
    // 10 bytes a ms, and the uplink is idle by now.
    link.send(KIND, 'large', 1_000)
    one.node.links.get('c')?.send(KIND, 'small', 100)
    network.advance(1_000)
    expect(other.times('frame')).toEqual([1_000 + 100 + 50])
    expect(third.times('frame')).toEqual([1_000 + 100 + 10 + 50])
  })

  it('lets all else overtake bulk, which is told when it has left, and in which order it left', () => {
    const { network, other, one, link } = pairOf({}, { uplinkBitsPerSecond: 80_000 })
    // 10 bytes a ms.
    expect(link.sendBulk(KIND, 'bulk', 1_000) - network.nowMs).toBe(100)
    expect(link.sendBulk(KIND, 'more bulk', 1_000) - network.nowMs).toBe(200)
    link.send(KIND, 'urgent', 100)
    network.advance(1_000)
    expect(other.events.slice(1)).toEqual([
      ['frame', 200 + 10 + 50, 'urgent'],
      ['frame', 200 + 100 + 50, 'bulk'],
      ['frame', 200 + 200 + 50, 'more bulk']
    ])
    // What has overtaken it has taken its time.
    link.send(KIND, 'urgent', 100)
    expect(link.sendBulk(KIND, 'bulk', 1_000) - network.nowMs).toBe(110)
    expect(one.node.sentBytes[KIND]).toBe(3_200)
  })

  it('is read slowly by a slow peer', () => {
    const { network, other, link } = pairOf({}, {}, { processingMs: 30 })
    link.send(KIND, 1, 10)
    link.send(KIND, 2, 10)
    network.advance(1_000)
    expect(other.times('frame')).toEqual([280, 310])
  })

  it('is down at the other side one delay after it was closed, once what was sent has come', () => {
    const { network, one, other, link } = pairOf()
    link.send(KIND, 'last', 10)
    link.close()
    link.send(KIND, 'too late', 10)
    network.advance(10_000)
    expect(other.events.slice(1)).toEqual([
      ['frame', 250, 'last'],
      ['down', 250, 'a']
    ])
    expect(one.times('down')).toEqual([])
    expect(one.node.links.size + other.node.links.size).toBe(0)
  })

  it('is pinged when it has been silent for 10 s, and only then', () => {
    const { network, one, other, link } = pairOf()
    const sent = (): number[] => {
      link.countPings()
      return [one, other].map(({ node }) => node.sentBytes[network.pingKind] ?? 0)
    }
    const start = sent()
    network.advance(9_999)
    expect(sent()).toEqual(start)
    network.advance(1)
    const [ping = 0, pong = 0] = sent().map((bytes, side) => bytes - (start[side] ?? 0))
    expect(ping).toBe(pong)
    expect(ping).toBeGreaterThan(8)
    // Every 10.05 s: a round begins with the answer to the last one, which the side that asks next has heard 50 ms before the other.
    network.advance(1_000_000)
    expect(sent()).toEqual(start.map(bytes => bytes + 100 * ping))
  })
})

describe('SimNetwork', () => {
  it('lets the others notice after 3 to 8 s that a node was killed', () => {
    const network = networkOf()
    const hub = new Recorder(network, { name: 'hub' })
    const others = Array.from({ length: 200 }, (_, i) => new Recorder(network, { name: `n${i}` }))
    for (const { node } of others) network.dial(node, 'hub')
    network.advance(1_000)
    network.kill(hub.node)
    network.advance(10_000)
    const noticed = others.flatMap(other => other.times('down')).map(atMs => atMs - 1_000)
    expect(noticed.length).toBe(200)
    expect(Math.min(...noticed)).toBeGreaterThanOrEqual(3_000)
    expect(Math.min(...noticed)).toBeLessThan(3_300)
    expect(Math.max(...noticed)).toBeLessThanOrEqual(8_000)
    expect(Math.max(...noticed)).toBeGreaterThan(7_700)
    expect(hub.times('down')).toEqual([])
  })

  it('lets both sides of a partition lose their links, dial in vain, and meet again when it is healed', () => {
    const { network, one, other, link } = pairOf()
    link.send(KIND, 'on its way', 10)
    network.partition(({ name }) => (name === 'a' ? 1 : 2))
    network.advance(9_800)
    for (const { node, events } of [one, other]) {
      expect(events.map(([event]) => event)).toEqual(['up', 'down'])
      expect(events[1]?.[1]).toBeGreaterThan(3_200)
      expect(node.links.size).toBe(0)
    }
    network.dial(one.node, 'b')
    network.advance(10_000)
    expect(one.times('failed')).toEqual([15_000])
    network.heal()
    network.dial(one.node, 'b')
    network.advance(1_000)
    expect(one.times('up')).toEqual([200, 20_200])
    expect(other.times('up')).toEqual([200, 20_200])
  })

  it('takes a new link in the place of one that only one side knows to be broken', () => {
    const { network, one, other } = pairOf()
    network.partition(({ name }) => (name === 'a' ? 1 : 2))
    network.heal()
    for (let ms = 0; ms < 8_000 && one.node.links.size + other.node.links.size === 2; ms += 10)
      network.advance(10)
    const [first, second] = one.node.links.size === 0 ? [one, other] : [other, one]
    network.dial(first.node, second.node.name)
    network.advance(10_000)
    expect(first.events.map(([event]) => event)).toEqual(['up', 'down', 'up'])
    expect(second.events.map(([event]) => event)).toEqual(['up', 'moved'])
  })
})

describe('latency', () => {
  it('is the same for a pair both ways, and each time', () => {
    for (const latency of [uniformLatency(3, 15, 120), regionLatency(3)])
      for (let a = 0; a < 12; a++)
        for (let b = 0; b < 12; b++) {
          expect(latency(a, b)).toBe(latency(b, a))
          expect(latency(a, b)).toBeGreaterThan(10)
        }
    expect(uniformLatency(3, 15, 120)(1, 2)).not.toBe(uniformLatency(4, 15, 120)(1, 2))
  })

  it('is about 70 ms between Europe and the American east coast, and 220 between Australia and Africa', () => {
    const latency = regionLatency(1)
    const nodes = Array.from({ length: 400 }, (_, node) => node)
    const mean = (from: string, to: string): number => {
      const within = (name: string): number[] => nodes.filter(node => REGIONS[regionOf(1, node)] === name)
      const all = within(from).flatMap(a => within(to).map(b => latency(a, b)))
      return all.reduce((sum, ms) => sum + ms, 0) / all.length
    }
    expect(mean('Europe', 'America, east')).toBeCloseTo(70, -1)
    expect(mean('Australia', 'Africa')).toBeCloseTo(220, -1)
  })
})
