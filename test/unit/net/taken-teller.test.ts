import type { Stream } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { ClassScheduler } from '../../../src/net/class-scheduler.ts'
import { TakenTeller, UNHURRIED } from '../../../src/net/taken-teller.ts'
import { FakeStream } from '../../support/fake-stream.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

describe('TakenTeller, unhurried', () => {
  it('tells at once when 8 KiB have been taken, and half a second after the first byte that it has not told', async () => {
    const [stream, clock] = [new FakeStream(), new VirtualClock()]
    const teller = new TakenTeller(stream as unknown as Stream, new ClassScheduler(), clock, UNHURRIED)
    const told = (): number[] =>
      stream.sent.map(word => new DataView(word.buffer, word.byteOffset).getUint32(0))
    teller.add(6_000)
    expect(told()).toEqual([])
    teller.add(6_000)
    expect(told()).toEqual([12_000])
    // Otherwise three such streams on one connection would fill its least window with what nobody tells, for ever.
    teller.add(6_000)
    await clock.advance(499)
    expect(told()).toEqual([12_000])
    await clock.advance(1)
    expect(told()).toEqual([12_000, 6_000])
  })
})
