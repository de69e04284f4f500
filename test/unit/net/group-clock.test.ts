import { describe, expect, it } from 'vitest'
import { GroupClock } from '../../../src/net/group-clock.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

function clockAfter(...updates: number[][]): { correctionMs: number; told: number[] } {
  const clock = new VirtualClock()
  const told: number[] = []
  const group = new GroupClock(clock, offsetMs => told.push(offsetMs))
  for (const offsets of updates) group.update(offsets)
  return { correctionMs: group.now() - clock.now(), told }
}

describe('GroupClock', () => {
  it('is the own clock without neighbors', () => {
    expect(clockAfter()).toEqual({ correctionMs: 0, told: [] })
    expect(clockAfter([])).toEqual({ correctionMs: 0, told: [] })
  })

  it('is the own clock up to a difference of exactly 30 s, either way', () => {
    expect(clockAfter([30_000]).correctionMs).toBe(0)
    expect(clockAfter([-30_000]).correctionMs).toBe(0)
    expect(clockAfter([30_001]).correctionMs).toBe(30_001)
    expect(clockAfter([-30_001]).correctionMs).toBe(-30_001)
  })

  it('takes the median of the neighbors', () => {
    expect(clockAfter([90_000, 40_000, 50_000]).correctionMs).toBe(50_000)
    expect(clockAfter([0, 10_000_000, 1]).correctionMs).toBe(0)
  })

  it('of two in the middle takes the one nearer to its own clock, so that one liar of two does not move it', () => {
    expect(clockAfter([5_000_000, 100]).correctionMs).toBe(0)
    expect(clockAfter([-5_000_000, 100]).correctionMs).toBe(0)
    expect(clockAfter([60_000, 70_000]).correctionMs).toBe(60_000)
    expect(clockAfter([-60_000, -70_000]).correctionMs).toBe(-60_000)
  })

  it('tells a skew once', () => {
    expect(clockAfter([100], [40_000], [50_000], [0], [60_000]).told).toEqual([40_000])
  })

  it('goes back to its own clock when the difference is gone', () => {
    expect(clockAfter([40_000], [1_000]).correctionMs).toBe(0)
    expect(clockAfter([40_000], []).correctionMs).toBe(0)
  })

  it('goes on with the own clock', async () => {
    const clock = new VirtualClock()
    const group = new GroupClock(clock, () => {})
    group.update([40_000])
    const before = group.now()
    await clock.advance(1_234)
    expect(group.now() - before).toBe(1_234)
  })
})
