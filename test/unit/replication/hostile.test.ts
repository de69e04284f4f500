import { describe, expect, it } from 'vitest'
import { MAX_INDEX, RangeSet } from '../../../src/core/replication/range-set.ts'
import {
  MAX_DOUBTED_PEERS,
  MAX_RANGES,
  MAX_REMEMBERED_RESULTS,
  MAX_REQUESTS_PER_NEIGHBOR,
  MAX_SET_ASIDE
} from '../../../src/wire/limits.ts'
import { EngineShell } from './engine-shell.ts'

/** So many ranges of one index each. */
function scattered(count: number, from = 0): RangeSet {
  const set = new RangeSet()
  for (let i = 0; i < count; i++) set.add(from + 2 * i, from + 2 * i)
  return set
}

const none = new RangeSet()

describe('a neighbor that announces a million ranges of one index', () => {
  it('is kept 4,096 of, the longest, and each time it is misbehavior', () => {
    const shell = new EngineShell().linkUp('liar', 'a').want(0, MAX_INDEX).has('a', [0, 99])
    for (let frame = 0; frame * MAX_RANGES < 1_000_000; frame++) {
      const change = {
        isWhole: false,
        added: scattered(MAX_RANGES, 1_000 + 2 * frame * MAX_RANGES),
        removed: none
      }
      shell.tell({ type: 'have', from: 'liar', change, asks: false }, { type: 'want', from: 'liar', change })
    }
    expect(shell.all('misbehavior').length).toBe(2 * (Math.ceil(1_000_000 / MAX_RANGES) - 1))
    expect(shell.all('misbehavior').every(({ peer }) => peer === 'liar')).toBe(true)
    // Its two sets, and what of them may be asked for.
    expect(shell.engine.kept['ranges']).toBeLessThanOrEqual(3 * MAX_RANGES + 4)
    shell.has('liar', [500, 600])
    expect(shell.all('sendRequest').some(({ to }) => to === 'liar')).toBe(true)
  })

  it('costs no more by taking them back one by one', () => {
    const shell = new EngineShell().linkUp('liar').has('liar', [0, MAX_INDEX]).want(0, MAX_INDEX)
    for (let frame = 0; frame < 10; frame++) {
      const change = { isWhole: false, added: none, removed: scattered(MAX_RANGES, 2 * frame * MAX_RANGES) }
      shell.tell({ type: 'have', from: 'liar', change, asks: false })
    }
    expect(shell.engine.kept['ranges']).toBeLessThanOrEqual(2 * MAX_RANGES + 100)
  })

  it('costs no more by having in turn what it wants', () => {
    const shell = new EngineShell().linkUp('liar').wants('liar', [0, MAX_INDEX])
    for (let frame = 0; frame < 10; frame++) {
      const change = { isWhole: true, added: scattered(MAX_RANGES, 2 * frame * MAX_RANGES), removed: none }
      shell.tell({ type: 'have', from: 'liar', change, asks: false })
    }
    expect(shell.engine.kept['ranges']).toBeLessThanOrEqual(2 * MAX_RANGES)
  })
})

describe('a neighbor that has nothing of what it announces', () => {
  it('that denies all is asked ever less, and does not keep the others from giving', () => {
    const shell = new EngineShell().linkUp('liar', 'a').has('liar', [0, MAX_INDEX]).want(0, 999)
    const open: number[] = []
    let denials = 0
    for (let second = 0; second < 600; second++) {
      for (const { to, index } of shell.take('sendRequest'))
        if (to === 'a') open.push(index)
        else open.unshift(-1 - index)
      while ((open[0] ?? 0) < 0) {
        denials += 1
        shell.deny('liar', -1 - (open.shift() ?? 0))
        for (const { to, index } of shell.take('sendRequest'))
          if (to === 'a') open.push(index)
          else open.unshift(-1 - index)
      }
      const index = open.shift()
      if (index !== undefined) shell.object('a', index)
      if (second === 1) shell.has('a', [0, 999])
      shell.advance(1_000)
    }
    expect(denials).toBeLessThan(30)
    expect(denials).toBeGreaterThan(4)
    expect(shell.engine.kept['aside']).toBeLessThanOrEqual(MAX_SET_ASIDE)
  })

  it('that answers nothing but says each second that it will is left after 120 s', () => {
    const shell = new EngineShell().linkUp('liar').has('liar', [0, 9]).want(0, 9)
    for (let second = 0; second < 130; second++)
      shell.tell({ type: 'queue', from: 'liar', waiting: 0 }).advance(1_000)
    expect(shell.all('failed')[0]).toMatchObject({ reason: 'timeout' })
    expect(shell.all('sendRequest').length).toBeLessThan(4)
  })

  it('that says that nothing waits and never gives does not get more than one request', () => {
    const shell = new EngineShell().linkUp('liar').has('liar', [0, 9]).want(0, 9)
    for (let i = 0; i < 100; i++) shell.tell({ type: 'queue', from: 'liar', waiting: 0 })
    expect(shell.all('sendRequest').length).toBe(1)
  })
})

