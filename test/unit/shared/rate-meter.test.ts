import { describe, expect, it } from 'vitest'
import { RateMeter } from '../../../src/shared/rate-meter.ts'

describe('RateMeter', () => {
  it('tells nothing before anything went by', () => {
    expect(new RateMeter().rate(123_456)).toBe(0)
  })

  it('tells the bytes per second of a steady flow', () => {
    const meter = new RateMeter()
    for (let ms = 0; ms < 10_000; ms += 100) meter.add(100, ms)
    expect(meter.rate(9_999)).toBe(1_000)
  })

  it('means over 4 s: a burst counts a quarter per second, and is forgotten after that', () => {
    const meter = new RateMeter()
    meter.add(4_000, 10_000)
    expect(meter.rate(10_000)).toBe(1_000)
    expect(meter.rate(13_999)).toBe(1_000)
    expect(meter.rate(14_000)).toBe(0)
  })

  it('tells 0 after a silence, also when bytes went by in many buckets', () => {
    const meter = new RateMeter()
    for (let ms = 0; ms < 4_000; ms += 500) meter.add(1, ms)
    expect(meter.rate(60_000)).toBe(0)
  })
})
