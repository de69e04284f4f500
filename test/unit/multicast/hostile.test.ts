import { describe, expect, it } from 'vitest'
import { decodeControl, encodeControl } from '../../../src/core/multicast/control-codec.ts'
import { StripeEngine } from '../../../src/core/multicast/stripe-engine.ts'
import { seededRandom } from '../../../src/shared/seeded-random.ts'
import {
  MAX_KEPT_FRAGMENTS,
  MAX_PULLED_FRAGMENTS,
  MAX_STREAM_PATH,
  MAX_UNVERIFIED_FRAGMENTS
} from '../../../src/wire/limits.ts'
import { EngineShell, infoOf } from './engine-shell.ts'
import { fragmentsOf } from './stream.ts'

const ALL = 0xff

describe('an engine among neighbors that do not keep to the rules', () => {
  it('moves no window for a map of fragments that nobody has signed', () => {
    const shell = new EngineShell().carrier('a').masks('a', { accept: ALL })
    shell.fragments('a', ...fragmentsOf(10)).has('liar', 10)
    shell
      .carrier('liar', infoOf({ stripes: [] }))
      .has('liar', 2 ** 50, 2 ** 50)
      .advance(30_000)
    expect(shell.all('skip')).toEqual([])
    shell.fragments('a', ...fragmentsOf(MAX_UNVERIFIED_FRAGMENTS + 20).slice(-5))
    expect(shell.delivered.slice(-1)).toEqual([MAX_UNVERIFIED_FRAGMENTS + 20])
    expect(shell.engine.kept.places).toBeLessThanOrEqual(MAX_KEPT_FRAGMENTS)
  })

  it('asks nobody but the liar for fragments that a map invents, and takes the true ones when they come', () => {
    const shell = new EngineShell().carrier('a', infoOf({ delayMs: 100 })).masks('a', { accept: ALL })
    shell.carrier('b', infoOf({ delayMs: 100, open: 0 })).carrier('liar', infoOf({ stripes: [] }))
    const fragments = fragmentsOf(300)
    shell
      .fragments('a', ...fragments.slice(0, 10))
      .has('b', 10)
      .has('liar', 2 ** 40)
    shell.effects.length = 0
    // Nobody says anything for longer than what is missing is waited for.
    shell.advance(12_000)
    expect(new Set(shell.all('sendPull').map(({ to }) => to))).toEqual(new Set(['liar']))
    shell.fragments('b', ...fragments.slice(10))
    expect(shell.delivered.slice(-290)).toEqual(Array.from({ length: 290 }, (_, i) => i + 11))
  })

  it('waits as long for what a map told of before it existed as for anything else, and keeps it', () => {
    const shell = new EngineShell().carrier('a').masks('a', { accept: ALL })
    const [fragments, lie] = [fragmentsOf(20), { low: 1, bits: new Uint8Array(0), keyframe: 1 }]
    shell.fragments('a', ...fragments.slice(0, 10)).carrier('liar', infoOf({ stripes: [] }))
    shell.tell({ type: 'map', from: 'liar', map: { ...lie, base: 2 ** 40 }, queueMs: 0 }).advance(12_000)
    shell.fragments('a', ...fragments.slice(11, 12)).advance(150)
    expect(shell.all('skip')).toEqual([])
    shell.fragments('a', ...fragments.slice(10, 11)).advance(150)
    expect(shell.delivered.slice(-2)).toEqual([12, 11])
    const maps = shell.all('sendMap')
    expect(maps.at(-1)?.map).toMatchObject({ base: 12 })
    expect(maps.at(-1)?.map.low).toBeLessThanOrEqual(11)
  })

  it('tells nothing to a publisher of its own stream', () => {
    const shell = new EngineShell({ peer: 'publisher' }).carrier('liar')
    const fragments = fragmentsOf(20)
    shell.publish(...fragments.slice(0, 10)).has('liar', 2 ** 40)
    shell
      .advance(12_000)
      .publish(...fragments.slice(10))
      .advance(300)
    expect(shell.all('sendPull')).toEqual([])
    expect(shell.all('sendMap').at(-1)?.map).toMatchObject({ base: 20 })
    expect(shell.all('sendMap').at(-1)?.map.low).toBeLessThanOrEqual(11)
  })

  it('does not keep a newcomer from what is true', () => {
    const shell = new EngineShell().carrier('liar', infoOf({ stripes: [] })).carrier('a')
    const fragments = fragmentsOf(200)
    shell.has('liar', 2 ** 40, 1).masks('a', { accept: ALL })
    shell
      .fragments('a', ...fragments.slice(40, 50))
      .has('liar', 2 ** 40, 1)
      .advance(6_000)
    shell.fragments('a', ...fragments.slice(50, 200))
    expect(shell.delivered.slice(-150)).toEqual(Array.from({ length: 150 }, (_, i) => i + 51))
  })

  it('does not begin with a keyframe that a map invents', () => {
    const shell = new EngineShell().carrier('liar').has('liar', 2 ** 40, 2 ** 40 - 10)
    shell
      .carrier('a')
      .masks('a', { accept: ALL })
      .fragments('a', ...fragmentsOf(3))
    expect(shell.all('start').map(({ number }) => number)).toEqual([1])
  })

  it('keeps a bounded number of requests, and denies what is beyond', () => {
    const shell = new EngineShell({ peer: 'publisher' }).carrier('a').publish(...fragmentsOf(500))
    shell.slow.add('a')
    for (let at = 0; at < 500; at += MAX_PULLED_FRAGMENTS) {
      const numbers = Array.from({ length: MAX_PULLED_FRAGMENTS }, (_, i) => at + i + 1)
      shell.tell({ type: 'pull', from: 'a', numbers })
    }
    expect(shell.engine.kept.pulls).toBeLessThanOrEqual(MAX_PULLED_FRAGMENTS)
    const denied = shell.all('sendDenial').flatMap(({ numbers }) => numbers)
    expect(denied.length).toBeGreaterThan(400)
  })

  it('asks for no more and no more while nothing comes, whatever keyframes maps invent', () => {
    const shell = new EngineShell().carrier('liar')
    for (let number = 1; number < 50_000; number += 10) {
      shell.has('liar', number + 5, number)
      shell.tell({
        type: 'denial',
        from: 'liar',
        numbers: [number, number + 1, number + 2],
        reason: 'absent'
      })
    }
    expect(shell.engine.kept.pulling).toBeLessThanOrEqual(MAX_UNVERIFIED_FRAGMENTS)
  })

  it('leaves a parent that pushes nothing but what it was too far to verify', () => {
    const shell = new EngineShell().carrier('a').masks('a', { accept: ALL })
    const fragments = fragmentsOf(400)
    shell.fragments('a', ...fragments.slice(0, 8))
    // As the shell gives it: nobody has looked at its signature.
    const far = { ...(fragments[8] as (typeof fragments)[0]), number: 2 ** 40 }
    expect(shell.engine.expects(far.number)).toBe(false)
    for (let stripe = 0; stripe < 8; stripe++) shell.fragments('a', { ...far, number: far.number + stripe })
    expect(shell.all('misbehavior').map(({ peer }) => peer)).toContain('a')
    shell.carrier('b').has('b', 300).advance(5_000)
    expect(shell.said('a', 'unsubscribe')).toBe(ALL)
  })

  it('tells what the bounds have passed over, so that whoever plays goes on', () => {
    const shell = new EngineShell().carrier('a').masks('a', { accept: ALL })
    const fragments = fragmentsOf(MAX_KEPT_FRAGMENTS + 500)
    shell.fragments('a', ...fragments.slice(0, 8))
    for (let at = 10; at < fragments.length; at += 500)
      shell.fragments('a', ...fragments.slice(at, at + 500)).advance(100)
    expect(
      shell
        .all('skip')
        .map(({ number }) => number)
        .at(-1)
    ).toBeGreaterThan(10)
  })

  it('says so when somebody keeps pushing what nobody has asked for', () => {
    const shell = new EngineShell()
      .carrier('a')
      .masks('a', { accept: ALL })
      .carrier('b', infoOf({ stripes: [] }))
    const fragments = fragmentsOf(8)
    shell.fragments('a', ...fragments).advance(3_000)
    for (let round = 0; round < 40; round++) shell.fragments('b', ...fragments)
    expect(shell.all('misbehavior').map(({ peer }) => peer)).toEqual(['b'])
    // And says so again, also when it begins anew meanwhile.
    for (let round = 0; round < 64; round++) {
      if (round % 8 === 0) shell.tell({ type: 'info', from: 'b', info: infoOf({ stripes: [], asks: true }) })
      shell.fragments('b', ...fragments)
    }
    expect(shell.all('misbehavior').map(({ peer }) => peer)).toEqual(['b', 'b', 'b'])
  })

  it('cuts itself off from nobody for a parent that says it is as far from the publisher as can be', () => {
    const path = Array.from({ length: MAX_STREAM_PATH }, (_, i) => i)
    const far = new EngineShell().carrier('liar', infoOf({ path }))
    expect(far.said('liar', 'subscribe')).toBe(0)
    const near = new EngineShell().carrier('liar', infoOf({ path: path.slice(1) })).carrier('b')
    near.tell({ type: 'info', from: 'liar', info: infoOf({ path }) }).masks('liar', { accept: ALL })
    const noPeer = (): never => {
      throw new Error('No peer in there')
    }
    for (const info of [...near.all('sendInfo'), ...far.all('sendInfo')])
      expect(() => decodeControl(encodeControl(info, noPeer), 'me', 8, noPeer)).not.toThrow()
  })

  it('leaves a parent that pushes nothing but what was there long since', () => {
    const shell = new EngineShell().carrier('liar').masks('liar', { accept: ALL })
    const fragments = fragmentsOf(200)
    shell.fragments('liar', ...fragments.slice(0, 8)).carrier('b')
    for (let second = 1; second < 10; second++)
      shell
        .has('b', 8 + 20 * second)
        .fragments('liar', ...fragments.slice(0, 8))
        .advance(1_000)
    expect(shell.said('liar', 'unsubscribe')).toBe(ALL)
  })

  it('gives up nothing of a nearly full store for a map of fragments that nobody has signed', () => {
    const shell = new EngineShell().carrier('a').masks('a', { accept: ALL })
    const fragments = fragmentsOf(MAX_KEPT_FRAGMENTS - 100)
    shell.fragments('a', ...fragments.filter(({ number }) => number !== 10))
    shell.carrier('liar', infoOf({ stripes: [] })).has('liar', 2 ** 40)
    expect(shell.all('skip')).toEqual([])
    shell.fragments('a', ...fragments.filter(({ number }) => number === 10))
    expect(shell.delivered.at(-1)).toBe(10)
  })

  it('answers who asks for members once a second', () => {
    const shell = new EngineShell().carrier('a').carrier('b')
    const ask = { type: 'peers', from: 'a', asks: true, peers: [] } as const
    shell.tell(ask, ask, ask).advance(1_100).tell(ask)
    expect(shell.all('sendPeers').map(({ to, peers }) => [to, ...peers])).toEqual([
      ['a', 'b'],
      ['a', 'b']
    ])
  })

  it('forgets all about a neighbor that goes, whatever was between them', () => {
    const shell = new EngineShell({ peer: 'publisher' })
      .carrier('a')
      .masks('a', { subscribe: ALL, uplinkKbps: 9_000 })
    shell.slow.add('a')
    shell.publish(...fragmentsOf(60, 6_000)).tell({ type: 'pull', from: 'a', numbers: [1, 2, 3] })
    shell.tell({ type: 'linkDown', peer: 'a' })
    expect(shell.engine.kept.pushes).toBe(0)
    expect(shell.engine.kept.pulls).toBe(0)
    expect(shell.engine.insight.used).toBe(0)
  })

  it('makes its publisher wait no longer when a viewer who took little has gone', () => {
    const shell = new EngineShell({ peer: 'publisher' })
      .carrier('a')
      .masks('a', { subscribe: ALL, uplinkKbps: 9_000 })
    shell.slow.add('a')
    shell.publish(...fragmentsOf(2, 6_000)).advance(3_000)
    for (const { to, fragment } of shell.all('sendFragment'))
      shell.tell({ type: 'sent', to, number: fragment.number })
    expect(shell.engine.insight.waitMs).toBeGreaterThan(200)
    shell.tell({ type: 'linkDown', peer: 'a' }).advance(2_000)
    expect(shell.engine.insight.waitMs).toBe(0)
  })

  it('survives anything in any order', () => {
    const random = seededRandom(11)
    const pick = (most: number): number => Math.floor(random() * most)
    const engine = new StripeEngine({ peer: 'me', publisher: 'p', random })
    const fragments = fragmentsOf(300, 50, 40)
    const peers = ['a', 'b', 'c', 'p']
    let nowMs = 5
    for (let i = 0; i < 20_000; i++) {
      nowMs += pick(20)
      const from = peers[pick(4)] as string
      const mask = pick(256)
      const numbers = Array.from({ length: 1 + pick(64) }, (_, at) => pick(200) + at)
      const kind = pick(12)
      if (kind === 0) engine.handle({ type: 'linkUp', peer: from, rttMs: pick(300) }, nowMs)
      else if (kind === 1 && pick(4) === 0) engine.handle({ type: 'linkDown', peer: from }, nowMs)
      else if (kind === 2) {
        const info = infoOf({
          asks: pick(9) === 0,
          isLeaving: pick(20) === 0,
          free: pick(9),
          delayMs: pick(900)
        })
        engine.handle({ type: 'info', from, info }, nowMs)
      } else if (kind === 3) {
        const map = {
          low: pick(50),
          base: pick(300),
          bits: Uint8Array.of(pick(256), pick(256)),
          keyframe: pick(300)
        }
        engine.handle({ type: 'map', from, map, queueMs: pick(500) }, nowMs)
      } else if (kind === 4) {
        const [subscribe, unsubscribe, accept, refuse, revoke] = [0, 1, 2, 3, 4].map(
          () => mask & pick(256)
        ) as [number, number, number, number, number]
        const masks = {
          subscribe,
          unsubscribe,
          until: pick(300),
          accept,
          refuse,
          revoke,
          uplinkKbps: pick(9_000),
          interior: mask
        }
        engine.handle({ type: 'stripes', from, masks }, nowMs)
      } else if (kind === 5) engine.handle({ type: 'pull', from, numbers }, nowMs)
      else if (kind === 6) engine.handle({ type: 'denial', from, numbers, reason: 'busy' }, nowMs)
      else if (kind === 7) engine.handle({ type: 'timer' }, nowMs)
      else if (kind === 8) engine.handle({ type: 'sent', to: from, number: pick(300) }, nowMs)
      else
        engine.handle(
          { type: 'fragment', from, fragment: fragments[pick(300)] as (typeof fragments)[0] },
          nowMs
        )
      expect(engine.insight.used).toBeGreaterThanOrEqual(0)
    }
    expect(engine.kept.pulls).toBeLessThanOrEqual(4 * MAX_PULLED_FRAGMENTS)
    for (const peer of peers) engine.handle({ type: 'linkDown', peer }, nowMs)
    expect(engine.insight).toMatchObject({ used: 0, carrying: 0 })
    expect(engine.kept).toMatchObject({ pushes: 0, pulls: 0 })
  })
})
