import { describe, expect, it } from 'vitest'
import { Misbehavior } from '../../../src/net/misbehavior.ts'

const T = 1_000_000

describe('Misbehavior', () => {
  it('forgives one invalid message, and two', () => {
    const misbehavior = new Misbehavior()
    expect(misbehavior.report('a', T)).toBe(false)
    expect(misbehavior.scoreOf('a', T)).toBe(0)
    expect(misbehavior.report('a', T + 1)).toBe(false)
    expect(misbehavior.isRefused('a', T + 1)).toBe(false)
    expect(misbehavior.scoreOf('a', T + 1)).toBe(-10)
  })

  it('refuses a peer at its third invalid message within a minute', () => {
    const misbehavior = new Misbehavior()
    expect([0, 30_000, 59_999].map(ms => misbehavior.report('a', T + ms))).toEqual([false, false, true])
    expect(misbehavior.isRefused('a', T + 59_999)).toBe(true)
    expect(misbehavior.scoreOf('a', T + 59_999)).toBe(-100)
  })

  it('never refuses a peer whose invalid messages are a minute apart in threes', () => {
    const misbehavior = new Misbehavior()
    expect([0, 30_000, 60_000, 90_000, 120_000].map(ms => misbehavior.report('a', T + ms))).toEqual([
      false,
      false,
      false,
      false,
      false
    ])
  })

  it('ends the refusal after a minute, and begins to count anew', () => {
    const misbehavior = new Misbehavior()
    for (let i = 0; i < 3; i++) misbehavior.report('a', T)
    expect(misbehavior.isRefused('a', T + 59_999)).toBe(true)
    expect(misbehavior.isRefused('a', T + 60_000)).toBe(false)
    expect(misbehavior.scoreOf('a', T + 60_000)).toBe(0)
    expect(misbehavior.report('a', T + 60_000)).toBe(false)
  })

  it('does not blame one peer for another', () => {
    const misbehavior = new Misbehavior()
    for (let i = 0; i < 3; i++) misbehavior.report('a', T)
    expect(misbehavior.isRefused('b', T)).toBe(false)
    expect(misbehavior.scoreOf('b', T)).toBe(0)
  })

  it('forgets the peers refused first when 1,024 others came', () => {
    const misbehavior = new Misbehavior()
    for (let peer = 0; peer < 1_025; peer++) for (let i = 0; i < 3; i++) misbehavior.report(`${peer}`, T)
    expect(misbehavior.isRefused('0', T)).toBe(false)
    expect(misbehavior.isRefused('1', T)).toBe(true)
    expect(misbehavior.isRefused('1024', T)).toBe(true)
  })
})
