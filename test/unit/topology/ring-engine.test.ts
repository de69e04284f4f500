import { describe, expect, it } from 'vitest'
import type { TopologyInput } from '../../../src/core/topology/topology-engine.ts'
import { EngineShell } from './engine-shell.ts'

/** Names of peers evenly around the ring, without the place 0. */
const around = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => String((i + 1) / (count + 1)))

/** The nearest three on either side of 0, of {@link around}. */
const ringOf = (peers: readonly string[]): string[] => [...peers.slice(0, 3), ...peers.slice(-3)].sort()

/** How many of these times lie in the busiest second. */
function mostInASecond(times: readonly number[]): number {
  return Math.max(...times.map(from => times.filter(at => at >= from && at < from + 1_000).length))
}

describe('RingEngine: while there are few', () => {
  it('dials everybody it hears of, up to sixteen, the first within a fraction of a second', () => {
    const shell = new EngineShell().candidates('0.5').advance(10)
    expect(shell.dialed).toEqual(['0.5'])
    shell.linkUp('0.5').candidates(...around(14))
    for (let i = 0; i < 20; i++) {
      shell.advance(200)
      for (const peer of shell.dialed.slice(-2)) shell.linkUp(peer)
    }
    expect(new Set(shell.dialed).size).toBe(15)
  })

  it('begins with two dials at once, and with as many as a second may have for who is in a hurry, unless one is not quick', () => {
    const first = (...inputs: TopologyInput[]): number =>
      new EngineShell()
        .candidates(...around(6))
        .tell(...inputs)
        .advance(900).dialed.length
    expect([first(), first({ type: 'hurry' })]).toEqual([2, 5])

    const shell = new EngineShell().tell({ type: 'hurry' }).candidates('0.1').advance(1_200)
    shell.linkUp('0.1').tell({ type: 'hurry' }).candidates('0.2', '0.3', '0.4').advance(700)
    expect(shell.dialed).toHaveLength(3)
  })

  it('never dials itself, a neighbor, or a peer that is being dialed', () => {
    const shell = new EngineShell().candidates('0', '0.5', '0.5').advance(60)
    shell.linkUp('0.5').candidates('0.5', '0.7').report('0.5', ['0', '0.7']).advance(60)
    shell.candidates('0.7').advance(20_000)
    expect(shell.dialed).toEqual(['0.5', '0.7'])
  })

  it('keeps all links', () => {
    const shell = new EngineShell().linkUp(...around(16)).advance(60_000)
    expect(shell.all('sendWanting')).toEqual([])
  })
})

