import { expect, it } from 'vitest'
import { TokenBucket } from '../../../src/shared/token-bucket.ts'

it('TokenBucket lets through as many at once as it holds, then as many as flow back', () => {
  const bucket = new TokenBucket(3, 2)
  const taken = (nowMs: number): number => {
    let count = 0
    while (bucket.take(nowMs)) count += 1
    return count
  }
  expect(taken(1_000)).toBe(3)
  expect(taken(1_400)).toBe(0)
  expect(taken(1_600)).toBe(1)
  expect(taken(3_000)).toBe(3)
  expect(taken(60_000)).toBe(3)
  // A clock that was set back.
  expect(taken(0)).toBe(0)
  expect(taken(1_000)).toBe(2)
})
