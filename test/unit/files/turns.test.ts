import { describe, expect, test } from 'vitest'
import type { Clock } from '../../../src/net/clock.ts'
import { type FilePriority, GroupFiles, type PrioritizedFetch } from '../../../src/net/files/group-files.ts'
import { RequestBudget } from '../../../src/net/files/request-budget.ts'
import { BytePace } from '../../../src/shared/byte-pace.ts'
import { MAX_CHUNKS_UNDER_WAY } from '../../../src/wire/limits.ts'

const CHUNK = 65_536

/** A clock that goes when it is told to. */
class TestClock implements Clock {
  #nowMs = 0
  readonly #timers = new Set<{ atMs: number; callback: () => void }>()

  now(): number {
    return this.#nowMs
  }

  setTimer(callback: () => void, afterMs: number): { cancel(): void } {
    const timer = { atMs: this.#nowMs + afterMs, callback }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  advance(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)
      if (next === undefined) break
      this.#timers.delete(next)
      this.#nowMs = next.atMs
      next.callback()
    }
    this.#nowMs = endMs
  }

  get waiting(): number {
    return this.#timers.size
  }
}

function budgetOf(pace?: BytePace): { budget: RequestBudget; clock: TestClock; allowed: () => number } {
  const clock = new TestClock()
  let allowed = Number.NaN
  const budget = new RequestBudget({
    clock,
    pace,
    waitMs: () => 0,
    allow: requests => {
      allowed = requests
    }
  })
  budget.update()
  return { budget, clock, allowed: () => allowed }
}

describe('RequestBudget', () => {
  test('allows as many as there is room for, counting what waits to be written', () => {
    const { budget, allowed } = budgetOf()
    expect(allowed()).toBe(MAX_CHUNKS_UNDER_WAY)
    for (let index = 0; index < 10; index++) budget.onAsked(index)
    budget.onCome(0)
    budget.update()
    expect(allowed()).toBe(MAX_CHUNKS_UNDER_WAY - 10)
    budget.onDone()
    expect(allowed()).toBe(MAX_CHUNKS_UNDER_WAY - 9)
    budget.onFailed(1)
    expect(allowed()).toBe(MAX_CHUNKS_UNDER_WAY - 8)
  })

  test('counts an object that is asked for at several once, until the last of them has failed or one has come', () => {
    const { budget, allowed } = budgetOf()
    budget.onAsked(7)
    budget.onAsked(7)
    budget.onFailed(7)
    expect(allowed()).toBe(MAX_CHUNKS_UNDER_WAY - 1)
    budget.onCome(7)
    budget.onDone()
    expect(allowed()).toBe(MAX_CHUNKS_UNDER_WAY)
    // One that comes late.
    budget.onFailed(7)
    expect(allowed()).toBe(MAX_CHUNKS_UNDER_WAY)
  })

  test('lets in what its pace says, without being asked, and stops with the fetch', () => {
    const { budget, clock, allowed } = budgetOf(new BytePace(10 * CHUNK))
    let asked = 0
    const ask = (): void => {
      for (let left = allowed(); left > 0; left--) {
        budget.onAsked(asked++)
        budget.onCome(asked - 1)
        budget.onDone()
      }
    }
    for (let ms = 0; ms < 10_000; ms += 10) {
      ask()
      clock.advance(10)
    }
    expect(asked).toBeGreaterThanOrEqual(95)
    expect(asked).toBeLessThanOrEqual(105)
    budget.close()
    expect(clock.waiting).toBe(0)
  })
})

describe('GroupFiles', () => {
  const fetchOf = (priority: FilePriority): PrioritizedFetch & { turns: number } => {
    const fetch = {
      priority,
      turns: 0,
      onTurn: () => {
        fetch.turns += 1
      }
    }
    return fetch
  }

  test('lets a fetch wait for those of higher priority that have got something lately, and tells it when they begin and end', () => {
    const files = new GroupFiles()
    const [low, normal, high] = [fetchOf('low'), fetchOf('normal'), fetchOf('high')]
    for (const fetch of [low, normal, high]) files.addFetch(fetch)
    expect([low, normal, high].map(fetch => files.waitMs(fetch, 0))).toEqual([0, 0, 0])
    files.onGot(high, 1_000)
    expect([low, normal, high].map(fetch => files.waitMs(fetch, 1_500))).toEqual([1_500, 1_500, 0])
    expect([low.turns, normal.turns, high.turns]).toEqual([1, 1, 0])
    files.onGot(normal, 1_500)
    files.onGot(high, 1_600)
    expect([low.turns, normal.turns]).toEqual([2, 1])
    expect(files.waitMs(low, 3_000)).toBe(600)
    expect(files.waitMs(low, 3_600)).toBeLessThanOrEqual(0)
    files.onGot(high, 3_500)
    files.removeFetch(high)
    expect([low, normal].map(fetch => files.waitMs(fetch, 3_500))).toEqual([0, 0])
    expect(low.turns).toBe(3)
  })
})
