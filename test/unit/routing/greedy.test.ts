import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeOf } from '../../../src/shared/ring.ts'
import { RingNetwork } from './ring-network.ts'

/** A ring of some size: the original's three links on either side, and fingers. */
const rings = fc.record({ count: fc.integer({ min: 1, max: 300 }), seed: fc.integer() })

const pick = (net: RingNetwork): number => Math.floor(net.random() * net.members.length)

describe('RingRoutingEngine on a right ring', () => {
  it('delivers every exact message to its owner once, in few hops, and its receipt comes back', () => {
    fc.assert(
      fc.property(rings, ({ count, seed }) => {
        const net = new RingNetwork(count, seed).linkRing()
        for (let i = 0; i < 30; i++) {
          const [from, to] = [net.at(pick(net)), net.at(pick(net))]
          const message = net.send(from, { target: to.place })
          const delivered = net.delivered.splice(0)
          expect(delivered.map(({ at, message }) => [at, message.id])).toEqual([[to.peer, message.id]])
          const hops = delivered[0]?.hops ?? 0
          expect(hops).toBeLessThanOrEqual(Math.log2(count) + 2)
          expect(
            net.outcomes.splice(0).map(({ at, receipt }) => [at, receipt.deliverer, receipt.hops])
          ).toEqual([[from.peer, to.peer, hops]])
        }
        expect(net.misbehavior).toEqual([])
        for (const { engine } of net.members)
          expect(engine.kept).toMatchObject({ hops: 0, hopBytes: 0, awaited: 0 })
      }),
      { numRuns: 40 }
    )
  })

  it('finds the owner without fingers too, along the ring', () => {
    const net = new RingNetwork(60, 1).linkRing(3, false)
    net.send(net.at(0), { target: net.at(30).place })
    expect(net.delivered).toMatchObject([{ at: net.at(30).peer, hops: 10 }])
  })

  it('delivers to the very nearest of all when everybody receives so', () => {
    fc.assert(
      fc.property(rings, ({ count, seed }) => {
        const net = new RingNetwork(count, seed).linkRing()
        for (const member of net.members) net.receive(member, 'nearest')
        for (let i = 0; i < 30; i++) {
          const target = placeOf(net.bytes(32))
          net.send(net.at(pick(net)), { target, mode: 'nearest' })
          expect(net.delivered.splice(0).map(({ at }) => at)).toEqual([net.nearest(target).peer])
        }
      }),
      { numRuns: 40 }
    )
  })

  it('delivers to nobody else for a place that no member has', () => {
    const net = new RingNetwork(50, 2).linkRing()
    net.receive(net.at(7), 'nearest')
    const from = net.at(3)
    net.send(from, { target: placeOf(net.bytes(32)) })
    expect(net.delivered).toEqual([])
    expect(net.outcomes).toMatchObject([{ at: from.peer, receipt: { deliverer: undefined } }])
  })

  it('a message to the nearest is for the owner of the address, whatever that receives', () => {
    const net = new RingNetwork(50, 3).linkRing()
    for (const member of net.members.filter((_, index) => index !== 20)) net.receive(member, 'nearest')
    net.send(net.at(3), { target: net.at(20).place, mode: 'nearest' })
    expect(net.delivered.map(({ at }) => at)).toEqual([net.at(20).peer])
  })
})