describe('RingEngine: in a larger group', () => {
  it('dials the nearest three each way first, then one in each octave', () => {
    const peers = around(200)
    const shell = new EngineShell('0', { seed: 3 }).candidates(...peers).advance(20_000)
    expect(shell.dialed.slice(0, 6).sort()).toEqual(ringOf(peers))
    // log2(200) octaves, less those within the ring neighbors' reach, and one at random.
    expect(shell.dialed.length).toBeLessThan(6 + 8 + 1)
  })

  it('stops wanting links beyond its ring neighbors, its octaves, six quick ones and one at random; says so after 10 s', () => {
    const peers = around(60)
    const shell = new EngineShell().linkUp(...peers).advance(9_000)
    expect(shell.all('sendWanting')).toEqual([])
    shell.advance(12_000)
    const unwanted = shell.all('sendWanting').map(({ to }) => to)
    expect(unwanted.length).toBeGreaterThan(60 - 6 - 5 - 6 - 1 - 2)
    for (const peer of ringOf(peers)) expect(unwanted).not.toContain(peer)
  })

  it('keeps the links that are in use, also when the other side does not want them, and lets them go afterwards', () => {
    const used = new Set(['31/61', '32/61'].map(each => String(Number(each.split('/')[0]) / 61)))
    const shell = new EngineShell('0', { isInUse: peer => used.has(peer) })
      .linkUp(...around(60))
      .advance(21_000)
    const unwanted = (): string[] => shell.all('sendWanting').map(({ to }) => to)
    for (const peer of used) expect(unwanted()).not.toContain(peer)
    const [told] = unwanted() as [string]
    used.add(told)
    shell.tell({ type: 'wanting', from: told, isWanted: false })
    expect(shell.all('close')).toEqual([])
    shell.advance(11_000)
    expect(shell.all('sendWanting').findLast(({ to }) => to === told)?.isWanted).toBe(true)
    used.clear()
    shell.advance(25_000)
    expect(shell.all('close').map(({ peer }) => peer)).toContain(told)
  })

  it('closes a link only when both sides have said that they do not want it', () => {
    const shell = new EngineShell().linkUp(...around(60)).advance(21_000)
    const [first, second] = shell.all('sendWanting').map(({ to }) => to) as [string, string]
    expect(shell.all('close')).toEqual([])
    shell.tell({ type: 'wanting', from: first, isWanted: false })
    expect(shell.all('close').map(({ peer }) => peer)).toEqual([first])
    shell.tell({ type: 'wanting', from: second, isWanted: true }).advance(60_000)
    expect(shell.all('close')).toHaveLength(1)
  })

  it('says that it wants a link again when others are gone', () => {
    const peers = around(60)
    const shell = new EngineShell().linkUp(...peers).advance(21_000)
    const unwanted = shell.all('sendWanting').map(({ to }) => to)
    const next = peers.find(peer => unwanted.includes(peer)) as string
    for (const peer of peers) if (Number(peer) < Number(next)) shell.tell({ type: 'linkDown', peer })
    shell.advance(200)
    const again = shell.all('sendWanting').filter(({ isWanted }) => isWanted)
    expect(again.map(({ to }) => to)).toContain(next)
  })

  it('has no more links of its own making than it may', () => {
    const shell = new EngineShell('0', { maxNeighbors: 8 }).candidates(...around(200)).advance(60_000)
    for (const peer of [...shell.dialed]) shell.linkUp(peer)
    shell.advance(60_000)
    expect(new Set(shell.dialed).size).toBeLessThanOrEqual(8)
    expect(shell.all('sendWanting').filter(({ isWanted }) => !isWanted)).toHaveLength(0)
  })
})

describe('RingEngine: failures', () => {
  it('dials a peer that it found again after 1 s, 2 s, 4 s …, at most half as much later, and 300 s at last', () => {
    const shell = new EngineShell().candidates('0.5').advance(10)
    const pauses: number[] = []
    for (let i = 0; i < 12; i++) {
      const failedAtMs = shell.nowMs
      const before = shell.dialed.length
      shell.tell({ type: 'dialFailed', peer: '0.5' })
      while (shell.dialed.length === before) shell.advance(100)
      pauses.push(shell.nowMs - failedAtMs)
    }
    pauses.forEach((pause, i) => {
      const least = Math.min(1_000 * 2 ** i, 300_000)
      expect(pause).toBeGreaterThanOrEqual(least)
      expect(pause).toBeLessThanOrEqual(1.5 * least + 100)
    })
  })

  it('dials one that only a neighbor tells of after 5 s, and after 2 s when it is told again', () => {
    const shell = new EngineShell().linkUp('0.5').report('0.5', ['0.25', '0.75']).advance(100)
    shell.tell({ type: 'dialFailed', peer: '0.25' }, { type: 'dialFailed', peer: '0.75' })
    const failedAtMs = shell.nowMs
    shell.advance(500).report('0.5', ['0.75']).advance(10_000)
    const again = Object.fromEntries(
      shell
        .all('dial')
        .slice(2)
        .map(({ peer, atMs }) => [peer, atMs - failedAtMs])
    )
    expect(again['0.75']).toBeGreaterThanOrEqual(2_000)
    expect(again['0.75']).toBeLessThan(2_200)
    expect(again['0.25']).toBeGreaterThanOrEqual(5_000)
  })

  it('dials all that failed at once when there are other paths', () => {
    const shell = new EngineShell().candidates('0.5').advance(10)
    for (let i = 0; i < 4; i++)
      shell.tell({ type: 'dialFailed', peer: '0.5' }, { type: 'pathsChanged' }).advance(20)
    expect(shell.dialed).toHaveLength(5)
  })

  it('dials whom the application asks for at once, whatever failed before, and keeps the link', () => {
    const shell = new EngineShell().candidates('0.5').advance(10).tell({ type: 'dialFailed', peer: '0.5' })
    shell.tell({ type: 'wanted', peer: '0.5' })
    expect(shell.dialed).toEqual(['0.5', '0.5'])
    shell.linkUp('0.5', ...around(60)).advance(30_000)
    expect(shell.all('sendWanting').map(({ to }) => to)).not.toContain('0.5')
  })

  it('does not take a link that ended by consent for a failure', () => {
    const shell = new EngineShell().linkUp(...around(60)).advance(21_000)
    const gone = shell.all('sendWanting')[0]?.to as string
    shell.tell({ type: 'wanting', from: gone, isWanted: false }, { type: 'linkDown', peer: gone })
    shell.tell({ type: 'wanted', peer: gone })
    expect(shell.dialed).toEqual([gone])
  })
})

