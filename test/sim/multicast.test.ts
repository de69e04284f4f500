import { describe, expect, it } from 'vitest'
import { StreamUnderTest } from '../../bench/swarm/stream-under-test.ts'
import { seedFor } from '../support/sim-network/seed.ts'

/** Large enough that not everybody is linked to everybody; bench:swarm has the others. */
const VIEWERS = 40
const STREAM_MS = 20_000

function begun(seed: number, misjudged = 0): StreamUnderTest {
  const stream = new StreamUnderTest({ seed, viewers: VIEWERS, durationMs: STREAM_MS, misjudged })
  const { group } = stream
  stream.gather(VIEWERS, 20_000)
  stream.announce()
  for (const member of stream.others)
    group.network.queue.after(group.random() * 800, () => stream.watch(member))
  group.network.advance(2_000)
  stream.publish()
  return stream
}

/** Bars of issue 6, "Must hold" 1, for up to 500 viewers. */
function expectBars(figures: Record<string, number>): void {
  expect(figures['continuity']).toBeGreaterThanOrEqual(99.9)
  expect(figures['publisher']).toBeLessThanOrEqual(4.5)
  expect(figures['payload']).toBeLessThanOrEqual(1.05)
  expect(figures['control']).toBeLessThanOrEqual(0.05)
  expect(figures['delayP95']).toBeLessThanOrEqual(1.2)
}

describe('a stream of 2 Mbit/s to viewers with uplinks of 1.25 times that in the mean', () => {
  const seed = seedFor('multicast')

  it('reaches all in time, and costs the publisher no more than four and a half copies', () => {
    const stream = begun(seed)
    stream.group.network.advance(STREAM_MS)
    expectBars(stream.figures())
  })

  it('reaches all in time while one in ten goes without a word, and shows those who come a picture soon', () => {
    const stream = begun(seed)
    const { group } = stream
    for (let i = 0; i < 4; i++) group.network.queue.after(2_000 + 3_000 * i, () => stream.replaceOne())
    group.network.advance(STREAM_MS)
    const figures = stream.figures()
    expect(figures['continuity']).toBeGreaterThanOrEqual(99.9)
    expect(figures['late']).toBe(4)
    expect(figures['startupP50']).toBeLessThanOrEqual(1.7)
  })

  it('reaches all in time when members misjudge their uplinks by up to 30 %', () => {
    const stream = begun(seed, 0.3)
    stream.group.network.advance(STREAM_MS)
    expectBars(stream.figures())
  })
})
