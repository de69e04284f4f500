import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Frame, LATENCY_MS, type Member, RingNetwork } from './ring-network.ts'

const RTT_MS = 2 * LATENCY_MS

/** Links members in pairs, by position on the ring. */
function linked(count: number, pairs: readonly (readonly [number, number])[], seed = 1): RingNetwork {
  const net = new RingNetwork(count, seed)
  for (const [a, b] of pairs) net.link(net.at(a), net.at(b))
  return net
}

/** Who was sent the message, in order. */
const way = (net: RingNetwork): string[] =>
  net.frames.flatMap(({ frame }) => (frame.type === 'sendRouted' ? [frame.to] : []))

const peers = (net: RingNetwork, ...indices: number[]): string[] => indices.map(index => net.at(index).peer)

/** Two ways lead from 0 to the target 6 of ten members: by 5, the better one, and by 4. */
const twoWays = (): RingNetwork =>
  linked(10, [
    [0, 5],
    [0, 4],
    [5, 6],
    [4, 6]
  ])

describe('RingRoutingEngine at a dead end', () => {
  it('sends a message back, and the one before tries its next best', () => {
    const net = linked(10, [
      [0, 5],
      [0, 2],
      [2, 6]
    ])
    net.send(net.at(0), { target: net.at(6).place })
    expect(way(net)).toEqual(peers(net, 5, 0, 2, 6))
    expect(net.delivered).toMatchObject([{ at: net.at(6).peer, hops: 4 }])
    expect(net.outcomes).toMatchObject([{ receipt: { deliverer: net.at(6).peer, hops: 4 } }])
    expect(net.misbehavior).toEqual([])
  })

  it('goes back past one that does not answer, to an earlier one that is a neighbor', () => {
    const net = linked(10, [
      [0, 3],
      [0, 1],
      [3, 4],
      [4, 5],
      [1, 6]
    ])
    net.after(3 * LATENCY_MS - 1, () => net.kill(net.at(4)))
    net.after(3 * LATENCY_MS + 1, () => net.link(net.at(3), net.at(5)))
    net.send(net.at(0), { target: net.at(6).place })
    expect(way(net)).toEqual(peers(net, 3, 4, 5, 4, 3, 0, 1, 6))
    expect(net.delivered.map(({ at }) => at)).toEqual(peers(net, 6))
    expect(net.misbehavior).toEqual([])
  })

  it('finds the owner in any small connected network, whatever the links', () => {
    const networks = fc.record({ count: fc.integer({ min: 2, max: 20 }), seed: fc.integer() })
    fc.assert(
      fc.property(networks, ({ count, seed }) => {
        const net = new RingNetwork(count, seed)
        const any = (below: number): Member => net.at(Math.floor(net.random() * below))
        net.members.forEach((member, index) => {
          if (index > 0) net.link(member, any(index))
        })
        for (let i = 0; i < count / 2; i++) net.link(any(count), any(count))
        for (let i = 0; i < 10; i++) {
          const [from, to] = [any(count), any(count)]
          net.send(from, { target: to.place })
          expect(net.delivered.splice(0).map(({ at }) => at)).toEqual([to.peer])
          expect(net.outcomes.splice(0)).toMatchObject([{ at: from.peer, receipt: { deliverer: to.peer } }])
        }
        expect(net.misbehavior).toEqual([])
      }),
      { numRuns: 200 }
    )
  })

  it('tells the originator when nobody is left', () => {
    const net = linked(6, [
      [0, 1],
      [1, 2],
      [0, 3]
    ])
    net.send(net.at(0), { target: net.at(5).place })
    expect(net.outcomes).toMatchObject([{ at: net.at(0).peer, receipt: { deliverer: undefined } }])
    expect(new Set(way(net))).toEqual(new Set(peers(net, 0, 1, 2, 3)))
  })

  it('gives up after 40 links, and says so along the path', () => {
    const chain = Array.from({ length: 59 }, (_, i) => [i, i + 1] as const)
    const net = linked(60, chain)
    const near = net.send(net.at(0), { target: net.at(40).place })
    net.send(net.at(0), { target: net.at(41).place })
    expect(net.delivered).toMatchObject([{ message: { id: near.id }, hops: 40 }])
    expect(net.outcomes.map(({ receipt }) => [receipt.deliverer, receipt.hops])).toEqual([
      [net.at(40).peer, 40],
      [undefined, 40]
    ])
    expect(net.misbehavior).toEqual([])
  })
})

