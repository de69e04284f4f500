import type { Stream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it, vi } from 'vitest'
import type { ClassScheduler, PacedPiece, TrafficClass } from '../../../src/net/class-scheduler.ts'
import { PacedStream } from '../../../src/net/paced-stream.ts'
import type { StreamReader } from '../../../src/net/stream-reader.ts'
import { FakeStream } from '../../support/fake-stream.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

describe('PacedStream', () => {
  it('learns nothing of the path from words that the other side has waited with', async () => {
    const [taken, takenUntimed] = [vi.fn(), vi.fn()]
    const pull = (_: unknown, next: () => PacedPiece | undefined): unknown => next()
    const scheduler = { windowBytes: 16_384, pull, taken, takenUntimed } as unknown as ClassScheduler
    let answer: (word: Uint8Array) => void = () => {}
    const read = (): Promise<Uint8Array> =>
      new Promise(resolve => {
        answer = resolve
      })
    const say = async (bytes: number): Promise<void> => {
      const word = new Uint8Array(4)
      new DataView(word.buffer).setUint32(0, bytes)
      answer(word)
      await Promise.resolve()
      await Promise.resolve()
    }
    const clock = new VirtualClock()
    const paced = new PacedStream({
      stream: Object.assign(new FakeStream(), { status: 'open' }) as unknown as Stream,
      reader: { read } as unknown as StreamReader,
      scheduler,
      clock,
      source: {
        classes: ['video'] as readonly TrafficClass[],
        leastTimedBytes: 8_192,
        next: () => ({ data: new Uint8ArrayList(), counted: 5_000 })
      }
    })
    paced.wake()
    await clock.advance(500)
    await say(5_000)
    expect(takenUntimed.mock.calls).toEqual([[5_000]])
    expect(taken).not.toHaveBeenCalled()
    // Two at once, and no waiting.
    paced.wake()
    paced.wake()
    await clock.advance(20)
    await say(10_000)
    expect(taken.mock.calls).toEqual([[10_000, 20, clock.now()]])
    expect(paced.inFlight).toBe(0)
  })
})