describe('RingRoutingEngine where few members receive what is nearest to them', () => {
  /** Shares of messages: delivered, and delivered to the very nearest that receives so. */
  function shares(receiving: number): { delivered: number; nearest: number } {
    const sends = 300
    let [delivered, nearest] = [0, 0]
    for (const seed of [1, 2, 3]) {
      const net = new RingNetwork(300, seed).linkRing()
      const takers = net.members.filter(() => net.random() < receiving)
      for (const taker of takers) net.receive(taker, 'nearest')
      for (let i = 0; i < sends / 3; i++) {
        const target = placeOf(net.bytes(32))
        net.send(net.at(pick(net)), { target, mode: 'nearest' })
        const at = net.delivered.splice(0).map(delivery => delivery.at)
        expect(at.length).toBeLessThanOrEqual(1)
        delivered += at.length
        if (at[0] === net.nearest(target, takers).peer) nearest++
      }
      expect(net.misbehavior).toEqual([])
      expect(net.outcomes).toHaveLength(sends / 3)
    }
    return { delivered: delivered / sends, nearest: nearest / sends }
  }

  it.each([
    { receiving: 0.5, delivered: 1, nearest: 0.98 },
    { receiving: 0.25, delivered: 1, nearest: 0.95 },
    { receiving: 0.1, delivered: 1, nearest: 0.9 },
    { receiving: 0.03, delivered: 0.95, nearest: 0.6 }
  ])('at $receiving of all it delivers $delivered, and $nearest to the very nearest', bar => {
    const found = shares(bar.receiving)
    expect(found.delivered).toBeGreaterThanOrEqual(bar.delivered)
    expect(found.nearest).toBeGreaterThanOrEqual(bar.nearest)
  })

  it('a member that passed it on has it back when nobody nearer takes it', () => {
    // The only one that takes it stands between the sender and the place.
    const net = new RingNetwork(12, 4)
    net.members.forEach((member, index) => {
      if (index > 0) net.link(net.at(index - 1), member)
    })
    net.receive(net.at(5), 'nearest')
    net.send(net.at(2), { target: beyond(net.at(8)), mode: 'nearest' })
    expect(net.delivered.map(({ at }) => at)).toEqual([net.at(5).peer])
    expect(net.outcomes).toMatchObject([{ receipt: { deliverer: net.at(5).peer } }])
  })

  it('the receipt of what it passed on and has back goes back from here, not by those who had it meanwhile', () => {
    const net = new RingNetwork(12, 4)
    const [origin, between, taker, last] = [net.at(1), net.at(2), net.at(3), net.at(4)]
    net.link(origin, between)
    net.link(between, taker)
    net.link(taker, last)
    net.receive(taker, 'nearest')
    net.send(origin, { target: beyond(last), mode: 'nearest' })
    const sent = (type: string) => net.frames.flatMap(({ frame }) => (frame.type === type ? [frame.to] : []))
    expect(sent('sendRouted')).toEqual([between.peer, taker.peer, last.peer, taker.peer])
    expect(sent('sendReceipt')).toEqual([between.peer, origin.peer])
    expect(net.outcomes).toMatchObject([{ receipt: { deliverer: taker.peer, hops: 4 } }])
  })

  it('an own message that nobody nearer takes is delivered here, unverified and with the receipt that says so', () => {
    const net = new RingNetwork(1, 5)
    const only = net.at(0)
    net.receive(only, 'nearest')
    const message = net.message(only, { target: placeOf(net.bytes(32)), mode: 'nearest' })
    const effects = net.tell(only, { type: 'send', message })
    expect(effects).toEqual([
      { type: 'deliver', message, from: only.peer },
      {
        type: 'outcome',
        receipt: {
          id: message.id,
          originator: only.peer,
          deliverer: only.peer,
          hops: 0,
          signature: new Uint8Array(0),
          key: undefined
        }
      }
    ])
  })

  it('without a neighbor, and not for itself, there is no way', () => {
    const net = new RingNetwork(1, 5)
    const target = placeOf(net.bytes(32))
    const send = (wantsReceipt: boolean) =>
      net.tell(net.at(0), { type: 'send', message: net.message(net.at(0), { target, wantsReceipt }) })
    expect(send(false)).toEqual([])
    expect(send(true)).toMatchObject([{ type: 'outcome', receipt: { deliverer: undefined, hops: 0 } }])
  })
})

/** A place right behind a member's. */
function beyond({ place }: { place: { address: Uint8Array } }) {
  const address = Uint8Array.from(place.address)
  address[31] = (address[31] ?? 0) ^ 1
  return placeOf(address)
}
