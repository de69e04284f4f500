import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Timer } from '../../../src/net/clock.ts'
import { SenderOrder } from '../../../src/net/sender-order.ts'
import { MAX_ORDERED_SENDERS, MAX_WAITING_PER_SENDER } from '../../../src/wire/limits.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

/** Knows how many timers are set. */
class CountingClock extends VirtualClock {
  pending = 0

  override setTimer(callback: () => void, afterMs: number): Timer {
    let isSet = true
    const unset = (): void => {
      if (isSet) this.pending -= 1
      isSet = false
    }
    this.pending += 1
    const timer = super.setTimer(() => {
      unset()
      callback()
    }, afterMs)
    return {
      cancel: () => {
        unset()
        timer.cancel()
      }
    }
  }
}

class Ordering {
  readonly clock = new CountingClock()
  readonly delivered: number[] = []
  readonly order: SenderOrder<number> = new SenderOrder(this.clock, item => this.delivered.push(item))

  add(...sequences: number[]): this {
    for (const sequence of sequences) this.order.add('a', sequence, sequence)
    return this
  }
}

describe('SenderOrder', () => {
  it('delivers at once what comes in order', () => {
    expect(new Ordering().add(1, 2, 3).delivered).toEqual([1, 2, 3])
  })

  it('puts into order what comes in any order within 500 ms, each once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8, 9], { minLength: 9 }),
        fc.integer({ min: 0, max: 55 }),
        async (sequences, apartMs) => {
          const ordering = new Ordering()
          for (const sequence of sequences) {
            ordering.add(sequence)
            await ordering.clock.advance(apartMs)
          }
          expect(ordering.delivered).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
        }
      )
    )
  })

  it('gives up a gap after 500 ms and not before', async () => {
    const ordering = new Ordering().add(1, 3, 4)
    await ordering.clock.advance(499)
    expect(ordering.delivered).toEqual([1])
    await ordering.clock.advance(1)
    expect(ordering.delivered).toEqual([1, 3, 4])
  })

  it('lets nothing wait longer than 500 ms, however many gaps there are before it', async () => {
    const ordering = new Ordering().add(2, 4, 6, 8)
    await ordering.clock.advance(500)
    expect(ordering.delivered).toEqual([2, 4, 6, 8])
  })

  it('gives each gap its own 500 ms', async () => {
    const ordering = new Ordering().add(2)
    await ordering.clock.advance(300)
    ordering.add(4).add(1)
    expect(ordering.delivered).toEqual([1, 2])
    await ordering.clock.advance(499)
    expect(ordering.delivered).toEqual([1, 2])
    await ordering.clock.advance(1)
    expect(ordering.delivered).toEqual([1, 2, 4])
  })

  it('waits no longer when the time of day is set meanwhile', async () => {
    const ordering = new Ordering().add(2)
    ordering.clock.set(ordering.clock.now() - 3_600_000)
    ordering.add(4)
    await ordering.clock.advance(500)
    expect(ordering.delivered).toEqual([2, 4])
  })

  it('delivers late what comes after its gap was given up', async () => {
    const ordering = new Ordering().add(1, 3)
    await ordering.clock.advance(500)
    expect(ordering.add(2, 4).delivered).toEqual([1, 3, 2, 4])
  })

  it('lets the first post heard of a sender wait, unless it is the first of all', async () => {
    const ordering = new Ordering().add(7)
    expect(ordering.delivered).toEqual([])
    ordering.add(6)
    await ordering.clock.advance(500)
    expect(ordering.delivered).toEqual([6, 7])
    expect(ordering.add(8).delivered).toEqual([6, 7, 8])
  })

  it('delivers once what waits twice under one number', () => {
    const ordering = new Ordering().add(2, 2, 1)
    expect(ordering.delivered).toEqual([1, 2])
  })

  it('gives up the gap when more than 64 posts wait', () => {
    const waiting = Array.from({ length: MAX_WAITING_PER_SENDER }, (_, i) => i + 2)
    const ordering = new Ordering().add(...waiting)
    expect(ordering.delivered).toEqual([])
    expect(ordering.add(MAX_WAITING_PER_SENDER + 2).delivered).toEqual([
      ...waiting,
      MAX_WAITING_PER_SENDER + 2
    ])
    expect(ordering.clock.pending).toBe(0)
  })

  it('keeps senders apart', () => {
    const { order, delivered } = new Ordering()
    order.add('a', 2, 12)
    order.add('b', 1, 21)
    order.add('b', 2, 22)
    order.add('a', 1, 11)
    expect(delivered).toEqual([21, 22, 11, 12])
  })

  it('forgets the longest silent of 4,096 senders, and delivers what waited of it', () => {
    const { order, delivered, clock } = new Ordering()
    order.add('first', 2, 2)
    for (let i = 1; i < MAX_ORDERED_SENDERS; i++) order.add(`${i}`, 1, 0)
    expect(delivered).not.toContain(2)
    order.add('one more', 1, 0)
    expect(delivered.at(-2)).toBe(2)
    expect(clock.pending).toBe(0)
  })

  it('delivers nothing after close, and leaves no timer', async () => {
    const ordering = new Ordering().add(2)
    ordering.order.close()
    await ordering.clock.advance(10_000)
    expect(ordering.delivered).toEqual([])
    expect(ordering.clock.pending).toBe(0)
  })
})
