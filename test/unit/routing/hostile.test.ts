import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RoutingEffect, RoutingInput, Travel } from '../../../src/core/routing/routing-engine.ts'
import { placeOf } from '../../../src/shared/ring.ts'
import * as limits from '../../../src/wire/limits.ts'
import { LATENCY_MS, type Member, RingNetwork } from './ring-network.ts'

const entryOf = ({ place }: Member): Uint8Array => place.address.subarray(0, 8)
const trail = (...members: Member[]): Uint8Array => Uint8Array.from(members.flatMap(one => [...entryOf(one)]))
const filler = (entries: number): number[] => Array.from({ length: entries * 8 }, () => 7)
const types = (effects: RoutingEffect[]): string[] => effects.map(({ type }) => type)

/** `own` (2) has the neighbors 1, which sends, and 3, next to the target 5; 0 is where messages come from. */
function setting() {
  const net = new RingNetwork(6, 1)
  const [origin, sender, own, next, , target] = net.members as [
    Member,
    Member,
    Member,
    Member,
    Member,
    Member
  ]
  net.link(sender, own)
  net.link(own, next)
  const sound: Travel = {
    message: net.message(origin, { target: target.place }),
    hops: 2,
    visited: trail(origin, sender),
    path: trail(origin, sender)
  }
  const take = (parts: Partial<Travel>, nowMs = 0): RoutingEffect[] =>
    own.engine.handle({ type: 'routed', from: sender.peer, travel: { ...sound, ...parts } }, nowMs)
  return { net, origin, sender, own, next, target, sound, take }
}

