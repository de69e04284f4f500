import { describe, expect, it } from 'vitest'
import type { Fragment } from '../../../src/core/multicast/fragment.ts'
import { peerDigest } from '../../../src/core/multicast/peer-digest.ts'
import { EngineShell, infoOf } from './engine-shell.ts'
import { endOf, fragmentsOf } from './stream.ts'

const ALL = 0xff

/** A player whose parent for all stripes is `a`. */
function fed(): EngineShell {
  return new EngineShell().carrier('a', infoOf({ delayMs: 100 })).masks('a', { accept: ALL })
}

/** The first hundred come, over more time than it takes to be no newcomer. */
function outgrow(shell: EngineShell, fragments: readonly Fragment[]): void {
  for (let at = 0; at < 100; at += 10) shell.fragments('a', ...fragments.slice(at, at + 10)).advance(500)
}

/** What it was asked for by number, of whom. */
function pulled(shell: EngineShell): string[] {
  return shell.all('sendPull').flatMap(({ to, numbers }) => numbers.map(number => `${to} ${number}`))
}

describe('a player', () => {
  it('asks the neighbor that promises a stripe with the least delay', () => {
    const shell = new EngineShell().linkUp('far', 'near')
    shell.tell({ type: 'info', from: 'far', info: infoOf({ delayMs: 300, stripes: [] }) })
    shell.tell({ type: 'info', from: 'near', info: infoOf({ delayMs: 100 }) })
    expect(shell.said('near', 'subscribe')).not.toBe(0)
    expect(shell.said('far', 'subscribe')).toBe(0)
  })

  it('asks nobody whose stripe comes through itself', () => {
    const shell = new EngineShell().carrier('below', infoOf({ path: [7, peerDigest('me')] })).advance(1_000)
    expect(shell.said('below', 'subscribe')).toBe(0)
  })

  it('begins with the keyframe, delivers each fragment once, and tells where it begins before', () => {
    const shell = fed()
    const fragments = fragmentsOf(6)
    shell.fragments('a', ...fragments.slice(3), ...fragments.slice(0, 5))
    expect(shell.all('start').map(({ number }) => number)).toEqual([1])
    expect(shell.delivered).toEqual([4, 5, 6, 1, 2, 3])
    const kinds = shell.effects.map(({ effect }) => effect.type)
    expect(kinds.indexOf('start')).toBeLessThan(kinds.indexOf('deliver'))
    expect(shell.engine.expects(6)).toBe(false)
    expect(shell.engine.expects(7)).toBe(true)
  })

  it('tells at once that it has found a parent, and that it has lost it', () => {
    const shell = fed()
      .carrier('b', infoOf({ stripes: [] }))
      .advance(1_000)
    shell.effects.length = 0
    shell.masks('a', { refuse: 0b100 })
    const [told] = shell.all('sendInfo').filter(({ to }) => to === 'b')
    expect(told?.info.stripes.map(({ stripe, delayMs }) => [stripe, delayMs])).toEqual([[2, undefined]])
  })

  it('keeps the parent that gives it up until another pushes, and tells it what is still to come', () => {
    const shell = fed()
    const fragments = fragmentsOf(64)
    shell
      .fragments('a', ...fragments.slice(0, 24))
      .carrier('b', infoOf({ delayMs: 100 }))
      .advance(200)
    shell.effects.length = 0
    shell.masks('a', { revoke: 0b10 }).advance(200)
    expect(shell.said('b', 'subscribe')).toBe(0b10)
    shell.masks('b', { accept: 0b10 })
    expect(shell.said('a', 'unsubscribe')).toBe(0)
    // 33 comes from the new one, before 25 has come from the old one.
    shell.fragments('b', fragments[32] as (typeof fragments)[0])
    const [left] = shell.all('sendStripes').filter(({ to, masks }) => to === 'a' && masks.unsubscribe !== 0)
    expect([left?.masks.unsubscribe, left?.masks.until]).toEqual([0b10, 32])
    shell.has('b', 33).advance(600)
    expect(pulled(shell)).not.toContain('b 25')
    shell.fragments('a', fragments[24] as (typeof fragments)[0])
    expect(shell.delivered.slice(-2)).toEqual([33, 25])
  })

  it('stays with its parent when the one that promised less delay pushes later', () => {
    const shell = fed().advance(4_000)
    const fragments = fragmentsOf(64)
    shell
      .fragments('a', ...fragments.slice(0, 24))
      .carrier('b', infoOf({ delayMs: 0 }))
      .advance(200)
    const mask = shell.said('b', 'subscribe')
    const stripe = 31 - Math.clz32(mask)
    expect(mask).toBe(1 << stripe)
    shell.masks('b', { accept: mask })
    const late = fragments.slice(0, 24).find(({ number }) => number % 8 === stripe && number > 8)
    shell.fragments('b', late as (typeof fragments)[0])
    expect(shell.said('b', 'unsubscribe')).toBe(mask)
    expect(shell.said('a', 'unsubscribe')).toBe(0)
  })

  it('leaves a parent that pushes nothing of what there is', () => {
    const shell = fed()
    shell.fragments('a', ...fragmentsOf(8)).advance(3_000)
    expect(shell.said('a', 'unsubscribe')).toBe(0)
    shell
      .carrier('b', infoOf({ stripes: [] }))
      .has('b', 60)
      .advance(3_000)
    expect(shell.said('a', 'unsubscribe')).toBe(ALL)
  })

  it('asks for a gap after the fetch period, of who has it, and elsewhere when that one does not answer', () => {
    const shell = fed()
      .carrier('b', infoOf({ stripes: [] }))
      .carrier('c', infoOf({ stripes: [] }))
    const fragments = fragmentsOf(200)
    outgrow(shell, fragments)
    shell.effects.length = 0
    shell
      .fragments('a', ...fragments.slice(101, 120))
      .has('b', 120)
      .has('c', 120)
      .advance(400)
    expect(pulled(shell)).toEqual([])
    shell.advance(200)
    expect(pulled(shell)).toHaveLength(1)
    const [first = ''] = pulled(shell)
    shell.tell({ type: 'denial', from: first.slice(0, 1), numbers: [101], reason: 'absent' }).advance(200)
    expect(new Set(pulled(shell))).toEqual(new Set(['b 101', 'c 101']))
    shell.fragments('b', fragments[100] as (typeof fragments)[0]).advance(3_000)
    expect(shell.delivered).toContain(101)
    expect(pulled(shell)).toHaveLength(2)
  })

  it('asks another when the quickest is late with an answer, and who was late longest ago when nobody else is left', () => {
    const shell = fed()
      .carrier('b', infoOf({ stripes: [] }))
      .carrier('c', infoOf({ stripes: [] }))
    const fragments = fragmentsOf(120)
    outgrow(shell, fragments)
    shell
      .fragments('a', ...fragments.slice(101))
      .has('b', 120)
      .has('c', 120)
      .tell({ type: 'info', from: 'b', info: infoOf({ stripes: [], queueMs: 50 }) })
    shell.effects.length = 0
    const askedNext = (): string[] => {
      for (let i = 0; i < 40 && pulled(shell).length === 0; i++) shell.advance(100)
      return pulled(shell)
    }
    const whom: string[] = []
    for (let time = 0; time < 3; time++) {
      whom.push(...askedNext())
      shell.effects.length = 0
    }
    expect(whom).toEqual(['c 101', 'b 101', 'c 101'])
  })

  it('asks who gets the stripe for what its map is too old to tell of, once it must be there', () => {
    const shell = fed().carrier('b', infoOf({ delayMs: 800, open: 0 }))
    const fragments = fragmentsOf(120)
    outgrow(shell, fragments)
    shell.has('b', 90).fragments('a', ...fragments.slice(101))
    shell.effects.length = 0
    shell.advance(800)
    expect(pulled(shell)).toEqual([])
    shell.advance(250)
    expect(pulled(shell)).toEqual(['b 101'])
  })

  it('asks first for what can still be in time, and then for what is late', () => {
    const shell = fed().carrier('b', infoOf({ stripes: [] }))
    const fragments = fragmentsOf(150)
    outgrow(shell, fragments)
    shell.fragments('a', ...fragments.slice(109, 130)).advance(1_500)
    shell.fragments('a', ...fragments.slice(139)).advance(700)
    shell.effects.length = 0
    shell.has('b', 150).advance(100)
    expect(pulled(shell)).toEqual([131, 132, 133, 134, 135, 136].map(number => `b ${number}`))
    for (let number = 131; number <= 139; number++)
      shell.fragments('b', fragments[number - 1] as (typeof fragments)[0]).advance(100)
    expect(pulled(shell)).toContain('b 101')
  })

  it('asks one neighbor in one frame for what is late and for what is not', () => {
    const shell = fed().carrier('b', infoOf({ stripes: [] }))
    const fragments = fragmentsOf(150)
    outgrow(shell, fragments)
    shell.fragments('a', ...fragments.slice(101, 130)).advance(1_500)
    shell.fragments('a', ...fragments.slice(131)).advance(700)
    shell.effects.length = 0
    shell.has('b', 150).advance(100)
    expect(shell.all('sendPull').map(({ to, numbers }) => ({ to, numbers }))).toEqual([
      { to: 'b', numbers: [101, 131] }
    ])
  })

  it('asks again who did not have yet what its map was too old to tell of, once the map does', () => {
    const shell = fed().carrier('b', infoOf({ delayMs: 100, open: 0 }))
    const fragments = fragmentsOf(120)
    outgrow(shell, fragments)
    shell.has('b', 90).fragments('a', ...fragments.slice(101))
    shell.effects.length = 0
    shell.advance(700)
    expect(pulled(shell)).toEqual(['b 101'])
    shell.tell({ type: 'denial', from: 'b', numbers: [101], reason: 'absent' }).advance(500)
    expect(pulled(shell)).toEqual(['b 101'])
    shell.has('b', 110).advance(200)
    expect(pulled(shell)).toEqual(['b 101', 'b 101'])
  })

  it('does not guess that who gets the stripe from here has what is missing here', () => {
    const shell = fed()
      .carrier('child', infoOf({ delayMs: 200, open: 0 }))
      .carrier('below', infoOf({ delayMs: 200, open: 0, path: [peerDigest('me')] }))
      .masks('child', { subscribe: ALL, uplinkKbps: 10_000 })
    const fragments = fragmentsOf(120)
    outgrow(shell, fragments)
    shell.masks('child', { subscribe: ALL, uplinkKbps: 10_000 }).fragments('a', ...fragments.slice(101))
    shell.effects.length = 0
    shell.advance(2_500)
    expect(pulled(shell)).toEqual([])
  })

  it('asks for nothing that nobody is said to have', () => {
    const shell = fed()
      .fragments('a', ...fragmentsOf(10))
      .advance(4_000)
    shell.effects.length = 0
    shell.advance(4_000)
    expect(pulled(shell)).toEqual([])
  })

  it('gives up what has been missing for longer than the window, and ends with the stream', () => {
    const shell = fed()
    const fragments = fragmentsOf(20)
    shell.fragments('a', ...fragments.filter(({ number }) => number !== 5), endOf(21))
    expect(shell.all('ended')).toEqual([])
    shell.advance(7_900)
    expect(shell.all('skip')).toEqual([])
    shell.advance(300)
    expect(shell.all('skip').map(({ number }) => number)).toEqual([6])
    expect(shell.all('ended')).toHaveLength(1)
    expect(shell.engine.expects(5)).toBe(false)
  })

  it('pushes on what was pushed to it, to its children alone, and not back', () => {
    const shell = fed().carrier('child', infoOf({ stripes: [] }))
    shell
      .masks('child', { subscribe: 0b10, uplinkKbps: 3_000 })
      .masks('a', { subscribe: 0b10, uplinkKbps: 3_000 })
    expect(shell.said('child', 'accept')).toBe(0b10)
    shell.fragments('a', ...fragmentsOf(10))
    expect(shell.sent).toEqual(['child 1', 'child 9'])
  })

  it('gives no stripe that it does not get itself', () => {
    const shell = new EngineShell().carrier('child', infoOf({ stripes: [] }))
    shell.masks('child', { subscribe: ALL, uplinkKbps: 3_000 })
    expect(shell.said('child', 'refuse')).toBe(ALL)
  })

  it('goes to the publisher when no neighbor carries the stream', () => {
    const shell = new EngineShell().linkUp('somebody').advance(500)
    expect(shell.all('link')).toEqual([])
    shell.advance(1_000)
    expect(shell.all('link').map(({ peer }) => peer)).toEqual(['publisher'])
  })

  it('asks neighbors for others when it lacks a stripe for long, and links to two of them', () => {
    const shell = new EngineShell().carrier('a', infoOf({ open: 0, free: 0 })).advance(3_000)
    expect(shell.all('sendPeers').map(({ to, asks }) => [to, asks])).toEqual([['a', true]])
    shell.tell({ type: 'peers', from: 'a', asks: false, peers: ['me', 'a', 'x', 'y', 'z'] })
    expect(shell.all('link').map(({ peer }) => peer)).toEqual(['x', 'y'])
  })
})
