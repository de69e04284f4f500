import { describe, expect, it } from 'vitest'
import { type Member, PresenceNetwork } from './presence-network.ts'

const all = (network: PresenceNetwork): Member[] =>
  [...network.members.values()].filter(({ isDead }) => !isDead)
const isComplete = (network: PresenceNetwork, size: number): boolean =>
  all(network).every(({ engine }) => engine.members.length === size - 1)
const leaves = (network: PresenceNetwork): number =>
  all(network).reduce((sum, { told }) => sum + told.filter(({ type }) => type === 'left').length, 0)
const knows = ({ engine }: Member, { peer }: Member): boolean =>
  engine.members.some(member => member.peer === peer)
const at = (members: readonly Member[], index: number): Member => {
  const member = members[index]
  if (member === undefined) throw new Error(`No member ${index}`)
  return member
}

function group(size: number, loss = 0, seed = 1): { network: PresenceNetwork; members: Member[] } {
  const network = new PresenceNetwork(seed)
  network.loss = loss
  const members = network.addGroup(size)
  for (const member of members) network.present(member, `I am ${member.peer}`)
  network.until('all know all', () => isComplete(network, size), 30_000)
  return { network, members }
}

describe('PresenceEngine, 200 members', () => {
  it('converges within 5 s of the last of those who come one after the other, at 5 % loss', () => {
    const network = new PresenceNetwork(2)
    network.loss = 0.05
    const come: Member[] = []
    for (let i = 0; i < 200; i++) {
      const member = network.add()
      network.present(member, `number ${i}`)
      for (let n = 0; n < 8 && come.length > 0; n++)
        network.link(member, at(come, Math.floor(network.random() * come.length)))
      come.push(member)
      network.advance(100)
    }
    const ms = network.until('all know all', () => isComplete(network, 200), 20_000)
    console.log(
      'converged after',
      ms,
      'verified each',
      come.reduce((s, m) => s + m.verified, 0) / 200,
      'bytes each',
      come.reduce((s, m) => s + m.sentBytes, 0) / 200
    )
    expect(ms).toBeLessThanOrEqual(5_000)
    expect(leaves(network)).toBe(0)
  })

  it('converges within 5 s of coming all at once, at 5 % loss', () => {
    const network = new PresenceNetwork(3)
    network.loss = 0.05
    for (const member of network.addGroup(200)) network.present(member, member.peer)
    const ms = network.until('all know all', () => isComplete(network, 200), 20_000)
    console.log('at once converged after', ms)
    expect(ms).toBeLessThanOrEqual(5_000)
  })

  it('has no false leave in 10 minutes at 5 % loss', () => {
    const { network, members } = group(200, 0.05)
    for (const member of members) member.sentBytes = member.sentFrames = member.verified = member.signed = 0
    const t = performance.now()
    network.advance(600_000)
    const sum = (of: (member: Member) => number): number => members.reduce((s, m) => s + of(m), 0) / 200 / 600
    console.log(
      'wall',
      performance.now() - t,
      'B/s',
      sum(m => m.sentBytes),
      'frames/s',
      sum(m => m.sentFrames),
      'verified/s',
      sum(m => m.verified),
      'signed/s',
      sum(m => m.signed)
    )
    expect(leaves(network)).toBe(0)
    expect(isComplete(network, 200)).toBe(true)
  })

  it('counts a member that falls silent as gone within 15 s, everywhere, at 5 % loss', () => {
    const { network, members } = group(200, 0.05)
    network.advance(20_000)
    const dead = at(members, 7)
    network.silence(dead)
    const ms = network.until('it is gone', () => all(network).every(member => !knows(member, dead)), 60_000)
    console.log('silent gone after', ms)
    expect(ms).toBeLessThanOrEqual(15_000)
    network.advance(60_000)
    expect(leaves(network)).toBe(199)
  })

  it('counts a killed member as gone within 8 s', () => {
    const { network, members } = group(200, 0.05)
    network.advance(20_000)
    const dead = at(members, 7)
    network.kill(dead)
    const ms = network.until('it is gone', () => all(network).every(member => !knows(member, dead)), 60_000)
    console.log('killed gone after', ms)
    expect(ms).toBeLessThanOrEqual(8_000)
  })

  it('hears at once of a member that leaves in good order', () => {
    const { network, members } = group(200)
    const leaver = at(members, 7)
    network.leave(leaver)
    const ms = network.until('it is gone', () => all(network).every(member => !knows(member, leaver)), 60_000)
    console.log('left after', ms)
    expect(ms).toBeLessThanOrEqual(1_000)
    network.advance(30_000)
    expect(leaves(network)).toBe(199)
  })
})
