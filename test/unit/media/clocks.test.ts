import { describe, expect, it } from 'vitest'
import { CaptureClock } from '../../../src/media/capture-clock.ts'
import { PlayoutClock } from '../../../src/media/playout-clock.ts'
import { SlidingExtremes } from '../../../src/media/sliding-extremes.ts'

describe('SlidingExtremes', () => {
  it('forgets what is older than its window', () => {
    const extremes = new SlidingExtremes(3_000)
    extremes.add(5, 0)
    extremes.add(-5, 500)
    extremes.add(1, 2_500)
    expect([extremes.min, extremes.max]).toEqual([-5, 5])
    extremes.add(2, 4_000)
    expect([extremes.min, extremes.max]).toEqual([1, 2])
    extremes.clear()
    expect([extremes.min, extremes.max]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
  })
})

describe('CaptureClock', () => {
  it('gives sound and pictures of one moment one time, wherever their devices count from', () => {
    const [camera, microphone] = [new CaptureClock(), new CaptureClock()]
    // 10 ms after they were made at the earliest, and up to 30 ms late.
    for (let i = 0; i < 20; i++) {
      camera.arrived(7e12 + i * 40_000, 1_010 + i * 40 + (i % 4) * 10)
      microphone.arrived(i * 40_000, 1_010 + i * 40 + (i % 3) * 10)
    }
    expect(camera.timeOf(7e12 + 800_000)).toBe(1_810_000)
    expect(microphone.timeOf(800_000)).toBe(1_810_000)
  })

  it('never goes back, also when the device counts anew', () => {
    const clock = new CaptureClock()
    clock.arrived(0, 1_000)
    expect(clock.timeOf(0)).toBe(1_000_000)
    // The first was late, this one is not.
    clock.arrived(20_000, 1_001)
    expect(clock.timeOf(20_000)).toBe(1_001_000)
    expect(clock.timeOf(20_000)).toBe(1_001_001)
    clock.arrived(0, 9_000)
    expect(clock.timeOf(0)).toBe(9_000_000)
  })
})

/** Frames of a stream, 20 ms each, that take this long to come; the first is made at 0. */
class Stream {
  readonly clock: PlayoutClock
  bufferMs = 100
  madeMs = 0
  constructor() {
    this.clock = new PlayoutClock(() => this.bufferMs)
  }

  /** The next one comes. @returns how long after it was made it is due, in ms */
  come(wayMs: number, kind: 'audio' | 'video' = 'audio'): number {
    const { madeMs } = this
    this.madeMs += 20
    this.clock.arrived(kind, madeMs * 1_000, madeMs + wayMs)
    return this.delayMs(madeMs)
  }

  comeFor(seconds: number, wayMs: number, kind: 'audio' | 'video' = 'audio'): number {
    let delay = 0
    for (let i = 0; i < seconds * 50; i++) delay = this.come(wayMs, kind)
    return delay
  }

  delayMs(madeMs: number): number {
    return (this.clock.dueMs(madeMs * 1_000) ?? Number.NaN) - madeMs
  }
}

describe('PlayoutClock', () => {
  it('knows nothing before something has come', () => {
    expect(new PlayoutClock(() => 100).dueMs(0)).toBeUndefined()
  })

  it('plays what comes regularly as long after its coming as is to be buffered', () => {
    const stream = new Stream()
    expect(stream.come(30)).toBe(130)
    expect(stream.comeFor(60, 30)).toBe(130)
  })

  it('catches up with the live edge when the beginning was kept for newcomers', () => {
    const stream = new Stream()
    // Two seconds of stream come within a moment.
    for (let i = 0; i < 100; i++) stream.come(2_030 - i * 20)
    expect(stream.delayMs(2_000)).toBe(150)
    expect(stream.comeFor(2, 30)).toBe(130)
  })

  it('catches up with the live edge also when what was kept for newcomers comes slowly at first', () => {
    const stream = new Stream()
    // As it was seen in a group: for two seconds the stream comes at half its pace, then all that is missing.
    for (let i = 0; i < 50; i++) stream.come(1_100 + i * 20)
    for (let i = 0; i < 100; i++) stream.come(2_080 - i * 20)
    expect(stream.comeFor(2, 80)).toBeLessThanOrEqual(80 + 150 + 100)
    expect(stream.comeFor(31, 80)).toBe(180)
  })

  it('plays later when some come too late, and sooner again when that has not been needed for half a minute', () => {
    const stream = new Stream()
    stream.comeFor(2, 30)
    expect(stream.come(400)).toBe(440)
    expect(stream.comeFor(25, 30)).toBe(440)
    expect(stream.comeFor(8, 30)).toBe(130)
  })

  it('waits for three seconds at most, or for as long as is to be buffered', () => {
    const stream = new Stream()
    stream.comeFor(1, 30)
    expect(stream.come(6_000)).toBe(3_030)
    stream.bufferMs = 5_000
    expect(stream.come(30)).toBe(5_030)
  })

  it('leaves what waits a little too long as it is', () => {
    const stream = new Stream()
    stream.comeFor(2, 30)
    expect(stream.come(200)).toBe(240)
    expect(stream.comeFor(40, 30)).toBe(240)
  })

  it('lets sound set the pace, and pictures when there is no sound', () => {
    const stream = new Stream()
    stream.comeFor(1, 30)
    expect(stream.come(600, 'video')).toBe(130)
    expect(stream.come(30)).toBe(130)
    stream.comeFor(2, 30, 'video')
    expect(stream.come(600, 'video')).toBe(640)
  })

  it('follows the buffer time when that is changed', () => {
    const stream = new Stream()
    stream.comeFor(1, 30)
    stream.bufferMs = 1_000
    expect(stream.come(30)).toBe(1_030)
  })

  it('begins anew when times are those of another stream', () => {
    const stream = new Stream()
    stream.comeFor(1, 30)
    expect(stream.clock.arrived('audio', 0, 100_000)).toBe(true)
    expect(stream.clock.dueMs(0)).toBe(100_100)
    expect(stream.clock.arrived('audio', 20_000, 100_020)).toBe(false)
    expect(stream.clock.arrived('video', 500_000_000, 100_040)).toBe(true)
    expect(stream.clock.dueMs(500_000_000)).toBe(100_140)
  })
})
