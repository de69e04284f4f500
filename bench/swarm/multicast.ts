import type { Bar, Figures, Scenario } from './scenario.ts'
import { type StreamTest, StreamUnderTest } from './stream-under-test.ts'

/** Virtual time that is published, in ms. */
const STREAM_MS = 60_000

/** From the last join until the stream, in ms. */
const SETTLING_MS = 20_000

/** Over which time viewers begin to watch before the stream does, in ms: as in sim-findings §5. */
const BEGINNING_MS = 800

/** From then on until the first frame, in ms: viewers wait for a stream that is announced. */
const FORMING_MS = 1_200

/** Over which time a crowd arrives, in ms. */
const CROWD_MS = 15_000

/** Members replaced in a minute. */
const CHURN = 0.1

function maxSeeds(size: number): number {
  return size <= 100 ? 5 : size <= 1_000 ? 2 : 1
}

function begun(test: StreamTest): StreamUnderTest {
  const stream = new StreamUnderTest(test)
  const { group } = stream
  stream.gather(test.viewers, SETTLING_MS)
  stream.announce()
  for (const member of stream.others)
    group.network.queue.after(group.random() * BEGINNING_MS, () => stream.watch(member))
  group.network.advance(BEGINNING_MS + FORMING_MS)
  stream.publish()
  return stream
}

function runSteady(size: number, seed: number): Figures {
  const stream = begun({ seed, viewers: size, durationMs: STREAM_MS })
  stream.group.network.advance(STREAM_MS)
  return stream.figures()
}

function runMisjudged(size: number, seed: number): Figures {
  const stream = begun({ seed, viewers: size, durationMs: STREAM_MS, misjudged: 0.3 })
  stream.group.network.advance(STREAM_MS)
  return stream.figures()
}

function runChurn(size: number, seed: number): Figures {
  const stream = begun({ seed, viewers: size, durationMs: STREAM_MS })
  const { group } = stream
  const replacements = Math.round((size * CHURN * STREAM_MS) / 60_000)
  for (let i = 0; i < replacements; i++)
    group.network.queue.after(group.random() * STREAM_MS, () => stream.replaceOne())
  group.network.advance(STREAM_MS)
  return stream.figures()
}

function runCrowd(size: number, seed: number): Figures {
  const stream = new StreamUnderTest({ seed, viewers: size, durationMs: STREAM_MS })
  const { group } = stream
  stream.gather(0, 1_000)
  stream.announce()
  stream.publish()
  group.network.advance(4_000)
  for (let i = 0; i < size; i++) group.network.queue.after(group.random() * CROWD_MS, () => stream.arrive())
  group.network.advance(STREAM_MS - 4_000)
  return stream.figures()
}

function runMembers(size: number, seed: number): Figures {
  const stream = new StreamUnderTest({ seed, viewers: size, durationMs: STREAM_MS })
  const { group } = stream
  stream.gather(size, SETTLING_MS)
  stream.announce()
  stream.publish()
  group.network.advance(4_000)
  for (const member of stream.others)
    group.network.queue.after(group.random() * CROWD_MS, () => stream.watch(member))
  group.network.advance(STREAM_MS - 4_000)
  return stream.figures()
}

function barsOf(size: number): Readonly<Record<string, Bar>> {
  const isLarge = size > 500
  return {
    continuity: { atLeast: 99.9 },
    publisher: { atMost: 4.5 },
    payload: { atMost: isLarge ? 1.1 : 1.05 },
    control: { atMost: 0.05 }
  }
}

function delayOf(size: number): Bar {
  if (size > 500) return { atMost: 2 }
  return size < 500 ? { atMost: 1.2 } : { atMost: 1.35, goal: 1.2 }
}

function startupOf(size: number): Bar {
  return size > 500 ? { atMost: 3 } : { atMost: 2.25, goal: 2 }
}

/** Issue 6, must hold 1. */
export const multicast: Scenario = {
  name: 'multicast',
  about:
    'a publisher of 2 Mbit/s, and so many viewers who pass it on with uplinks of 1.25 times that in the mean; 60 s',
  sizes: [50, 500],
  maxSeeds,
  bars: size => ({ ...barsOf(size), delayP95: delayOf(size) }),
  run: runSteady
}

/** The same. */
export const multicastChurn: Scenario = {
  name: 'multicast-churn',
  about: 'the same; one in ten viewers is replaced per minute, and goes without a word',
  sizes: [50, 500],
  maxSeeds,
  // The issue bounds no delay here; it bounds how soon those who come to a stream that runs see a picture.
  bars: size => ({
    ...barsOf(size),
    continuity: { atLeast: size > 500 ? 99 : 99.9 },
    startupP50: { atMost: 1.5 },
    startupP95: startupOf(size)
  }),
  run: runChurn
}

/** The same. */
export const multicastMisjudged: Scenario = {
  name: 'multicast-misjudged',
  about: 'the same without leaving; what members think of their uplink is wrong by up to 30 %',
  sizes: [50, 500],
  maxSeeds,
  bars: () => ({ continuity: { atLeast: 99.9 }, publisher: { atMost: 4.5 }, control: { atMost: 0.05 } }),
  run: runMisjudged
}

/** The same. */
export const multicastCrowd: Scenario = {
  name: 'multicast-crowd',
  about: 'a stream that runs already, and so many members who arrive within 15 s and watch at once',
  sizes: [50, 500],
  maxSeeds,
  bars: size => ({
    continuity: size < 500 ? { atLeast: 99 } : { atLeast: 96, goal: 99 },
    publisher: { atMost: 4.5 },
    control: { atMost: 0.05 }
  }),
  run: runCrowd
}

/** The same: as in sim-findings §3, where neighbors were there from the beginning. */
export const multicastMembers: Scenario = {
  name: 'multicast-members',
  about: 'the same crowd, of members of the group already: they begin to watch within 15 s',
  sizes: [50, 500],
  maxSeeds,
  bars: multicastCrowd.bars,
  run: runMembers
}