describe('RingRoutingEngine when a hop is lost', () => {
  it('sends a message to the next best after three round trips without an acknowledgement', () => {
    const net = twoWays()
    net.kill(net.at(5))
    net.send(net.at(0), { target: net.at(6).place })
    expect(way(net)).toEqual(peers(net, 5, 4, 6))
    expect(net.delivered).toMatchObject([{ at: net.at(6).peer, atMs: 3 * RTT_MS + 2 * LATENCY_MS + 1 }])
  })

  it.each([
    { rttMs: 0, waitedMs: 1_000 },
    { rttMs: 1, waitedMs: 100 },
    { rttMs: 200, waitedMs: 600 },
    { rttMs: 5_000, waitedMs: 1_000 }
  ])('waits $waitedMs ms for a neighbor whose round trip takes $rttMs ms', ({ rttMs, waitedMs }) => {
    const net = twoWays()
    net.kill(net.at(5))
    net.tell(net.at(0), { type: 'rtt', peer: net.at(5).peer, rttMs })
    net.send(net.at(0), { target: net.at(6).place })
    expect(net.delivered[0]?.atMs).toBe(waitedMs + 2 * LATENCY_MS + 1)
  })

  it('waits half as long for one that was silent, until it is heard of again', () => {
    const net = twoWays()
    net.kill(net.at(5))
    const tookMs = (): number => {
      const sentAtMs = net.nowMs
      net.send(net.at(0), { target: net.at(6).place })
      return (net.delivered.at(-1)?.atMs ?? 0) - sentAtMs - 2 * LATENCY_MS - 1
    }
    net.tell(net.at(0), { type: 'rtt', peer: net.at(5).peer, rttMs: 200 })
    expect([tookMs(), tookMs(), tookMs()]).toEqual([600, 300, 300])
    net.tell(net.at(0), { type: 'hopAck', from: net.at(5).peer, id: net.bytes(16) })
    expect([tookMs(), tookMs()]).toEqual([600, 300])
  })

  it('delivers once when only the acknowledgement was lost, and both copies arrive', () => {
    const net = twoWays()
    net.loses = (from, frame) => from === net.at(5).peer && frame.type === 'sendHopAck'
    net.send(net.at(0), { target: net.at(6).place })
    expect(way(net).filter(peer => peer === net.at(6).peer)).toHaveLength(2)
    expect(net.delivered).toHaveLength(1)
    expect(net.outcomes).toHaveLength(1)
  })

  it('names the silent one as visited, so that nobody after it waits for it too', () => {
    const net = twoWays()
    net.link(net.at(4), net.at(5))
    net.unlink(net.at(4), net.at(6))
    net.kill(net.at(5))
    net.send(net.at(0), { target: net.at(6).place })
    expect(way(net)).toEqual(peers(net, 5, 4, 0))
  })

  it('sends it to the next best at once when the link ends', () => {
    const net = twoWays()
    net.kill(net.at(5))
    net.after(LATENCY_MS, () => net.unlink(net.at(0), net.at(5)))
    net.send(net.at(0), { target: net.at(6).place })
    expect(net.delivered[0]?.atMs).toBe(LATENCY_MS + 2 * LATENCY_MS + 1)
  })

  it('sends it again over the link that takes the place of the one there was', () => {
    const net = linked(2, [[0, 1]])
    let lost = 0
    net.loses = (_from, frame) => frame.type === 'sendRouted' && lost++ === 0
    net.after(10, () => net.tell(net.at(0), { type: 'linkMoved', peer: net.at(1).peer }))
    net.send(net.at(0), { target: net.at(1).place })
    expect(net.delivered).toMatchObject([{ at: net.at(1).peer, atMs: 10 + LATENCY_MS + 1 }])
  })

  it('the same when a link comes up with somebody who is a neighbor already', () => {
    const net = linked(2, [[0, 1]])
    const [own, other] = [net.at(0), net.at(1)]
    let lost = 0
    net.loses = (_from, frame) => frame.type === 'sendRouted' && lost++ === 0
    net.after(10, () => net.tell(own, { type: 'linkUp', peer: other.peer, place: other.place, rttMs: 5 }))
    net.send(own, { target: other.place })
    expect(net.delivered).toMatchObject([{ at: other.peer, atMs: 10 + LATENCY_MS + 1 }])
  })

  it('gives the only neighbor a second chance before nobody is there', () => {
    const net = linked(2, [[0, 1]])
    let lost = 0
    net.loses = (_from, frame) => frame.type === 'sendRouted' && lost++ === 0
    net.send(net.at(0), { target: net.at(1).place })
    expect(net.delivered).toHaveLength(1)
    net.kill(net.at(1))
    const sentAtMs = net.nowMs
    net.send(net.at(0), { target: net.at(1).place })
    expect(net.outcomes.at(-1)).toMatchObject({
      atMs: sentAtMs + 3 * RTT_MS + 2_000,
      receipt: { deliverer: undefined }
    })
    expect(net.at(0).engine.kept).toMatchObject({ hops: 0, hopBytes: 0 })
  })

  it('does so with one that is on the way, too', () => {
    const net = linked(3, [
      [0, 1],
      [1, 2]
    ])
    let lost = 0
    net.loses = (_from, frame) => frame.type === 'sendRouted' && lost++ === 0
    net.send(net.at(0), { target: net.at(2).place })
    expect(net.delivered.map(({ at }) => at)).toEqual(peers(net, 2))
    expect(net.misbehavior).toEqual([])
  })

  it('names no more silent ones than a message has room for', () => {
    const net = new RingNetwork(100, 1)
    for (let i = 10; i < 50; i++) net.link(net.at(0), net.at(i))
    net.link(net.at(0), net.at(60))
    net.link(net.at(60), net.at(9))
    for (let i = 10; i < 50; i++) net.kill(net.at(i))
    net.send(net.at(0), { target: net.at(9).place })
    expect(net.delivered.map(({ at }) => at)).toEqual(peers(net, 9))
    expect(net.misbehavior).toEqual([])
  })

  it('sends a second copy to the same neighbor without waiting for it too', () => {
    const net = linked(2, [[0, 1]])
    const message = net.message(net.at(0), { target: net.at(1).place })
    net.tell(net.at(0), { type: 'send', message })
    net.tell(net.at(0), { type: 'send', message })
    net.tell(net.at(0), { type: 'hopAck', from: net.at(1).peer, id: message.id })
    expect(way(net)).toEqual(peers(net, 1, 1))
    expect(net.at(0).engine.kept).toMatchObject({ hops: 0, hopBytes: 0 })
  })

  it.each([{ seed: 1 }, { seed: 2 }, { seed: 3 }])(
    'with 30 % of all killed at once, every message among the rest arrives within 10 s (seed $seed)',
    ({ seed }) => {
      const net = new RingNetwork(300, seed).linkRing()
      for (const member of net.members) if (net.random() < 0.3) net.kill(member)
      const living = net.members.filter(({ isDead }) => !isDead)
      const any = (): Member => living[Math.floor(net.random() * living.length)] as Member
      for (let i = 0; i < 200; i++) {
        const [from, to, sentAtMs] = [any(), any(), net.nowMs]
        net.send(from, { target: to.place })
        const delivered = net.delivered.splice(0)
        expect(delivered.map(({ at }) => at)).toEqual([to.peer])
        expect((delivered[0]?.atMs ?? 0) - sentAtMs).toBeLessThanOrEqual(10_000)
      }
      expect(net.misbehavior).toEqual([])
    }
  )
})

