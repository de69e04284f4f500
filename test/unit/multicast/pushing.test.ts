import { describe, expect, it } from 'vitest'
import { EngineShell, infoOf } from './engine-shell.ts'
import { endOf, fragmentsOf } from './stream.ts'

const ALL = 0xff

function publisher(uplinkBitsPerSecond = 10_000_000): EngineShell {
  return new EngineShell({ peer: 'publisher', uplinkBitsPerSecond })
}

/** How many stripes it has accepted to push to this peer. */
function stripesOf(shell: EngineShell, peer: string): number {
  return shell.said(peer, 'accept').toString(2).replaceAll('0', '').length
}

describe('a publisher', () => {
  it('tells each new neighbor of itself, and greets who carries the stream', () => {
    const shell = publisher().linkUp('a')
    expect(shell.take('sendInfo').map(({ to, info }) => [to, info.asks])).toEqual([['a', true]])
    shell.tell({ type: 'info', from: 'a', info: infoOf({ asks: true, stripes: [] }) })
    expect(shell.take('sendInfo').map(({ to, info }) => [to, info.asks])).toEqual([['a', false]])
  })

  it('pushes a stripe to whom it has accepted, and to nobody else', () => {
    const shell = publisher().carrier('a').carrier('b')
    shell.masks('a', { subscribe: 0b10, uplinkKbps: 3_000 })
    expect(shell.said('a', 'accept')).toBe(0b10)
    shell.publish(...fragmentsOf(10))
    expect(shell.sent).toEqual(['a 1', 'a 9'])
  })

  it('gives each stripe to four at most, and in a rush to each no more than it can pass on', () => {
    const peers = Array.from({ length: 9 }, (_, i) => `p${i}`)
    const shell = publisher().linkUp(...peers)
    for (const peer of peers) shell.carrier(peer).masks(peer, { subscribe: ALL, uplinkKbps: 3_000 })
    // 0.9 × 3 Mbit/s is ten stripes of 2 Mbit/s: two families of four.
    expect(peers.map(peer => stripesOf(shell, peer))).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 2])
    for (let stripe = 0; stripe < 8; stripe++) {
      const children = peers.filter(peer => (shell.said(peer, 'accept') & (1 << stripe)) !== 0)
      expect(children.length).toBeLessThanOrEqual(4)
    }
  })

  it('gives the only one who watches all stripes at once, and three of them what there is for each', () => {
    const alone = publisher().carrier('a').masks('a', { subscribe: ALL, uplinkKbps: 3_000 })
    expect(alone.said('a', 'accept')).toBe(ALL)
    // Fourteen slots, as two copies of the stream take.
    const peers = ['a', 'b', 'c']
    const shell = new EngineShell({ peer: 'publisher' }).linkUp(...peers)
    for (const peer of peers) shell.carrier(peer).masks(peer, { subscribe: ALL, uplinkKbps: 3_000 })
    expect(peers.map(peer => stripesOf(shell, peer))).toEqual([5, 5, 4])
  })

  it('tells few neighbors again what it refused them in a rush', () => {
    const peers = ['a', 'b', 'c', 'd']
    const shell = publisher(5_000_000)
      .linkUp(...peers)
      .carrier('a')
    shell.advance(50).masks('a', { subscribe: ALL, uplinkKbps: 3_000 })
    expect(stripesOf(shell, 'a')).toBe(5)
    shell.effects.length = 0
    shell.advance(700)
    const [told] = shell.all('sendInfo').filter(({ to }) => to === 'a')
    expect(told?.info.open).toBe(ALL)
    shell.masks('a', { subscribe: ALL, uplinkKbps: 3_000 })
    expect(stripesOf(shell, 'a')).toBe(3)
  })

  it('has formed its trees when all who carry the stream have all stripes', () => {
    const shell = publisher().linkUp('a', 'b')
    expect(shell.engine.isFormed).toBe(true)
    shell.carrier('a').carrier('b', infoOf({ stripes: [] }))
    expect(shell.engine.isFormed).toBe(false)
    shell.tell({ type: 'info', from: 'b', info: infoOf() })
    expect(shell.engine.isFormed).toBe(true)
  })

  it('of whose uplink nothing is known keeps a slot for each stripe that nobody has yet', () => {
    // Fourteen slots, as two copies of the stream take.
    const shell = new EngineShell({ peer: 'publisher' })
    const early = Array.from({ length: 4 }, (_, i) => `early ${i}`)
    for (const peer of early)
      shell.carrier(peer).advance(600).masks(peer, { subscribe: 0b1111, uplinkKbps: 3_000 })
    shell.carrier('late').advance(600).masks('late', { subscribe: ALL, uplinkKbps: 3_000 })
    expect(shell.said('late', 'accept') & 0b1111_0000).toBe(0b1111_0000)
  })

  /** A publisher with eight slots, of which one of the weak ones has given up its own for a stronger child. */
  function publisherAndLoser(): { shell: EngineShell; loser: string } {
    const shell = publisher(2_300_000)
    const weak = Array.from({ length: 9 }, (_, i) => `w${i}`)
    for (const [i, peer] of weak.entries())
      shell.carrier(peer).masks(peer, { subscribe: 1 << (i % 8), uplinkKbps: 500 })
    shell.advance(3_000)
    for (const peer of weak) shell.masks(peer, { subscribe: 1 << (weak.indexOf(peer) % 8), uplinkKbps: 500 })
    shell.carrier('strong').masks('strong', { subscribe: 0b1, uplinkKbps: 3_000 })
    expect(shell.said('strong', 'accept')).toBe(0b1)
    const loser = weak.find(peer => shell.said(peer, 'revoke') !== 0) as string
    expect(loser).toBeDefined()
    shell.effects.length = 0
    return { shell, loser }
  }

  it('lets a weak child go for a stronger one, and pushes to it until it has found another', () => {
    const { shell, loser } = publisherAndLoser()
    const fragments = fragmentsOf(16)
    shell.publish(...fragments.slice(0, 8))
    expect(shell.sent).toContain('strong 8')
    expect(shell.sent.some(text => text.startsWith(`${loser} `))).toBe(true)
    shell.masks(loser, { unsubscribe: ALL })
    shell.effects.length = 0
    shell.publish(...fragments.slice(8))
    expect(shell.sent.some(text => text.startsWith(`${loser} `))).toBe(false)
  })

  it('pushes to a child that gives way no longer than a quarter of a second, since its uplink is full', () => {
    const { shell, loser } = publisherAndLoser()
    shell.advance(200)
    expect(shell.said(loser, 'refuse')).toBe(0)
    shell.advance(200)
    expect(shell.said(loser, 'refuse')).not.toBe(0)
    shell.publish(...fragmentsOf(8))
    expect(shell.sent.some(text => text.startsWith(`${loser} `))).toBe(false)
  })

  it('pushes what comes before the fragment that another parent began with, and no more', () => {
    const shell = publisher().carrier('a').masks('a', { subscribe: 0b10, uplinkKbps: 3_000 })
    const fragments = fragmentsOf(30)
    shell.publish(...fragments.slice(0, 3)).masks('a', { unsubscribe: 0b10, until: 16 })
    shell.publish(...fragments.slice(3))
    expect(shell.sent).toEqual(['a 1', 'a 9'])
  })

  it('pushes no longer to a child that says again and again that it has moved', () => {
    const shell = publisher().carrier('a').masks('a', { subscribe: ALL, uplinkKbps: 3_000 })
    const fragments = fragmentsOf(24)
    const move = { unsubscribe: ALL, until: 2 ** 40 }
    shell
      .publish(...fragments.slice(0, 8))
      .masks('a', move)
      .advance(1_500)
    shell.masks('a', move).advance(700).masks('a', move)
    shell.effects.length = 0
    shell.publish(...fragments.slice(8))
    expect(shell.sent).toEqual([])
  })

  it('keeps little ahead at the network, and sends the oldest of what waits', () => {
    const shell = publisher().carrier('a').advance(1_000).masks('a', { subscribe: ALL, uplinkKbps: 9_000 })
    shell.slow.add('a')
    shell.publish(...fragmentsOf(8, 6_000))
    expect(shell.sent).toEqual(['a 1'])
    shell.tell({ type: 'sent', to: 'a', number: 1 })
    expect(shell.sent).toEqual(['a 1', 'a 2'])
  })

  it('takes its slots from a child that takes nothing while others do', () => {
    const shell = publisher().carrier('a').carrier('slow')
    shell
      .masks('a', { subscribe: 0b10, uplinkKbps: 3_000 })
      .masks('slow', { subscribe: 0b10, uplinkKbps: 3_000 })
    shell.slow.add('slow')
    const fragments = fragmentsOf(40, 6_000)
    for (const fragment of fragments) {
      shell.publish(fragment).advance(100)
      for (const peer of ['a', 'slow']) shell.masks(peer, { subscribe: 0b10, uplinkKbps: 3_000 })
    }
    const lateMs = shell
      .all('sendFragment')
      .filter(({ to }) => to === 'a')
      .map(({ atMs, fragment }) => atMs - 1_000_000 - 100 * (fragment.number - 1))
    expect(lateMs).toHaveLength(5)
    expect(Math.max(...lateMs)).toBeLessThanOrEqual(200)
    expect(shell.said('slow', 'refuse')).toBe(0b10)
    expect(shell.said('a', 'refuse')).toBe(0)
  })

  it('forgets a child that has not been heard of', () => {
    const shell = publisher().carrier('a').masks('a', { subscribe: 0b10, uplinkKbps: 3_000 }).advance(4_000)
    shell.publish(...fragmentsOf(9))
    expect(shell.sent).toEqual([])
  })

  it('says goodbye to who carries the stream, and is silent then', () => {
    const shell = publisher().carrier('a')
    shell.effects.length = 0
    shell.tell({ type: 'close' })
    expect(shell.take('sendInfo').map(({ to, info }) => [to, info.isLeaving])).toEqual([['a', true]])
    shell.publish(endOf(1)).advance(5_000)
    expect(shell.effects).toEqual([])
  })
})