describe('RingEngine: reports', () => {
  it('are made for the only neighbor, however many members are known', () => {
    const shell = new EngineShell()
      .candidates(...around(100))
      .advance(100)
      .linkUp('0.55')
    expect(shell.all('sendReport').at(-1)?.report.members).toEqual([])
  })

  it('tell a new neighbor of the members around it, at once', () => {
    const shell = new EngineShell().linkUp(...around(99))
    shell.linkUp('0.255')
    const { members } = shell.all('sendReport').findLast(({ to }) => to === '0.255')?.report ?? {
      members: []
    }
    expect(members).toEqual(expect.arrayContaining(['0.23', '0.24', '0.25', '0.26', '0.27', '0.28']))
    expect(members).not.toContain('0.255')
    expect(members.length).toBeLessThan(20)
  })

  it('name a new neighbor to the one next to it each way, at once, but not to one who told of it', () => {
    const shell = new EngineShell().linkUp(...around(99))
    const before = shell.all('sendReport').length
    shell.linkUp('0.255')
    const told = shell.all('sendReport').slice(before)
    const introduced = told.filter(({ report }) => report.members.includes('0.255'))
    expect(introduced.map(({ to }) => to).sort()).toEqual(['0.25', '0.26'])
    for (const { report } of introduced) expect(report.members).toEqual(['0.255'])
    shell.report('0.75', ['0.755']).linkUp('0.755')
    const again = shell.all('sendReport').filter(({ report }) => report.members.includes('0.755'))
    expect(again.map(({ to }) => to)).toEqual(['0.76'])
  })

  it('go to both ring neighbors every second while the ring around changes, and to one neighbor each 10 s at last', () => {
    const shell = new EngineShell().linkUp(...around(30))
    shell.advance(1_100)
    const first = shell.all('sendReport').filter(({ atMs }) => atMs === 1_000)
    expect(first.map(({ to }) => to)).toEqual(expect.arrayContaining([around(30)[0], around(30)[29]]))
    shell.advance(120_000)
    const late = shell
      .all('sendReport')
      .filter(({ atMs, report }) => atMs > 60_000 && report.members.length > 0)
    expect(late.length).toBeGreaterThanOrEqual(5)
    expect(late.length).toBeLessThanOrEqual(7)
  })

  it('answer one who takes this member for the next on the ring, when a neighbor is nearer to it', () => {
    const shell = new EngineShell('0.5').linkUp(...around(40)).advance(30_000)
    const told = (to: string): string[][] =>
      shell
        .all('sendReport')
        .filter(each => each.to === to && each.atMs === shell.nowMs)
        .map(({ report }) => [...report.members])
    shell.linkUp('0.43').advance(30_000).report('0.43', [], 0, true)
    expect(told('0.43')).toEqual([expect.arrayContaining([around(40)[17], around(40)[18], around(40)[19]])])
    const next = around(40)[19] as string
    shell.report(next, [], 0, true)
    expect(told(next)).toEqual([])
  })

  it('tell the span from the third neighbor on one side to the third on the other', () => {
    const shell = new EngineShell()
      .linkUp('0.1', '0.2', '0.3', '0.4', '0.6', '0.7', '0.8', '0.9')
      .advance(2_000)
    expect(shell.all('sendReport').at(-1)?.report.span).toBeCloseTo(0.6, 6)
  })
})

