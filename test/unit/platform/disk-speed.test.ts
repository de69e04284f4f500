import { describe, expect, test } from 'vitest'
import { DiskSpeed } from '../../../src/platform/files/disk-speed.ts'

describe('DiskSpeed', () => {
  let nowMs = 0
  const taking = (ms: number) => (): number => {
    nowMs += ms
    return ms
  }

  test('takes a disk for slow after one operation that took long, and tries it again after a while', () => {
    const speed = new DiskSpeed(() => nowMs)
    expect(speed.isFast).toBe(true)
    expect(speed.time(taking(10))).toBe(10)
    expect(speed.isFast).toBe(false)
    nowMs += 499
    expect(speed.isFast).toBe(false)
    nowMs += 1
    expect(speed.isFast).toBe(true)
  })

  test('does so when it fails, too', () => {
    const speed = new DiskSpeed(() => nowMs)
    const failing = (): void => {
      nowMs += 100
      throw new Error('EIO')
    }
    expect(() => speed.time(failing)).toThrow('EIO')
    expect(speed.isFast).toBe(false)
  })

  test('does not mind a pause of the process now and then, but when all operations are slow', () => {
    const speed = new DiskSpeed(() => nowMs)
    for (let i = 0; i < 1_000; i++) {
      speed.time(taking(i % 50 === 0 ? 5 : 0.02))
      speed.onPause()
    }
    expect(speed.isFast).toBe(true)
    for (let i = 0; i < 50; i++) speed.time(taking(1.5))
    expect(speed.isFast).toBe(false)
  })

  test('lets others have their turn after some operations in a row', () => {
    const speed = new DiskSpeed(() => nowMs)
    for (let i = 0; i < 64; i++) speed.time(taking(0.02))
    expect(speed.isFast).toBe(false)
    speed.onPause()
    expect(speed.isFast).toBe(true)
  })
})
