import { describe, expect, it } from 'vitest'
import { untilFormed } from '../../../src/net/multicast/forming.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

/** When a stream begins, in ms: `isFormed` from so many on, `isClosed` too. */
async function beginsAfterMs({
  roundTripsMs,
  formedAfterMs = 0,
  closedAfterMs = Number.POSITIVE_INFINITY
}: {
  roundTripsMs: readonly (number | undefined)[]
  formedAfterMs?: number
  closedAfterMs?: number
}): Promise<number> {
  const clock = new VirtualClock()
  const startMs = clock.now()
  const sinceMs = (): number => clock.now() - startMs
  const carried = {
    get isFormed(): boolean {
      return sinceMs() >= formedAfterMs
    }
  }
  let begunMs: number | undefined
  void untilFormed(
    { host: { clock }, roundTripsMs } as never,
    carried as never,
    () => sinceMs() >= closedAfterMs
  ).then(() => {
    begunMs = sinceMs()
  })
  await new Promise(resolve => setImmediate(resolve))
  for (let i = 0; i < 500 && begunMs === undefined; i++) await clock.advance(10)
  return begunMs ?? Number.POSITIVE_INFINITY
}

describe('a stream begins', () => {
  it('at once where nobody is', async () => {
    expect(await beginsAfterMs({ roundTripsMs: [], formedAfterMs: 9_000 })).toBe(0)
  })

  it.each([
    ['near', [1, 2], 0, 160],
    ['as far as the farthest', [1, 100], 0, 350],
    ['of a distance that is not known yet', [1, undefined], 0, 1_150],
    ['farther than anybody is held to be', [60_000], 0, 1_150]
  ])('when who wait for it, %s, have said so', async (_, roundTripsMs, formedAfterMs, beginMs) => {
    expect(await beginsAfterMs({ roundTripsMs, formedAfterMs })).toBe(beginMs)
  })

  it('when their places are taken', async () => {
    expect(await beginsAfterMs({ roundTripsMs: [1, 2], formedAfterMs: 700 })).toBe(700)
  })

  it.each([
    ['near', [2], 1_510],
    ['far', [100], 1_900],
    ['at the end of the world', [60_000], 3_500]
  ])('without them when they do not take any: %s', async (_, roundTripsMs, beginMs) => {
    expect(await beginsAfterMs({ roundTripsMs, formedAfterMs: 9_000 })).toBe(beginMs)
  })

  it('no more when it was closed meanwhile', async () => {
    expect(await beginsAfterMs({ roundTripsMs: [2], formedAfterMs: 9_000, closedAfterMs: 300 })).toBe(300)
  })
})
