import { describe, expect, it } from 'vitest'
import { RequestBatches } from '../../../src/net/request-batches.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

function make(): { batches: RequestBatches; clock: VirtualClock; sent: string[] } {
  const clock = new VirtualClock()
  const sent: string[] = []
  const batches = new RequestBatches(clock, (peer, indices) => void sent.push(`${peer} ${indices.join(',')}`))
  return { batches, clock, sent }
}

describe('requests', () => {
  it('go at once when none went shortly before, and together when some did', async () => {
    const { batches, clock, sent } = make()
    batches.add('a', 1)
    expect(sent).toEqual(['a 1'])
    batches.add('a', 2)
    batches.add('b', 3)
    batches.add('a', 4)
    expect(sent).toEqual(['a 1', 'b 3'])
    await clock.advance(2)
    expect(sent).toEqual(['a 1', 'b 3', 'a 2,4'])
    await clock.advance(10)
    batches.add('a', 5)
    expect(sent.at(-1)).toBe('a 5')
  })

  it('of 64 do not wait', async () => {
    const { batches, sent } = make()
    for (let i = 0; i <= 64; i++) batches.add('a', i)
    expect(sent.map(line => line.split(',').length)).toEqual([1, 64])
  })

  it('that are no longer needed do not go', async () => {
    const { batches, clock, sent } = make()
    for (const index of [1, 2, 3]) batches.add('a', index)
    expect(batches.remove('a', 1)).toBe(false)
    expect(batches.remove('a', 2)).toBe(true)
    await clock.advance(2)
    expect(sent).toEqual(['a 1', 'a 3'])
    batches.add('a', 4)
    batches.forget('a')
    await clock.advance(2)
    expect(sent).toEqual(['a 1', 'a 3'])
  })
})
