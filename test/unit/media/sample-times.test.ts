import { expect, it } from 'vitest'
import { SampleTimes } from '../../../src/media/sample-times.ts'

it('SampleTimes gives pieces of 20 ms the times of the pieces of 10 ms that they were made of', () => {
  const times = new SampleTimes()
  expect(times.take(20_000)).toBeUndefined()
  for (let i = 0; i < 6; i++) times.put(5_000_000 + i * 10_000 + (i % 2) * 900, 10_000)
  expect([1, 2, 3].map(() => times.take(20_000))).toEqual([5_000_000, 5_020_000, 5_040_000])
})

it('SampleTimes notices that some sound is missing, which the encoder does not', () => {
  const times = new SampleTimes()
  for (const ms of [0, 10, 20, 230, 240, 250, 260, 100_000, 100_010]) times.put(ms * 1_000, 10_000)
  const taken = [1, 2, 3, 4].map(() => times.take(20_000))
  expect(taken).toEqual([0, 20_000, 240_000, 260_000])
  times.put(100_020_000, 10_000)
  expect(times.take(20_000)).toBe(100_010_000)
})