describe('RingRoutingEngine against neighbors that lie', () => {
  it('takes what is sound', () => {
    const { take, own, next, sound } = setting()
    const [ack, sent] = take({})
    expect(ack).toMatchObject({ type: 'sendHopAck', id: sound.message.id })
    expect(sent).toMatchObject({ type: 'sendRouted', to: next.peer, travel: { hops: 3 } })
    if (sent?.type !== 'sendRouted') throw new Error()
    expect(sent.travel.path).toEqual(Uint8Array.from([...sound.path, ...entryOf(own)]))
    expect(sent.travel.visited).toEqual(Uint8Array.from([...sound.visited, ...entryOf(own)]))
  })

  const { sound, origin, sender, own, next } = setting()
  const idOf = (bytes: number) => ({ message: { ...sound.message, id: new Uint8Array(bytes) } })
  it.each<[string, Partial<Travel>]>([
    ['no id', idOf(0)],
    ['a long id', idOf(17)],
    ['no links passed', { hops: 0 }],
    ['a part of a link', { hops: 1.5 }],
    ['too many links', { hops: limits.MAX_ROUTING_HOPS + 1 }],
    ['half an entry in what it visited', { visited: sound.visited.subarray(4) }],
    ['half an entry in its path', { path: sound.path.subarray(4) }],
    [
      'more visited than there is room for',
      { visited: Uint8Array.from([...filler(26), ...entryOf(sender)]) }
    ],
    ['more path than links', { path: trail(origin, next, sender) }],
    ['no path', { path: new Uint8Array(0) }],
    ['a path that does not end with the sender', { path: trail(origin, next) }],
    ['a sender that it has not visited', { visited: trail(origin) }],
    ['this member among the visited, when it comes forward', { visited: trail(origin, sender, own) }],
    ['a way back for what never was here', { path: trail(origin, own), visited: trail(origin, sender) }]
  ])('drops a message with %s, and does not acknowledge it', (_what, parts) => {
    const { take, sender } = setting()
    expect(take(parts)).toMatchObject([{ type: 'misbehavior', peer: sender.peer }])
  })

  it('has nothing to do with what comes from somebody who is no neighbor', () => {
    const { own, target, sound } = setting()
    const from = target.peer
    expect(own.engine.handle({ type: 'routed', from, travel: sound }, 0)).toEqual([])
    const receipt = {
      id: sound.message.id,
      originator: own.peer,
      deliverer: from,
      hops: 1,
      signature: new Uint8Array(64),
      key: undefined
    }
    expect(own.engine.handle({ type: 'receipt', from, receipt, path: new Uint8Array(0) }, 0)).toEqual([])
  })

  it('has nothing to do with ids that are none', () => {
    const { own, next, sender, sound, take } = setting()
    take({})
    const id = new Uint8Array(262_144)
    expect(own.engine.handle({ type: 'hopAck', from: next.peer, id }, 0)).toEqual([])
    expect(own.engine.kept.hops).toBe(1)
    const receipt = {
      id,
      originator: own.peer,
      deliverer: sender.peer,
      hops: 1,
      signature: sound.message.signature,
      key: undefined
    }
    const path = new Uint8Array(0)
    expect(own.engine.handle({ type: 'receipt', from: sender.peer, receipt, path }, 0)).toEqual([])
  })

  it('never sends on what the next one would blame it for, whatever it is sent', () => {
    const entries = fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 70 })
    const input = fc.record({
      hops: fc.integer({ min: 0, max: 42 }),
      visited: entries,
      path: entries,
      mode: fc.constantFrom('exact' as const, 'nearest' as const),
      cut: fc.integer({ min: 0, max: 1 })
    })
    let taken = 0
    fc.assert(
      fc.property(input, ({ hops, visited, path, mode, cut }) => {
        const { net, take, sender, sound } = setting()
        const members = [...net.members, sender, sender]
        const of = (list: number[]) => trail(...list.map(index => members[index] as Member)).subarray(cut)
        const message = { ...sound.message, mode, id: net.bytes(16) }
        const sent = take({ message, hops, visited: of(visited), path: of(path) })
        for (const effect of sent) {
          if (effect.type !== 'sendRouted') continue
          taken++
          expect(effect.travel.hops).toBe(hops + 1)
          const from = net.at(2).peer
          const answer = net
            .member(effect.to)
            .engine.handle({ type: 'routed', from, travel: effect.travel }, 0)
          expect(types(answer)).not.toContain('misbehavior')
        }
      }),
      { numRuns: 2_000 }
    )
    expect(taken).toBeGreaterThan(0)
  })

  it('a message that liars send around ends after 40 links', () => {
    const net = new RingNetwork(30, 2).linkRing(3)
    const liar = net.at(0)
    const message = net.message(net.at(5), { target: placeOf(net.bytes(32)) })
    const [first] = [...liar.links].map(peer => net.member(peer)) as [Member]
    const travel = { message, hops: 1, visited: trail(liar), path: trail(liar) }
    net.tell(first, { type: 'routed', from: liar.peer, travel })
    net.run()
    expect(net.frames.filter(({ frame }) => frame.type === 'sendRouted').length).toBeLessThan(40)
    expect(net.misbehavior).toEqual([])
  })

  it('an address is found although somebody else has the same first bytes', () => {
    const net = new RingNetwork(4, 3)
    const [origin, middle, target] = net.members as [Member, Member, Member]
    const address = Uint8Array.from(target.place.address)
    address[31] = (address[31] ?? 0) ^ 1
    const twin = net.add(placeOf(address))
    net.link(origin, twin)
    net.link(twin, middle)
    net.link(middle, target)
    net.send(origin, { target: target.place })
    expect(net.delivered.map(({ at }) => at)).toEqual([target.peer])
    expect(net.misbehavior).toEqual([])
  })

  it('drops what its originator has not signed', () => {
    const net = new RingNetwork(2, 1)
    net.link(net.at(0), net.at(1))
    net.isTrue = () => false
    net.send(net.at(0), { target: net.at(1).place })
    expect(net.delivered).toEqual([])
    expect(net.frames.map(({ frame }) => frame.type)).toEqual(['sendRouted', 'sendHopAck'])
  })

  it('verifies what claims to be its own, when it came over a link', () => {
    const { net, own, sender, sound } = setting()
    const message = { ...sound.message, originator: own.peer, target: own.place }
    const path = trail(own, sender)
    const travel = { message, hops: 2, visited: trail(net.at(0), sender), path }
    const effects = own.engine.handle({ type: 'routed', from: sender.peer, travel }, 0)
    expect(types(effects)).toEqual(['sendHopAck', 'verify'])
  })
})

