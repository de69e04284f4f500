import { describe, expect, it } from 'vitest'
import { DelayWindow } from '../../../src/net/delay-window.ts'

/** A path: so many bytes per ms, and so long there and back without a queue. Sends whatever the window lets, in pieces, and answers the longest queue in ms after the warm-up. */
function run(window: DelayWindow, bytesPerMs: number, rttMs: number, durationMs: number): Run {
  const underWay: { bytes: number; sentAtMs: number; doneAtMs: number }[] = []
  let freeAtMs = 0
  let delivered = 0
  const queues: number[] = []
  for (let nowMs = 0; nowMs < durationMs; nowMs += 1) {
    while (underWay[0] !== undefined && underWay[0].doneAtMs <= nowMs) {
      const { bytes, sentAtMs } = underWay.shift() as (typeof underWay)[number]
      delivered += bytes
      window.onTaken(bytes, nowMs - sentAtMs, nowMs)
    }
    while (window.room > 0) {
      const bytes = Math.max(4_096, Math.min(65_536, Math.floor(window.bytes / 4)))
      window.onSent(bytes)
      freeAtMs = Math.max(freeAtMs, nowMs) + bytes / bytesPerMs
      underWay.push({ bytes, sentAtMs: nowMs, doneAtMs: freeAtMs + rttMs })
    }
    if (nowMs > durationMs / 2) queues.push(freeAtMs - nowMs)
  }
  queues.sort((a, b) => a - b)
  return {
    use: delivered / (bytesPerMs * durationMs),
    queueP95Ms: queues[Math.floor(queues.length * 0.95)] ?? 0
  }
}

interface Run {
  readonly use: number
  readonly queueP95Ms: number
}

describe('DelayWindow', () => {
  // The last: what may wait in it, in ms. At 2 Mbit/s the least window is 66 ms long.
  const paths: [string, number, number, number][] = [
    ['2 Mbit/s, 40 ms', 250, 40, 90],
    ['20 Mbit/s, 1 ms', 2_500, 1, 50],
    ['20 Mbit/s, 60 ms', 2_500, 60, 50],
    ['100 Mbit/s, 20 ms', 12_500, 20, 50],
    ['1 Gbit/s, 1 ms', 125_000, 1, 50]
  ]
  it.each(paths)('fills a path of %s and lets little wait in it', (_, bytesPerMs, rttMs, maxQueueMs) => {
    const { use, queueP95Ms } = run(new DelayWindow(), bytesPerMs, rttMs, 20_000)
    expect(use).toBeGreaterThan(0.9)
    expect(queueP95Ms).toBeLessThan(maxQueueMs)
  })

  it('does not take its own queue for the path, however long it fills it', () => {
    for (const bytesPerMs of [2_500, 12_500]) {
      const { use, queueP95Ms } = run(new DelayWindow(), bytesPerMs, 20, 300_000)
      expect(use).toBeGreaterThan(0.95)
      expect(queueP95Ms).toBeLessThan(30)
    }
  })

  it('does not grow while it is not used', () => {
    const window = new DelayWindow()
    const before = window.bytes
    for (let nowMs = 0; nowMs < 1_000; nowMs += 10) {
      window.onSent(1_000)
      window.onTaken(1_000, 5, nowMs + 5)
    }
    expect(window.bytes).toBe(before)
  })

  it('does not shrink for a single late word', () => {
    const window = new DelayWindow()
    for (let nowMs = -50; nowMs < 0; nowMs += 10) {
      const { room } = window
      window.onSent(room)
      window.onTaken(room, 5, nowMs)
    }
    const before = window.bytes
    expect(before).toBeGreaterThan(131_072)
    for (let nowMs = 0; nowMs < 500; nowMs += 10) {
      const rttMs = nowMs === 250 ? 200 : 5
      window.onSent(1_000)
      window.onTaken(1_000, rttMs, nowMs + rttMs)
    }
    expect(window.bytes).toBe(before)
  })

  it('refuses that more is taken than was sent', () => {
    const window = new DelayWindow()
    window.onSent(1_000)
    expect(() => window.onTaken(1_001, 1, 1)).toThrow(RangeError)
  })

  it('has room again for what is lost', () => {
    const window = new DelayWindow()
    window.onSent(window.bytes)
    expect(window.room).toBe(0)
    window.onLost(1_000)
    expect(window.room).toBe(1_000)
    expect(() => window.onLost(window.bytes)).toThrow(RangeError)
  })

  it('grows where all of it is out and no word tells how fast the path is, so that it is not stuck there', () => {
    const window = new DelayWindow()
    const before = window.bytes
    for (let i = 0; i < 3; i++) window.onSent(6_200)
    window.onTakenUntimed(6_200)
    expect(window.bytes).toBe(before + 6_200)
    window.onTakenUntimed(6_200)
    expect(window.bytes).toBe(before + 6_200)
  })
})
