import { describe, expect, it } from 'vitest'
import { placeNumber } from '../../../src/core/presence/presence-engine.ts'
import type { Mention, PresenceDraft } from '../../../src/core/presence/presence-entry.ts'
import { MAX_PRESENT_MEMBERS } from '../../../src/wire/limits.ts'
import { type Member, PresenceNetwork, signed } from './presence-network.ts'

const at = (members: readonly Member[], index: number): Member => {
  const member = members[index]
  if (member === undefined) throw new RangeError(`There is no member ${index}`)
  return member
}
const namesIn = ({ engine }: Member): string[] => engine.members.map(({ peer }) => peer).sort()
const lists = (member: Member, other: Member): boolean => namesIn(member).includes(other.peer)
const shownTo = ({ engine }: Member, { peer }: Member): string | undefined => {
  const entry = engine.members.find(member => member.peer === peer)
  return entry === undefined ? undefined : new TextDecoder().decode(entry.value)
}
const lines = ({ told }: Member): string[] => told.map(({ type, peer }) => `${type} ${peer}`)
const leavesOf = (members: readonly Member[]): number =>
  members.reduce((sum, { told }) => sum + told.filter(({ type }) => type === 'left').length, 0)
const isComplete = (members: readonly Member[]): boolean =>
  members.every(({ engine }) => engine.members.length === members.length - 1)
const sum = (members: readonly Member[], of: (member: Member) => number): number =>
  members.reduce((total, member) => total + of(member), 0)
const mentionOf = (member: Member, other: Member): Mention => {
  const entry = member.engine.members.find(({ peer }) => peer === other.peer)
  return { place: placeNumber(other.place), sequence: entry?.sequence ?? 0 }
}

/** A group in which all know all. */
function group(size: number, { loss = 0, seed = 1 } = {}): { network: PresenceNetwork; members: Member[] } {
  const network = new PresenceNetwork(seed)
  network.loss = loss
  const members = network.addGroup(size)
  for (const member of members) network.present(member, `I am ${member.peer}`)
  network.until('all know all', () => isComplete(members), 10_000)
  return { network, members }
}

/** Members in a row, linked with the next. */
function row(...names: string[]): { network: PresenceNetwork; members: Member[] } {
  const network = new PresenceNetwork()
  const members = names.map(name => network.add(name))
  for (const [i, member] of members.slice(1).entries()) network.link(at(members, i), member)
  return { network, members }
}

/** How long it took until none of these lists it. */
function goneFrom(network: PresenceNetwork, members: readonly Member[], gone: Member): number {
  const others = members.filter(({ isDead }) => !isDead)
  return network.until(`${gone.peer} is gone`, () => others.every(other => !lists(other, gone)), 60_000)
}

describe('200 members at 5 % loss', () => {
  it('know each other within 5 s of the last, when they come one after the other', () => {
    const network = new PresenceNetwork(2)
    network.loss = 0.05
    const members: Member[] = []
    for (let i = 0; i < 200; i++) {
      const member = network.add()
      network.present(member, `number ${i}`)
      for (let n = 0; n < 8 && i > 0; n++) network.link(member, at(members, Math.floor(network.random() * i)))
      members.push(member)
      network.advance(100)
    }
    const lastMs = network.until('all know all', () => isComplete(members), 20_000)
    const bytes = Math.round(sum(members, ({ sentBytes }) => sentBytes) / 200)
    console.log(`${lastMs} ms after the last; ${bytes} bytes sent by each`)
    expect(lastMs).toBeLessThanOrEqual(5_000)
    // Each entry is verified once by each.
    expect(sum(members, ({ verified }) => verified)).toBe(200 * 199)
    expect(leavesOf(members)).toBe(0)
  }, 60_000)

  it('know each other within 5 s when all come at once, and tell nobody as gone who is there for 10 minutes, and then who is', () => {
    const network = new PresenceNetwork(3)
    network.loss = 0.05
    const members = network.addGroup(200)
    for (const member of members) network.present(member, member.peer)
    expect(network.until('all know all', () => isComplete(members), 20_000)).toBeLessThanOrEqual(5_000)
    for (const member of members) member.sentBytes = member.sentFrames = member.verified = 0
    network.advance(600_000)
    expect(leavesOf(members)).toBe(0)
    expect(isComplete(members)).toBe(true)
    const each = (of: (member: Member) => number): number => sum(members, of) / 200 / 600
    const [frames, bytes, verified] = [each(m => m.sentFrames), each(m => m.sentBytes), each(m => m.verified)]
    console.log(
      `of each, per second: ${frames.toFixed(1)} frames, ${bytes.toFixed(0)} bytes of presence, ${verified.toFixed(1)} verified`
    )
    expect(bytes).toBeLessThan(2_000)

    const [leaver, killed, silent] = [at(members, 7), at(members, 77), at(members, 177)]
    network.leave(leaver)
    const leftMs = goneFrom(network, members, leaver)
    network.kill(killed)
    const killedMs = goneFrom(network, members, killed)
    network.silence(silent)
    const silentMs = goneFrom(network, members, silent)
    console.log(
      `known as gone: who left ${leftMs} ms, who was killed ${killedMs} ms, who fell silent ${silentMs} ms`
    )
    expect(leftMs).toBeLessThanOrEqual(2_000)
    expect(killedMs).toBeLessThanOrEqual(8_000)
    expect(silentMs).toBeLessThanOrEqual(15_000)
    network.advance(20_000)
    expect(leavesOf(members.filter(({ isDead }) => !isDead))).toBe(3 * 197)
  }, 120_000)
})

