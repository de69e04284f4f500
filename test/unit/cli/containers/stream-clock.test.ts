import { expect, test } from 'vitest'
import { StreamClock } from '../../../../src/cli/containers/stream-clock.ts'

test('a time that is none does not stop it for good', () => {
  const clock = new StreamClock()
  for (const us of [1_000, Number.NaN, Number.POSITIVE_INFINITY, 41_000]) clock.tell(us)
  expect(clock.nowUs).toBe(40_000)
})