describe('RingRoutingEngine and receipts', () => {
  const isReceipt = (frame: Frame): boolean => frame.type === 'sendReceipt'
  /** Who was sent the receipt, in order. */
  const wayBack = (net: RingNetwork): string[] =>
    net.frames.flatMap(({ frame }) => (isReceipt(frame) ? [frame.to] : []))

  const chain = (): RingNetwork =>
    linked(10, [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4]
    ])

  it('sends one back along the path, to the originator only', () => {
    const net = chain()
    net.send(net.at(0), { target: net.at(4).place })
    expect(wayBack(net)).toEqual(peers(net, 3, 2, 1, 0))
    expect(net.outcomes).toMatchObject([
      { at: net.at(0).peer, receipt: { deliverer: net.at(4).peer, hops: 4 } }
    ])
  })

  it('sends none when none is wanted', () => {
    const net = chain()
    net.send(net.at(0), { target: net.at(4).place, wantsReceipt: false })
    expect(net.delivered).toHaveLength(1)
    expect(wayBack(net)).toEqual([])
    expect(net.outcomes).toEqual([])
  })

  it('skips a hop that is no neighbor any more, for an earlier one of the path', () => {
    const net = chain()
    net.verifyMs = 100
    net.after(4 * LATENCY_MS + 50, () => {
      net.unlink(net.at(3), net.at(4))
      net.link(net.at(4), net.at(1))
    })
    net.send(net.at(0), { target: net.at(4).place })
    expect(wayBack(net)).toEqual(peers(net, 1, 0))
    expect(net.outcomes).toHaveLength(1)
  })

  it('goes by neighbors nearer to the originator when nobody of the path is one', () => {
    const net = chain()
    net.verifyMs = 100
    net.after(4 * LATENCY_MS + 50, () => {
      net.unlink(net.at(3), net.at(4))
      net.link(net.at(4), net.at(9))
      net.link(net.at(9), net.at(0))
    })
    net.send(net.at(0), { target: net.at(4).place })
    expect(net.nearest(net.at(0).place, [net.at(4), net.at(9)])).toBe(net.at(9))
    expect(wayBack(net)).toEqual(peers(net, 9, 0))
    expect(net.outcomes).toHaveLength(1)
  })

  it('an outcome is told once, and none for what was not sent, waits no longer, or was delivered by somebody else', () => {
    const net = linked(3, [
      [0, 1],
      [0, 2]
    ])
    const [own, owner, other] = [net.at(0), net.at(1), net.at(2)]
    net.kill(owner)
    const message = net.message(own, { target: owner.place })
    const receipt = {
      id: message.id,
      originator: own.peer,
      deliverer: owner.peer,
      hops: 1,
      signature: new Uint8Array(64),
      key: undefined
    }
    const take = (parts: object, nowMs = 0) =>
      own.engine.handle(
        { type: 'receipt', from: other.peer, receipt: { ...receipt, ...parts }, path: new Uint8Array(0) },
        nowMs
      )
    expect(take({})).toEqual([])
    own.engine.handle({ type: 'send', message }, 0)
    expect(take({ deliverer: other.peer })).toEqual([])
    expect(take({ deliverer: own.peer })).toMatchObject([{ type: 'misbehavior', peer: other.peer }])
    expect(take({})).toEqual([{ type: 'outcome', receipt }])
    expect(take({})).toEqual([])
    own.engine.handle({ type: 'send', message: { ...message, id: new Uint8Array(16) } }, 0)
    expect(take({ id: new Uint8Array(16) }, 60_000)).toEqual([])
  })
})
