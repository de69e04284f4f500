import { describe, expect, it } from 'vitest'
import { RangeSet } from '../../../src/core/replication/range-set.ts'
import type { SetChange } from '../../../src/core/replication/replication-engine.ts'
import { ToldSet } from '../../../src/core/replication/told-set.ts'
import { seededRandom } from '../../../src/shared/seeded-random.ts'
import { MAX_RANGES } from '../../../src/wire/limits.ts'
import { EngineShell, removing } from './engine-shell.ts'

const plain = ({ isWhole, added, removed }: SetChange): unknown => ({
  isWhole,
  added: [...added],
  removed: [...removed]
})

/** What a neighbor was told of a set, in order. */
function told(shell: EngineShell, type: 'sendHave' | 'sendWant', peer: string): unknown[] {
  return shell
    .all(type)
    .filter(({ to }) => to === peer)
    .map(({ change }) => plain(change))
}

const whole = (...added: [number, number][]): unknown => ({ isWhole: true, added, removed: [] })
const more = (...added: [number, number][]): unknown => ({ isWhole: false, added, removed: [] })

describe('neighbors are told', () => {
  it('what there is when they come, at once; nothing when there is nothing', () => {
    const shell = new EngineShell().linkUp('a')
    expect(shell.all('sendHave').length + shell.all('sendWant').length).toBe(0)
    shell.have(0, 9).want(20, 29).linkUp('b')
    expect(told(shell, 'sendHave', 'b')).toEqual([whole([0, 9])])
    expect(told(shell, 'sendWant', 'b')).toEqual([whole([20, 29])])
  })

  it('of changes together, after 20 ms and then four times a second at most', () => {
    const shell = new EngineShell().linkUp('a').wants('a', [0, 99]).have(0).have(5).advance(19)
    expect(shell.all('sendHave')).toEqual([])
    shell.advance(1)
    expect(told(shell, 'sendHave', 'a')).toEqual([more([0, 0], [5, 5])])
    for (let i = 10; i < 100; i++) shell.have(i).advance(10)
    expect(shell.all('sendHave').length).toBe(1 + 3)
  })

  it('of what there is no more', () => {
    const shell = new EngineShell().linkUp('a').wants('a', [0, 99]).have(0, 9).advance(500)
    shell.tell({ type: 'removeHave', start: 3, end: 3 }).have(20).have(22).advance(500)
    expect(told(shell, 'sendHave', 'a').at(-1)).toEqual({
      isWhole: false,
      added: [
        [20, 20],
        [22, 22]
      ],
      removed: [[3, 3]]
    })
    shell.tell({ type: 'removeHave', start: 0, end: 99 }).advance(500)
    expect(told(shell, 'sendHave', 'a').at(-1)).toEqual(whole())
  })

  it('of what one has only when they want something; then all of it', () => {
    const shell = new EngineShell().linkUp('a', 'b').wants('b', [50, 50])
    shell.have(0, 9).advance(1_000).have(20, 29).advance(1_000)
    expect(told(shell, 'sendHave', 'a')).toEqual([])
    expect(told(shell, 'sendHave', 'b').length).toBe(2)
    shell.wants('a', [0, 99]).advance(1_000)
    expect(told(shell, 'sendHave', 'a')).toEqual([whole([0, 9], [20, 29])])
    shell.have(40).advance(1_000)
    expect(told(shell, 'sendHave', 'a').at(-1)).toEqual(more([40, 40]))
    // What it has, it does not want; and what it no longer wants neither.
    shell.has('a', [0, 98]).tell({ type: 'want', from: 'a', change: removing([99, 99]) })
    shell.have(60).advance(1_000)
    expect(told(shell, 'sendHave', 'a').length).toBe(2)
  })

  it('all, when they begin to listen later; and are asked for all over a link that was there before', () => {
    const shell = new EngineShell().have(0, 9).want(20).linkUp('a')
    shell.effects.length = 0
    shell.tell({ type: 'have', from: 'a', change: removing(), asks: true }).advance(300)
    expect(told(shell, 'sendHave', 'a')).toEqual([whole([0, 9])])
    expect(told(shell, 'sendWant', 'a')).toEqual([whole([20, 20])])
    shell.tell({ type: 'linkUp', peer: 'b', isStanding: true })
    expect(shell.all('sendHave').at(-1)).toMatchObject({ to: 'b', asks: true })
    expect(shell.all('sendHave').filter(({ asks }) => asks).length).toBe(1)
  })

  it('what is wanted, and that nothing is any more; not that what has come is wanted no longer', () => {
    const shell = new EngineShell().linkUp('a').has('a', [0, 9]).want(0, 1).advance(300)
    expect(told(shell, 'sendWant', 'a')).toEqual([more([0, 1])])
    const first = shell.all('sendRequest')[0]?.index ?? Number.NaN
    shell.object('a', first).have(first).advance(300)
    expect(told(shell, 'sendWant', 'a').length).toBe(1)
    shell
      .object('a', 1 - first)
      .have(1 - first)
      .advance(300)
    expect(told(shell, 'sendWant', 'a').at(-1)).toEqual(whole())
    shell.want(5, 7).advance(300).tell({ type: 'removeWant', start: 6, end: 6 }).advance(300)
    expect(told(shell, 'sendWant', 'a').at(-1)).toEqual({ isWhole: false, added: [], removed: [[6, 6]] })
  })
})

