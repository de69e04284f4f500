import { describe, expect, it } from 'vitest'
import { ExpiringSet } from '../../../src/shared/expiring-set.ts'

describe('ExpiringSet', () => {
  it('holds what was added, up to its lifetime and not longer', () => {
    const set = new ExpiringSet(1_000, 10)
    set.add('a', 5_000)
    expect(set.has('a', 5_000)).toBe(true)
    expect(set.has('a', 5_999)).toBe(true)
    expect(set.has('a', 6_000)).toBe(false)
    expect(set.has('b', 5_000)).toBe(false)
  })

  it('counts the lifetime anew when something is added again', () => {
    const set = new ExpiringSet(1_000, 10)
    set.add('a', 0)
    set.add('a', 900)
    expect(set.has('a', 1_500)).toBe(true)
    expect(set.size).toBe(1)
  })

  it('forgets the oldest when it is full, and what was added again is young', () => {
    const set = new ExpiringSet(1_000, 2)
    set.add('a', 0)
    set.add('b', 1)
    set.add('a', 2)
    set.add('c', 3)
    expect([set.has('a', 3), set.has('b', 3), set.has('c', 3)]).toEqual([true, false, true])
    expect(set.size).toBe(2)
  })

  it('lets go of what has expired, so that it does not grow', () => {
    const set = new ExpiringSet(1_000, 1_000)
    for (let i = 0; i < 100; i++) set.add(`${i}`, i)
    set.add('new', 5_000)
    expect(set.size).toBe(1)
  })
})