describe('RingRoutingEngine as the destination', () => {
  const arriving = () => {
    const { own, sender, sound, take } = setting()
    const message = { ...sound.message, target: own.place }
    const verified = (nowMs: number): RoutingEffect[] => {
      const travel = { ...sound, message }
      return own.engine.handle({ type: 'verified', travel, from: sender.peer, isTrue: true }, nowMs)
    }
    return { own, sender, message, verified, take }
  }

  it('delivers a message that comes again within 300 s once, and confirms it each time', () => {
    const { message, sender, verified, take } = arriving()
    expect(types(take({ message }))).toEqual(['sendHopAck', 'verify'])
    expect(verified(1)).toEqual([
      { type: 'deliver', message, from: sender.peer },
      expect.objectContaining({ type: 'signReceipt', message, hops: 2 })
    ])
    expect(types(take({ message }, 2))).toEqual(['sendHopAck', 'signReceipt'])
    expect(types(verified(3))).toEqual(['signReceipt'])
    expect(types(take({ message: { ...message, wantsReceipt: false } }, 4))).toEqual(['sendHopAck'])
    expect(types(take({ message }, 300_001))).toEqual(['sendHopAck', 'verify'])
  })

  it('takes the same id of somebody else for another message', () => {
    const { message, sender, verified, take } = arriving()
    verified(1)
    const other = { ...message, originator: sender.peer }
    expect(types(take({ message: other }, 2))).toEqual(['sendHopAck', 'verify'])
  })

  it('remembers a bounded number of deliveries', () => {
    const { own, sender, message } = arriving()
    const path = trail(sender)
    for (let i = 0; i <= limits.MAX_DELIVERED_ROUTED; i++) {
      const id = new Uint8Array(16)
      new DataView(id.buffer).setUint32(0, i)
      const travel = { message: { ...message, id }, hops: 1, visited: path, path }
      own.engine.handle({ type: 'verified', travel, from: sender.peer, isTrue: true }, 0)
    }
    expect(own.engine.kept.delivered).toBe(limits.MAX_DELIVERED_ROUTED)
  })
})

describe('RingRoutingEngine keeps a bounded number', () => {
  const filled = (count: number, payload: Uint8Array) => {
    const { net, own, target } = setting()
    const messages = Array.from({ length: count }, () => net.message(own, { target: target.place, payload }))
    for (const message of messages) own.engine.handle({ type: 'send', message }, 0)
    const handle = (input: RoutingInput, nowMs: number) => own.engine.handle(input, nowMs)
    return { own, messages, handle }
  }

  it('of messages without an acknowledgement: the oldest are not sent again', () => {
    const { own, handle, messages } = filled(limits.MAX_PENDING_HOPS + 10, new Uint8Array(1))
    expect(own.engine.kept.hops).toBe(limits.MAX_PENDING_HOPS)
    const again = handle({ type: 'timer' }, 1_000).flatMap(effect =>
      effect.type === 'sendRouted' ? [effect.travel.message.id] : []
    )
    expect(again).toEqual(messages.slice(10).map(({ id }) => id))
  })

  it('of their bytes', () => {
    const payload = new Uint8Array(65_536)
    const { own } = filled(200, payload)
    expect(own.engine.kept.hopBytes).toBeLessThanOrEqual(limits.MAX_PENDING_HOP_BYTES)
    expect(own.engine.kept.hops).toBe(Math.floor(limits.MAX_PENDING_HOP_BYTES / (payload.byteLength + 512)))
  })

  it('of own messages that wait for a receipt', () => {
    const { own } = filled(limits.MAX_AWAITED_RECEIPTS + 10, new Uint8Array(1))
    expect(own.engine.kept.awaited).toBe(limits.MAX_AWAITED_RECEIPTS)
  })

  it('of timers: one, for the next that has waited too long, and none when nothing waits', () => {
    const { net, own, next, target } = setting()
    const message = net.message(own, { target: target.place })
    const sent = own.engine.handle({ type: 'send', message }, 0)
    expect(sent).toContainEqual({ type: 'setTimer', afterMs: 6 * LATENCY_MS })
    const second = own.engine.handle(
      { type: 'send', message: net.message(own, { target: target.place }) },
      50
    )
    expect(types(second)).toEqual(['sendRouted'])
    own.engine.handle({ type: 'hopAck', from: next.peer, id: message.id }, 60)
    expect(own.engine.handle({ type: 'timer' }, 120)).toEqual([{ type: 'setTimer', afterMs: 50 }])
    const id = second[0]?.type === 'sendRouted' ? second[0].travel.message.id : new Uint8Array(0)
    own.engine.handle({ type: 'hopAck', from: target.peer, id }, 130)
    expect(own.engine.kept.hops).toBe(1)
    own.engine.handle({ type: 'hopAck', from: next.peer, id }, 130)
    expect(own.engine.handle({ type: 'timer' }, 170)).toEqual([])
  })
})