describe('what nobody asked for', () => {
  it('is not expected and not delivered', () => {
    const shell = new EngineShell().linkUp('a', 'b').has('a', [0, 9]).want(3)
    expect(shell.engine.expects('a', 3)).toBe(true)
    for (const [peer, index] of [
      ['b', 3],
      ['a', 4],
      ['stranger', 3]
    ] as const) {
      expect(shell.engine.expects(peer, index)).toBe(false)
      shell.object(peer, index)
    }
    expect(shell.all('result')).toEqual([])
  })

  it('is ignored: denials, cancels, ends of sending, and all that strangers say', () => {
    const shell = new EngineShell().linkUp('a').have(0, 9).want(20)
    shell.effects.length = 0
    shell.deny('a', 20).deny('a', 5)
    shell.tell({ type: 'cancel', from: 'a', index: 3 }, { type: 'sent', to: 'a', index: 3 })
    shell.has('stranger', [20, 20]).wants('stranger', [0, 9]).request('stranger', 3).deny('stranger', 20)
    shell.tell({ type: 'linkDown', peer: 'stranger' }, { type: 'broken', from: 'a', index: 20 })
    const kinds = shell.effects.map(({ effect }) => effect.type).filter(type => type !== 'setTimer')
    expect(kinds).toEqual([])
  })
})

describe('who asks for all again and again', () => {
  it('is told four times a second at most', () => {
    const shell = new EngineShell().have(0, 9).linkUp('a').advance(1_000)
    shell.effects.length = 0
    for (let i = 0; i < 1_000; i++)
      shell
        .tell({ type: 'have', from: 'a', change: { isWhole: true, added: none, removed: none }, asks: true })
        .advance(10)
    expect(shell.all('sendHave').length).toBeLessThanOrEqual(41)
  })

  it('is told no more often by wanting nothing and something in turn', () => {
    const shell = new EngineShell().have(0, 9).linkUp('a').advance(1_000)
    for (let i = 0; i < 1_000; i++) {
      shell.have(20 + 2 * i)
      shell.tell({ type: 'want', from: 'a', change: { isWhole: true, added: none, removed: none } })
      shell.advance(5).wants('a', [0, 9]).advance(5)
    }
    expect(shell.all('sendHave').length).toBeLessThanOrEqual(42)
  })
})

describe('what is remembered', () => {
  it('of requests, objects set aside and results has bounds', () => {
    const shell = new EngineShell().linkUp('a').has('a', [0, 99_999]).want(0, 99_999)
    let results = 0
    for (; results < MAX_REMEMBERED_RESULTS + 1_000; results += shell.all('result').length)
      for (const { index } of shell.take('sendRequest')) shell.object('a', index, 0)
    expect(results).toBeGreaterThan(MAX_REMEMBERED_RESULTS)
    expect(shell.engine.kept['results']).toBe(MAX_REMEMBERED_RESULTS)
    expect(shell.engine.kept['requests']).toBeLessThanOrEqual(2 * MAX_REQUESTS_PER_NEIGHBOR)
    shell.tell({ type: 'removeWant', start: 0, end: 99_999 }).want(0, 99_999)
    expect(shell.engine.kept['aside']).toBeLessThanOrEqual(MAX_SET_ASIDE)
  })

  it('of useless results is about 256 peers at most', () => {
    const shell = new EngineShell().want(0, 9_999)
    for (let i = 0; i < 1_000; i++) {
      const peer = `p${i}`
      shell.linkUp(peer).has(peer, [i, i]).object(peer, i).want(i).linkDown(peer)
    }
    expect(shell.engine.kept['useless']).toBe(MAX_DOUBTED_PEERS)
  })

  it('of what was sent falls into 4,096 ranges at most, whatever is asked for', () => {
    const shell = new EngineShell().linkUp('a').have(0, MAX_INDEX)
    for (let i = 0; i < 10_000; i++) {
      shell.request('a', 2 * i)
      for (const { requestID } of shell.take('serve')) shell.answer(requestID)
      shell.tell({ type: 'sent', to: 'a', index: 2 * i })
    }
    expect(shell.engine.kept['unsentRanges']).toBeLessThanOrEqual(MAX_RANGES + 1)
    expect(shell.engine.kept['served']).toBe(0)
  })
})