describe('RingEngine: the own place', () => {
  it('covers everything alone, and half the way to each ring neighbor else; tells when that changes', () => {
    const shell = new EngineShell('0.5')
    const first = (address: Uint8Array): number => (address[0] as number) / 256
    expect(first(shell.engine.coverage.to)).toBe(0)
    shell.linkUp('0.25', '0.75').advance(100)
    expect(shell.all('coverage')).toHaveLength(1)
    expect(first(shell.engine.coverage.from)).toBeCloseTo(0.375, 2)
    expect(first(shell.engine.coverage.to)).toBeCloseTo(0.625, 2)
    shell.linkUp('0.125').advance(100)
    expect(shell.all('coverage')).toHaveLength(1)
  })

  it('counts members up to about 25, those that two neighbors tell of among them', () => {
    const shell = new EngineShell()
      .linkUp('0.3', '0.5', '0.7')
      .report('0.3', ['0.4', '0.6'])
      .report('0.5', ['0.4'])
    expect(shell.engine.estimateMemberCount(shell.nowMs)).toBe(5)
    shell.advance(61_000)
    expect(shell.engine.estimateMemberCount(shell.nowMs)).toBe(4)
  })

  it('is not misled in a group of ten where a few are crowded on the ring', () => {
    const peers = ['0.02', '0.04', '0.06', '0.1', '0.5', '0.8', '0.9', '0.95', '0.98']
    const shell = new EngineShell().linkUp(...peers)
    for (const peer of peers) shell.report(peer, [], 0.4)
    expect(shell.engine.estimateMemberCount(shell.nowMs)).toBe(10)
  })

  it('estimates more by how densely the ring is settled, and a liar changes that little', () => {
    const peers = around(999).filter((_, i) => i < 6 || i > 992 || i % 50 === 0)
    const shell = new EngineShell().linkUp(...peers)
    for (const peer of peers) shell.report(peer, [], 0.006)
    expect(shell.engine.estimateMemberCount(0) / 1_000).toBeCloseTo(1, 1)
    shell.report(peers[3] as string, [], 1).report(peers[20] as string, [], 1e-9)
    expect(shell.engine.estimateMemberCount(0) / 1_000).toBeCloseTo(1, 1)
  })
})

