import { describe, expect, test } from 'vitest'
import { BytePace } from '../../../src/shared/byte-pace.ts'

describe('BytePace', () => {
  test('lets a quarter of a second through at once, and then so many per second', () => {
    const pace = new BytePace(1_000)
    expect(pace.room(0)).toBe(250)
    pace.spend(250, 0)
    expect(pace.waitMs(0)).toBeGreaterThan(0)
    expect(pace.room(100)).toBe(100)
    // After a rest no more than at first.
    expect(pace.room(60_000)).toBe(250)
  })

  test('lets what has begun go to its end, and waits for as long as it took', () => {
    const pace = new BytePace(1_000)
    pace.spend(2_250, 0)
    expect(pace.waitMs(0)).toBe(2_001)
    expect(pace.waitMs(1_999)).toBe(2)
    expect(pace.waitMs(2_001)).toBe(0)
  })

  test('keeps its pace in the long run, however it is asked', () => {
    for (const stepMs of [1, 7, 50, 1_000]) {
      const pace = new BytePace(100_000)
      let sent = 0
      for (let nowMs = 0; nowMs <= 60_000; nowMs += stepMs)
        while (pace.waitMs(nowMs) === 0) {
          pace.spend(4_096, nowMs)
          sent += 4_096
        }
      if (stepMs < 250) expect(sent / 60).toBeGreaterThan(98_000)
      expect(sent / 60).toBeLessThan(101_000)
    }
  })

  test('stands still when the clock goes back, and has no end when it has no limit', () => {
    const pace = new BytePace(1_000)
    pace.spend(250, 10_000)
    expect(pace.room(9_000)).toBe(0)
    const free = new BytePace(Number.POSITIVE_INFINITY)
    free.spend(1e12, 0)
    expect([free.room(0), free.waitMs(0)]).toEqual([Number.POSITIVE_INFINITY, 0])
  })
})
