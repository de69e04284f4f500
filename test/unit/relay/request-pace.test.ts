import { expect, test } from 'vitest'
import { RequestPace } from '../../../src/relay/request-pace.ts'

test('a peer may ask 256 times at once, then waits, then is refused; another one is not touched', () => {
  const pace = new RequestPace()
  const waits = Array.from({ length: 400 }, () => pace.next('a', 1_000))
  expect(waits.slice(0, 256).every(wait => wait === 0)).toBe(true)
  expect(waits.slice(256, 258)).toEqual([50, 100])
  expect(waits.filter(wait => wait === undefined)).toHaveLength(400 - 256 - 100)
  expect(pace.next('b', 1_000)).toBe(0)
})

test('20 requests per second pass for ever, and what is refused costs nothing', () => {
  const pace = new RequestPace()
  for (let i = 0; i < 1_000; i++) pace.next('a', 0)
  expect(pace.next('a', 0)).toBeUndefined()
  let nowMs = 20_000
  for (let i = 0; i < 1_000; i++, nowMs += 50) expect(pace.next('a', nowMs)).toBe(0)
})

test('who is forgotten begins anew, and only who has worked off is', () => {
  const pace = new RequestPace()
  for (let i = 0; i < 356; i++) pace.next('a', 0)
  pace.expire(10_000)
  expect(pace.next('a', 10_000)).toBe(0)
  for (let i = 0; i < 120; i++) pace.next('a', 10_000)
  pace.expire(10_000)
  expect(pace.next('a', 10_000)).toBeGreaterThan(0)
})