describe('RingEngine: seekers', () => {
  const peers = around(30)
  const nth = (index: number): string => peers[index] as string

  it('go on to the neighbor nearest to their place, until nobody is nearer; there they are dialed', () => {
    const shell = new EngineShell().linkUp(...peers).advance(1_000)
    shell.seeker(nth(3), `${nth(20)}/seeker`).advance(1_000)
    const passedOn = (): object[] =>
      shell
        .all('sendSeeker')
        .filter(({ peer }) => peer !== '0')
        .map(({ to, peer }) => ({ to, peer }))
    expect(passedOn()).toEqual([{ to: nth(20), peer: `${nth(20)}/seeker` }])
    shell.seeker(nth(3), '0.001').advance(1_000)
    expect(passedOn().slice(1)).toEqual([])
    expect(shell.dialed).toContain('0.001')
  })

  it('go out at each tick while the ring around changes, to anybody, and hardly ever once it rests', () => {
    const shell = new EngineShell().linkUp(...peers).advance(600_000)
    const own = shell.all('sendSeeker').filter(({ peer }) => peer === '0')
    expect(own.filter(({ atMs }) => atMs <= 20_000).length).toBeGreaterThanOrEqual(5)
    expect(new Set(own.map(({ to }) => to)).size).toBeGreaterThan(3)
    const late = own.filter(({ atMs }) => atMs > 60_000)
    expect(late.length).toBeGreaterThanOrEqual(1)
    expect(late.length).toBeLessThanOrEqual(15)
  })

  it('are heard of from neighbors alone, and not for itself', () => {
    const shell = new EngineShell().linkUp(...peers).advance(1_000)
    const before = shell.all('sendSeeker').length
    shell.seeker('0.123/stranger', '0.4/seeker').seeker(nth(3), '0')
    expect(shell.all('sendSeeker').length).toBe(before)
    shell.advance(5_000)
    expect(shell.dialed).not.toContain('0')
  })

  it('are no candidates on their way: only where they belong', () => {
    const shell = new EngineShell().linkUp(...peers).advance(1_000)
    for (let i = 5; i < 25; i++) shell.seeker(nth(i - 3), `${nth(i)}/seeker`)
    shell.advance(5_000)
    expect(shell.all('sendSeeker').filter(({ peer }) => peer.endsWith('seeker')).length).toBe(20)
    expect(shell.dialed.filter(peer => peer.endsWith('seeker'))).toEqual([])
  })
})

describe('RingEngine: a liar', () => {
  const liar = around(60)[30] as string
  const invented = Array.from({ length: 1_000 }, (_, i) => `${0.0001 + i / 1e7}/invented`)

  it('makes it dial no more than five times a second, four at a time on its word', () => {
    const shell = new EngineShell().linkUp(...around(60)).advance(1_000)
    const open = new Set<string>()
    let most = 0
    for (let second = 0; second < 120; second++) {
      shell.report(liar, invented.slice((second * 64) % 1_000, ((second * 64) % 1_000) + 64))
      for (const { peer } of shell.all('dial').slice(-16)) open.add(peer)
      shell.advance(1_000)
      most = Math.max(most, mostInASecond(shell.all('dial').map(({ atMs }) => atMs)))
      for (const peer of open) shell.tell({ type: 'dialFailed', peer })
      open.clear()
    }
    expect(shell.dialed.length).toBeGreaterThan(20)
    expect(most).toBeLessThanOrEqual(5)
  })

  it('does not push out the true ring neighbors: only links do', () => {
    const peers = around(60)
    const shell = new EngineShell().linkUp(...peers)
    for (let i = 0; i < 60; i++) shell.report(liar, invented.slice(i, i + 64)).advance(1_000)
    const unwanted = shell.all('sendWanting').map(({ to }) => to)
    for (const peer of ringOf(peers)) expect(unwanted).not.toContain(peer)
  })

  it('does not keep members that others tell of from being dialed', () => {
    const shell = new EngineShell().linkUp(...around(60)).advance(100)
    for (let i = 0; i < 16; i++) shell.report(liar, invented.slice(i * 60, i * 60 + 60))
    shell.report(around(60)[1] as string, ['0.005']).advance(1_000)
    for (const peer of [...shell.dialed])
      if (peer.endsWith('invented')) shell.tell({ type: 'dialFailed', peer })
    shell.advance(5_000)
    expect(shell.dialed).toContain('0.005')
  })

  it('has no more than eight seekers a second passed on', () => {
    const shell = new EngineShell().linkUp(...around(60)).advance(10_500)
    const before = shell.all('sendSeeker').length
    for (const peer of invented) shell.seeker(liar, `0.8${peer.slice(2)}`)
    expect(shell.all('sendSeeker').length - before).toBe(8)
    shell.advance(1_000)
  })

  it('is not believed about seekers because several honest ones pass them on', () => {
    const shell = new EngineShell().linkUp(...around(10)).advance(10_500)
    const counted = shell.engine.estimateMemberCount(shell.nowMs)
    for (const honest of around(10)) for (const peer of invented.slice(0, 8)) shell.seeker(honest, peer)
    expect(shell.engine.estimateMemberCount(shell.nowMs)).toBe(counted)
    shell.advance(1_000)
    const open = shell.dialed.filter(peer => peer.endsWith('invented'))
    expect(open.length).toBeLessThanOrEqual(4)
  })

  it('is not believed because those whom it tells of seem to seek their places as well', () => {
    const shell = new EngineShell().linkUp(...around(10)).advance(10_500)
    const counted = shell.engine.estimateMemberCount(shell.nowMs)
    const names = invented.slice(0, 8)
    const own = around(10)[0] as string
    shell.report(own, names)
    for (const peer of names) shell.seeker(own, peer)
    shell.advance(1_000)
    for (const peer of names) shell.seeker(own, peer)
    shell.report(own, names)
    expect(shell.engine.estimateMemberCount(shell.nowMs)).toBe(counted)
  })

  it('has no link forced upon it beyond three times what the group needs', () => {
    const shell = new EngineShell()
    let accepted = 0
    for (let i = 0; i < 500; i++) {
      const peer = `${0.3 - i / 1e4}/liar`
      if (!shell.engine.accepts(peer)) continue
      accepted += 1
      shell.linkUp(peer)
    }
    expect(accepted).toBeLessThanOrEqual(3 * (9 + 16))
  })
})