describe('a namespace that is left', () => {
  it('is told as empty at once; requests are cancelled and denied', () => {
    const shell = new EngineShell().linkUp('a').have(0, 9).want(20, 29).has('a', [20, 29])
    shell.request('a', 1, 2, 3)
    const asked = shell.take('sendRequest')[0]?.index
    shell.tell({ type: 'close' })
    expect(told(shell, 'sendHave', 'a')).toEqual([whole()])
    expect(told(shell, 'sendWant', 'a')).toEqual([whole()])
    expect(shell.all('sendCancel')).toMatchObject([{ to: 'a', index: asked }])
    expect(shell.all('sendDenial')).toMatchObject([{ to: 'a', index: 3 }])
  })
})

describe('a source that wants nothing', () => {
  it('is told what one has got, for as long as something is wanted of it', () => {
    const shell = new EngineShell().linkUp('source', 'idle').has('source', [0, 9]).want(0, 1)
    shell.advance(1_000).object('source', 0).have(0).advance(1_000)
    expect(told(shell, 'sendHave', 'source')).toEqual([more([0, 0])])
    expect(told(shell, 'sendHave', 'idle')).toEqual([])
    shell.effects.length = 0
    shell.object('source', 1).have(1).advance(1_000)
    expect(told(shell, 'sendHave', 'source')).toEqual([])
  })
})

describe('ToldSet', () => {
  it('tells 4,096 ranges at most, and the rest once there is room', () => {
    const set = new ToldSet()
    for (let i = 0; i < 6_000; i++) set.add(2 * i, 2 * i)
    const change = set.takeChange()
    expect(change.added.ranges).toBe(MAX_RANGES)
    expect(set.all.count).toBe(6_000)
    // It grows together.
    set.add(0, 3_000)
    const next = set.takeChange()
    expect(set.told.ranges).toBe(MAX_RANGES)
    expect(set.told.count).toBe(3_001 + MAX_RANGES - 1)
    expect(next.added.ranges + next.removed.ranges).toBeLessThanOrEqual(MAX_RANGES)
  })

  it('takes back the shortest range when one falls in two beyond the bound', () => {
    const set = new ToldSet()
    set.add(0, 9)
    for (let i = 0; i < MAX_RANGES - 1; i++) set.add(100 + 5 * i, 100 + 5 * i + (i === 7 ? 0 : 2))
    set.takeChange()
    set.remove(5, 5)
    expect(plain(set.takeChange())).toEqual({
      isWhole: false,
      added: [],
      removed: [
        [5, 5],
        [135, 135]
      ]
    })
    expect(set.told.ranges).toBe(MAX_RANGES)
  })

  it('tells what makes the same set at a neighbor, whatever the changes', () => {
    const random = seededRandom(5)
    const set = new ToldSet()
    const there = new RangeSet()
    for (let round = 0; round < 300; round++) {
      for (let i = 0; i < 60; i++) {
        const start = Math.floor(random() * 30_000)
        const end = start + Math.floor(random() * 3)
        if (random() < 0.8) set.add(start, end)
        else set.remove(start, end + 2)
      }
      const { isWhole, added, removed } = set.takeChange()
      expect(added.ranges + removed.ranges).toBeLessThanOrEqual(MAX_RANGES)
      if (isWhole) there.clear()
      there.removeAll(removed)
      there.addAll(added)
      expect([...there]).toEqual([...set.told])
      expect(there.ranges).toBeLessThanOrEqual(MAX_RANGES)
      expect(there.minus(set.all).isEmpty).toBe(true)
    }
  })
})
