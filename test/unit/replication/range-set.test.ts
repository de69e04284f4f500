import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRange, MAX_INDEX, RangeSet } from '../../../src/core/replication/range-set.ts'

/** The indices that the model knows. */
const SIZE = 40

const range = fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)])
const ranges = fc.array(range, { maxLength: 25 })

/** Each index on its own. */
function modelOf(all: readonly (readonly number[])[]): Set<number> {
  const model = new Set<number>()
  for (const [start = 0, end = 0] of all) for (let i = start; i <= end; i++) model.add(i)
  return model
}

function setOf(all: readonly (readonly number[])[]): RangeSet {
  return RangeSet.of(...all.map(([start = 0, end = 0]) => [start, end] as const))
}

/** The same indices, and as few ranges as there can be. */
function expectSame(set: RangeSet, model: ReadonlySet<number>): void {
  const indices = [...model].sort((a, b) => a - b)
  expect([...set.indices()]).toEqual(indices)
  expect(set.count).toBe(indices.length)
  expect(set.isEmpty).toBe(indices.length === 0)
  expect(set.ranges).toBe(indices.filter(index => !model.has(index - 1)).length)
  expect([...set].length).toBe(set.ranges)
  for (let index = 0; index < SIZE; index++) expect(set.has(index)).toBe(model.has(index))
}

describe('RangeSet', () => {
  it('holds what a set of single indices holds, after any changes', () => {
    const change = fc.tuple(fc.boolean(), range)
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), changes => {
        const set = new RangeSet()
        const model = new Set<number>()
        for (const [isAdded, [start = 0, end = 0]] of changes) {
          if (isAdded) {
            const ranges = set.rangesWith(start, end)
            set.add(start, end)
            expect(set.ranges).toBe(ranges)
          } else set.remove(start, end)
          for (let i = start; i <= end; i++) isAdded ? model.add(i) : model.delete(i)
          expectSame(set, model)
        }
      })
    )
  })

  it('unites, intersects and subtracts like sets of single indices', () => {
    fc.assert(
      fc.property(ranges, ranges, (one, other) => {
        const [a, b] = [modelOf(one), modelOf(other)]
        const set = setOf(one)
        const second = setOf(other)
        expectSame(set.intersect(second), new Set([...a].filter(index => b.has(index))))
        expectSame(set.minus(second), new Set([...a].filter(index => !b.has(index))))
        const [more, less] = [set.copy(), set.copy()]
        more.addAll(second)
        less.removeAll(second)
        expectSame(more, new Set([...a, ...b]))
        expectSame(less, new Set([...a].filter(index => !b.has(index))))
        expectSame(set, a)
      })
    )
  })

  it('picks by position', () => {
    fc.assert(
      fc.property(ranges, all => {
        const set = setOf(all)
        const indices = [...set.indices()]
        expect(set.pick(indices.map((_, rank) => rank))).toEqual(indices)
        expect(set.pick([indices.length - 1].filter(rank => rank >= 0))).toEqual(indices.slice(-1))
      })
    )
  })

  it('keeps the longest ranges, and says what it has let go', () => {
    fc.assert(
      fc.property(ranges, fc.nat(5), (all, maxRanges) => {
        const set = setOf(all)
        const before = set.copy()
        const gone = set.keepLongest(maxRanges)
        expect(set.ranges).toBe(Math.min(maxRanges, before.ranges))
        expect(set.intersect(gone).isEmpty).toBe(true)
        const lengths = [...set].map(([start, end]) => end - start)
        for (const [start, end] of gone) expect(end - start).toBeLessThanOrEqual(Math.min(...lengths))
        set.addAll(gone)
        expect([...set]).toEqual([...before])
      })
    )
  })

  it('takes one entry for a range of any length, up to 2^53 − 1', () => {
    const set = RangeSet.of([0, MAX_INDEX])
    expect(set.ranges).toBe(1)
    expect(set.count).toBe(2 ** 53)
    set.remove(1_000_000, 1_000_000)
    set.remove(MAX_INDEX, MAX_INDEX)
    expect([...set]).toEqual([
      [0, 999_999],
      [1_000_001, MAX_INDEX - 1]
    ])
    set.add(MAX_INDEX, MAX_INDEX)
    expect([...set].at(-1)).toEqual([1_000_001, MAX_INDEX])
  })
})

describe('isRange()', () => {
  it('refuses what is no range', () => {
    expect(isRange(0, MAX_INDEX)).toBe(true)
    for (const [start, end] of [
      [2, 1],
      [-1, 1],
      [0.5, 1],
      [0, 1.5],
      [0, MAX_INDEX + 1],
      [0, Number.NaN],
      [Number.NEGATIVE_INFINITY, 0]
    ] as const)
      expect(isRange(start, end)).toBe(false)
  })
})