describe('PresenceEngine', () => {
  it('tells of who comes, shows something else, and leaves', () => {
    const { network, members } = row('a', 'b', 'c')
    const [a, b, c] = [at(members, 0), at(members, 1), at(members, 2)]
    network.present(a, 'hello')
    network.advance(1_000)
    network.present(a, 'away')
    network.advance(1_000)
    expect(shownTo(c, a)).toBe('away')
    network.tell(a, { type: 'withdraw' })
    network.advance(1_000)
    expect(lines(c)).toEqual(['joined a', 'updated a', 'left a'])
    expect(lines(a)).toEqual([])
    expect(lines(b)).toEqual(lines(c))
  })

  it('passes on what others show without showing anything itself', () => {
    const { network, members } = row('a', 'quiet', 'silent', 'd')
    network.present(at(members, 0), 'A')
    network.present(at(members, 3), 'D')
    network.advance(2_000)
    expect(members.map(namesIn)).toEqual([['d'], ['a', 'd'], ['a', 'd'], ['a']])
    expect(sum(members, ({ signed }) => signed)).toBe(2)
  })

  it('gives a newcomer the list of its first neighbor, and hardly anything for its further ones', () => {
    const { network, members } = group(50)
    network.advance(20_000)
    for (const member of members) member.sentBytes = 0
    const newcomer = network.add('new')
    for (const member of members.slice(0, 10)) network.link(newcomer, member)
    network.present(newcomer, 'new')
    network.until('it knows all', () => namesIn(newcomer).length === 50, 500)
    network.advance(3_000)
    expect(newcomer.verified).toBe(50)
    // Its own entry, digests, and the mentions in a list or two: it does not pass on what it was given.
    expect(newcomer.sentBytes).toBeLessThan(15_000)
    // The list of 50 once, and the newcomer's entry by all.
    expect(sum(members, ({ sentBytes }) => sentBytes)).toBeLessThan(2 * 50 * 150 + 50 * 5 * 150)
  })

  it('tells a stay after another as a leave and a join', () => {
    const { network, members } = row('a', 'b')
    const [a, b] = [at(members, 0), at(members, 1)]
    const stay = (sinceMs: number): PresenceDraft => ({
      peer: 'a',
      sinceMs,
      sequence: network.nowMs,
      lifetimeMs: 180_000,
      isLeft: false,
      value: new Uint8Array(0)
    })
    network.send(a, 'b', { entries: [signed(stay(1))] })
    network.advance(1_000)
    network.send(a, 'b', { entries: [signed(stay(2))] })
    network.advance(1_000)
    expect(lines(b)).toEqual(['joined a', 'left a', 'joined a'])
  })

  it('says more than it said in an earlier stay, when its clock was ahead', () => {
    const { network, members } = row('a', 'b')
    const [a, b] = [at(members, 0), at(members, 1)]
    const before: PresenceDraft = {
      peer: 'a',
      sinceMs: network.nowMs + 3_600_000,
      sequence: network.nowMs + 3_600_000,
      lifetimeMs: 180_000,
      isLeft: false,
      value: new TextEncoder().encode('of tomorrow')
    }
    network.send(a, 'b', { entries: [signed(before)] })
    network.advance(500)
    expect(shownTo(b, a)).toBe('of tomorrow')
    network.present(a, 'today')
    network.until('it counts', () => shownTo(b, a) === 'today', 5_000)
  })

  it('lists nobody whose signature is false, and passes it on to nobody', () => {
    const { network, members } = row('liar', 'b', 'c')
    const [liar, b, c] = [at(members, 0), at(members, 1), at(members, 2)]
    const draft: PresenceDraft = {
      peer: 'victim',
      sinceMs: 1,
      sequence: network.nowMs,
      lifetimeMs: 180_000,
      isLeft: false,
      value: new Uint8Array(0)
    }
    network.send(liar, 'b', { entries: [signed(draft, false)] })
    network.advance(2_000)
    expect([b.verified, c.verified, ...namesIn(b), ...namesIn(c)]).toEqual([1, 0])
    network.send(liar, 'b', { entries: [signed(draft)] })
    network.advance(2_000)
    expect([namesIn(b), namesIn(c)]).toEqual([['victim'], ['victim']])
    network.send(liar, 'b', { entries: [signed({ ...draft, sequence: network.nowMs, isLeft: true }, false)] })
    network.advance(2_000)
    expect([namesIn(b), namesIn(c)]).toEqual([['victim'], ['victim']])
  })

  it('verifies what is known no second time, however often it is told', () => {
    const { network, members } = group(5)
    const [liar, victim] = [at(members, 0), at(members, 1)]
    const verified = victim.verified
    for (let i = 0; i < 100; i++) network.send(liar, victim.peer, { entries: liar.engine.members })
    network.advance(1_000)
    expect(victim.verified).toBe(verified)
  })

  it('takes no old word of one that has left, or is long gone', () => {
    const { network, members } = row('a', 'b', 'liar')
    const [a, b, liar] = [at(members, 0), at(members, 1), at(members, 2)]
    network.present(a, 'A')
    network.advance(1_000)
    const entries = b.engine.members
    network.leave(a)
    network.advance(1_000)
    for (let minutes = 0; minutes < 90; minutes += 5) {
      network.send(liar, 'b', { entries })
      network.advance(300_000)
      expect(namesIn(b)).toEqual([])
    }
    expect(lines(b)).toEqual(['joined a', 'left a'])
  })

  it('keeps who answers, while a liar doubts everybody all the time, for a bounded price', () => {
    const { network, members } = group(40)
    const liar = at(members, 0)
    network.advance(10_000)
    for (const member of members) member.sentBytes = member.verified = 0
    for (let i = 0; i < 240; i++) {
      const doubts = members.slice(1).map(member => mentionOf(liar, member))
      for (const to of liar.links) network.send(liar, to, { doubts })
      network.advance(250)
    }
    const bytes = Math.round(sum(members.slice(1), ({ sentBytes }) => sentBytes) / 39 / 60)
    const verified = sum(members.slice(1), m => m.verified) / 39 / 60
    console.log(`each member sends ${bytes} bytes and verifies ${verified.toFixed(1)} entries per second`)
    expect(leavesOf(members)).toBe(0)
    expect(isComplete(members)).toBe(true)
    expect(bytes).toBeLessThan(10_000)
  })

  it('keeps a list of 1,024 and asks for no more, though a liar goes on inventing', () => {
    const { network, members } = row('liar', 'b', 'c')
    const [liar, b, c] = [at(members, 0), at(members, 1), at(members, 2)]
    network.present(c, 'C')
    network.advance(1_000)
    const invent = (i: number) =>
      signed({
        peer: `invented ${i}`,
        sinceMs: 1,
        sequence: network.nowMs,
        lifetimeMs: 900_000,
        isLeft: false,
        value: new Uint8Array(0)
      })
    for (let i = 0; i < 4_000; i += 50) {
      network.send(liar, 'b', { entries: Array.from({ length: 50 }, (_, n) => invent(i + n)) })
      network.advance(100)
    }
    network.advance(5_000)
    expect(b.engine.members).toHaveLength(MAX_PRESENT_MEMBERS)
    expect(c.engine.members.length).toBeLessThan(MAX_PRESENT_MEMBERS)
    expect(lists(b, c)).toBe(true)
    b.sentBytes = c.sentBytes = 0
    network.advance(60_000)
    expect(b.sentBytes + c.sentBytes).toBeLessThan(60 * 10_000)
  })

  it('gives a neighbor that asks for the list again and again no more than its share', () => {
    const { network, members } = group(50)
    const [greedy, b] = [at(members, 0), at(members, 1)]
    network.link(greedy, b)
    network.advance(60_000)
    b.sentBytes = 0
    for (let i = 0; i < 600; i++) {
      network.send(greedy, b.peer, { isWhole: true, digest: { count: 0, high: 0, low: 0 } })
      network.advance(100)
    }
    // 2,048 entries at once and 50 per second after that.
    expect(b.sentBytes).toBeLessThan((2_048 + 60 * 50) * 200)
  })

  it('finds everybody again when a partition ends', () => {
    const { network, members } = group(40)
    const [here, there] = [members.slice(0, 20), members.slice(20)]
    // So that each side holds together.
    for (const side of [here, there])
      for (const member of side)
        for (let n = 0; n < 4; n++) network.link(member, at(side, Math.floor(network.random() * 20)))
    network.advance(5_000)
    const cut = here.flatMap(a => there.filter(({ peer }) => a.links.has(peer)).map(b => [a, b] as const))
    for (const [a, b] of cut) network.unlink(a, b, true)
    network.until('each side is alone', () => isComplete(here) && isComplete(there), 15_000)
    network.advance(10_000)
    for (const [a, b] of cut.slice(0, 3)) network.link(a, b)
    const ms = network.until('all are back', () => isComplete(members), 20_000)
    console.log(`all are back after ${ms} ms`)
    expect(ms).toBeLessThanOrEqual(10_000)
  })

  it('doubts nobody for the time in which its machine was asleep', () => {
    const { network, members } = group(10)
    const sleeper = at(members, 3)
    network.asleep = sleeper
    network.advance(3_000_000)
    network.asleep = undefined
    network.advance(2_000)
    expect(lines(sleeper).filter(line => line.startsWith('left'))).toEqual([])
    network.until('the others see it again', () => isComplete(members), 15_000)
  })

  it('sees nobody when it has had no neighbor for a while, and all again when it has one', () => {
    const { network, members } = group(10)
    const alone = at(members, 0)
    for (const peer of [...alone.links]) network.unlink(alone, network.get(peer))
    expect(network.until('it sees nobody', () => alone.engine.members.length === 0, 16_000)).toBeGreaterThan(
      9_000
    )
    network.link(alone, at(members, 5))
    network.until('it sees all', () => isComplete(members), 10_000)
  })

  it('counts one as gone whose watchers died with it, when its lifetime is over', () => {
    const { network, members } = row('a', 'b', 'c')
    const [a, b, c] = [at(members, 0), at(members, 1), at(members, 2)]
    for (const member of members) network.present(member, member.peer)
    network.advance(2_000)
    network.silence(a)
    network.silence(b)
    network.advance(30_000)
    expect(namesIn(c)).toEqual(['a'])
    network.until('it is gone', () => namesIn(c).length === 0, 200_000)
  })

  it('holds together while members come and go', () => {
    const network = new PresenceNetwork(5)
    network.loss = 0.05
    let there: Member[] = []
    const come = (): void => {
      const member = network.add()
      network.present(member, member.peer)
      for (let n = 0; n < 8 && there.length > 0; n++)
        network.link(member, at(there, Math.floor(network.random() * there.length)))
      there.push(member)
    }
    for (let i = 0; i < 60; i++) come()
    for (let i = 0; i < 120; i++) {
      const goer = at(there, Math.floor(network.random() * there.length))
      there = there.filter(member => member !== goer)
      if (network.random() < 0.5) network.leave(goer)
      else network.kill(goer)
      come()
      // The ring would mend itself.
      for (const member of there)
        while (member.links.size < 6)
          network.link(member, at(there, Math.floor(network.random() * there.length)))
      network.advance(1_000)
    }
    network.until('all know who is there', () => isComplete(there), 20_000)
  }, 30_000)
})
