import type { Stream } from '@libp2p/interface'
import { concat } from 'uint8arrays/concat'
import { describe, expect, it } from 'vitest'
import { ClassScheduler } from '../../../src/net/class-scheduler.ts'
import { ObjectReceiver } from '../../../src/net/object-receiver.ts'
import type { StreamReader } from '../../../src/net/stream-reader.ts'
import { TakenTeller } from '../../../src/net/taken-teller.ts'
import { ObjectHeader } from '../../../src/wire/objects.ts'
import { FakeStream } from '../../support/fake-stream.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const block = (bytes: Uint8Array): Uint8Array => {
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, bytes.byteLength)
  return concat([length, bytes])
}
const header = (index: number, length: number): Uint8Array =>
  block(ObjectHeader.encode({ namespace: 'x', index, length, waiting: 0 }))

class Bench {
  readonly stream = new FakeStream()
  readonly clock = new VirtualClock()
  readonly events: string[] = []
  expects = true
  #onBytes: (bytes: Uint8Array) => void = () => {}

  constructor() {
    const reader = { pipe: (onBytes: (bytes: Uint8Array) => void) => (this.#onBytes = onBytes) }
    new ObjectReceiver(
      this.stream as unknown as Stream,
      reader as unknown as StreamReader,
      new TakenTeller(this.stream as unknown as Stream, new ClassScheduler(), this.clock),
      {
        expects: ({ index }) => {
          this.events.push(`asks ${index}`)
          return this.expects
        },
        onObject: ({ index }, bytes) => void this.events.push(`object ${index} ${bytes.join('')}`),
        onBroken: ({ index }) => void this.events.push(`broken ${index}`)
      }
    )
  }

  /** @param step how many bytes come at once */
  feed(bytes: Uint8Array, step = Number.POSITIVE_INFINITY): void {
    for (let i = 0; i < bytes.byteLength; i += step) this.#onBytes(bytes.subarray(i, i + step))
  }

  /** What the sender was told, in bytes. */
  get told(): number[] {
    return this.stream.sent.map(bytes => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0))
  }
}

describe('ObjectReceiver', () => {
  const three = concat([
    header(1, 4),
    block(Uint8Array.of(1, 2)),
    block(Uint8Array.of(3, 4)),
    header(2, 0),
    block(ObjectHeader.encode({ namespace: '', index: 0, length: 0, waiting: 0 })),
    header(3, 1),
    block(Uint8Array.of(9))
  ])
  const all = [
    'asks 1',
    'object 1 1234',
    'asks 2',
    'object 2 ',
    'asks 0',
    'object 0 ',
    'asks 3',
    'object 3 9'
  ]

  it.each([1, 3, 7, 1_000])('puts objects together, however they are cut (%i)', async step => {
    const bench = new Bench()
    bench.feed(three, step)
    expect(bench.events).toEqual(all)
    await bench.clock.advance(3)
    expect(bench.told.reduce((sum, bytes) => sum + bytes, 0)).toBe(5)
  })

  it('drops what is not expected, and takes it all the same from the sender', async () => {
    const bench = new Bench()
    bench.expects = false
    bench.feed(three)
    await bench.clock.advance(3)
    expect(bench.events).toEqual(['asks 1', 'asks 2', 'asks 0', 'asks 3'])
    expect(bench.told).toEqual([5])
  })

  it('tells of an object that is given up, and goes on', async () => {
    const bench = new Bench()
    bench.feed(
      concat([
        header(1, 4),
        block(Uint8Array.of(1)),
        block(new Uint8Array(0)),
        header(2, 1),
        block(Uint8Array.of(5))
      ])
    )
    expect(bench.events).toEqual(['asks 1', 'broken 1', 'asks 2', 'object 2 5'])
  })

  it('tells of an object whose stream ends', async () => {
    const bench = new Bench()
    bench.feed(concat([header(1, 4), block(Uint8Array.of(1))]))
    bench.stream.close()
    expect(bench.events).toEqual(['asks 1', 'broken 1'])
  })

  it('refuses a header that is too long, and more than an object is said to have', async () => {
    expect(() => new Bench().feed(block(new Uint8Array(513)))).toThrow('A header of 513 bytes')
    expect(() => new Bench().feed(concat([header(1, 4), block(new Uint8Array(5))]))).toThrow(
      'More of an object'
    )
  })

  it('tells at once of much, and of little a moment later', async () => {
    const bench = new Bench()
    bench.feed(
      concat([
        header(1, 1_048_576),
        block(new Uint8Array(1_000_000)),
        block(new Uint8Array(48_576)),
        header(2, 5)
      ])
    )
    expect(bench.told).toEqual([1_048_576])
    bench.feed(block(new Uint8Array(5)))
    expect(bench.told).toEqual([1_048_576])
    await bench.clock.advance(3)
    expect(bench.told).toEqual([1_048_576, 5])
  })
})