describe('RingEngine: what is remembered', () => {
  it('counts in a small group, whatever span one neighbor tells', () => {
    const shell = new EngineShell().linkUp('0.3', '0.5', '0.7').report('0.3', [], 1e-9)
    expect(shell.engine.estimateMemberCount(shell.nowMs)).toBe(4)
  })

  it('goes on dialing when links end as they begin, and when who is being dialed is forgotten', () => {
    const shell = new EngineShell()
    for (let i = 0; i < 40; i++) {
      shell.candidates(`${0.01 + i / 100}/x`).advance(1_000)
      for (const peer of shell.dialed.slice(-3)) shell.tell({ type: 'dialFailed', peer })
    }
    shell.candidates('0.77')
    for (let i = 0; i < 20; i++) {
      shell.advance(1_000)
      for (const peer of shell.dialed.slice(-3)) shell.tell({ type: 'dialFailed', peer })
    }
    expect(shell.dialed).toContain('0.77')
  })

  it('tells a neighbor whose link was replaced what may have been lost: a report, and that the link is not wanted', () => {
    const shell = new EngineShell().linkUp(...around(60)).advance(21_000)
    const [unwanted] = shell.all('sendWanting').map(({ to }) => to) as [string]
    const before = shell.effects.length
    shell.tell({ type: 'linkMoved', peer: unwanted })
    const told = shell.effects.slice(before).map(({ effect }) => effect.type)
    expect(told).toEqual(expect.arrayContaining(['sendReport', 'sendWanting']))
  })

  it('forgets after an hour whom it once was linked to and cannot reach', () => {
    const shell = new EngineShell().linkUp('0.5', '0.6').tell({ type: 'linkDown', peer: '0.5' })
    const fail = (ms: number): void => {
      const untilMs = shell.nowMs + ms
      while (shell.nowMs < untilMs) {
        shell.advance(10_000)
        shell.tell({ type: 'dialFailed', peer: '0.5' })
      }
    }
    fail(3_700_000)
    const dialed = shell.dialed.length
    fail(1_000_000)
    expect(shell.dialed.length).toBe(dialed)
  })
})
