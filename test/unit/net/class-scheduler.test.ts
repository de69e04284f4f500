import { describe, expect, it } from 'vitest'
import { ClassScheduler, type PacedPiece, TRAFFIC_CLASSES } from '../../../src/net/class-scheduler.ts'
import { FakeStream } from '../../support/fake-stream.ts'

const piece = (name: string, bytes = 10): Uint8Array => {
  const data = new Uint8Array(bytes)
  data[0] = name.charCodeAt(0)
  return data
}
const paced = (data: Uint8Array | undefined): PacedPiece | undefined =>
  data && { data, counted: data.byteLength }
const names = (pieces: readonly Uint8Array[]): string =>
  pieces.map(data => String.fromCharCode(data[0] ?? 0)).join('')

describe('ClassScheduler', () => {
  it('sends at once while there is room', () => {
    const scheduler = new ClassScheduler()
    const stream = new FakeStream()
    scheduler.send(stream, piece('a'), 'bulk')
    expect(names(stream.sent)).toBe('a')
    expect(scheduler.waitingBytes).toBe(0)
  })

  it('sends the classes in their order, and each class in the order in which it came', () => {
    const scheduler = new ClassScheduler()
    const stream = new FakeStream(10)
    scheduler.send(stream, piece('0'), 'bulk')
    for (const round of ['1', '2'])
      for (const name of [...TRAFFIC_CLASSES].reverse())
        scheduler.send(stream, piece(round === '1' ? name : name.toUpperCase()), name)
    expect(names(stream.sent)).toBe('0')
    for (let i = 0; i < 10; i++) stream.drain()
    expect(names(stream.sent)).toBe('0cCaAvVdDbB')
  })

  it('lets a control frame overtake what waits in other streams', () => {
    const scheduler = new ClassScheduler(15)
    const all: Uint8Array[] = []
    const bulk = new FakeStream(10, data => all.push(data))
    const control = new FakeStream(10, data => all.push(data))
    scheduler.send(bulk, piece('b'), 'bulk')
    scheduler.send(bulk, piece('b'), 'bulk')
    scheduler.send(control, piece('c'), 'control')
    expect(names(all)).toBe('bc')
  })

  it('goes round the streams of a class', () => {
    const scheduler = new ClassScheduler(10)
    const all: Uint8Array[] = []
    const [a, b] = [new FakeStream(30, data => all.push(data)), new FakeStream(30, data => all.push(data))]
    const gate = new FakeStream(0)
    gate.writeBufferLength = 10
    scheduler.send(gate, piece('g', 0), 'control')
    gate.writableNeedsDrain = false
    gate.writeBufferLength = 10
    for (let i = 0; i < 3; i++) scheduler.send(a, piece('a'), 'data')
    for (let i = 0; i < 3; i++) scheduler.send(b, piece('b'), 'data')
    expect(names(all)).toBe('')
    gate.drain()
    expect(names(all)).toBe('ababab')
  })

  it('leaves at most 64 KiB and one piece unsent in the muxer', () => {
    const scheduler = new ClassScheduler()
    // A muxer that takes everything and sends nothing.
    const stream = new FakeStream()
    const take = stream.send.bind(stream)
    stream.send = data => {
      const canSendMore = take(data)
      stream.writeBufferLength += data.byteLength
      return canSendMore
    }
    for (let i = 0; i < 200; i++) scheduler.send(stream, piece('x', 1_000), 'data')
    expect(stream.sent).toHaveLength(66)
    expect(scheduler.waitingBytes).toBe(134_000)
    stream.drain()
    expect(stream.sent).toHaveLength(132)
  })

  it('holds up nobody for a stream whose reader is slow, however much it has left unsent', () => {
    const scheduler = new ClassScheduler()
    const slow = new FakeStream(100)
    const quick = new FakeStream()
    scheduler.send(slow, piece('s', 100_000), 'control')
    scheduler.send(slow, piece('s'), 'control')
    scheduler.send(quick, piece('q'), 'bulk')
    expect(names(slow.sent)).toBe('s')
    expect(names(quick.sent)).toBe('q')
  })

  it('aborts the slow stream at the bound of waiting bytes, and not the one that happens to send', () => {
    const scheduler = new ClassScheduler(64, 1_000)
    const slow = new FakeStream(0)
    const other = new FakeStream(0)
    scheduler.send(slow, piece('s', 0), 'data')
    scheduler.send(other, piece('o', 0), 'data')
    for (let i = 0; i < 9; i++) scheduler.send(slow, piece('s', 100), 'data')
    scheduler.send(other, piece('o', 100), 'data')
    expect([slow.aborted, other.aborted]).toEqual([undefined, undefined])
    expect(scheduler.waitingBytes).toBe(1_000)
    scheduler.send(other, piece('o', 1), 'data')
    expect(slow.aborted?.message).toMatch('1000 bytes')
    expect(other.aborted).toBe(undefined)
    expect(scheduler.waitingBytes).toBe(101)
    other.drain()
    expect(names(other.sent.slice(1))).toBe('o')
  })

  it('aborts a stream that alone sends more than the bound', () => {
    const scheduler = new ClassScheduler(64, 1_000)
    const stream = new FakeStream(0)
    for (let i = 0; i < 12; i++) scheduler.send(stream, piece('s', 100), 'data')
    expect(stream.aborted).toBeInstanceOf(Error)
    expect(scheduler.waitingBytes).toBe(0)
  })

  it('forgets a stream that closes: its bytes, its listeners, and others go on', () => {
    const scheduler = new ClassScheduler()
    const [gone, stays] = [new FakeStream(10), new FakeStream(10)]
    for (const stream of [gone, stays]) for (let i = 0; i < 3; i++) scheduler.send(stream, piece('x'), 'data')
    gone.close()
    expect(scheduler.waitingBytes).toBe(20)
    expect(gone.listenerCount).toBe(0)
    stays.drain()
    expect(stays.sent).toHaveLength(2)
  })

  it('sends nothing on a stream that cannot be written any more', () => {
    const scheduler = new ClassScheduler()
    const stream = new FakeStream()
    stream.close()
    scheduler.send(stream, piece('x'), 'data')
    expect(stream.sent).toEqual([])
    expect(stream.listenerCount).toBe(0)
  })

  it('aborts a stream that throws, and sends on the others', () => {
    const scheduler = new ClassScheduler()
    const [broken, whole] = [new FakeStream(), new FakeStream()]
    broken.send = () => {
      throw new Error('broken')
    }
    scheduler.send(broken, piece('b'), 'data')
    scheduler.send(whole, piece('w'), 'data')
    expect(broken.aborted?.message).toBe('broken')
    expect(names(whole.sent)).toBe('w')
  })

  it('asks a source for its next piece only when it can be sent, behind what is more urgent', () => {
    const scheduler = new ClassScheduler(15)
    const all: Uint8Array[] = []
    const bulk = new FakeStream(10, data => all.push(data))
    const control = new FakeStream(Number.POSITIVE_INFINITY, data => all.push(data))
    const pieces = ['1', '2', '3'].map(name => piece(name))
    scheduler.pull(bulk, () => paced(pieces.shift()), 'bulk')
    expect(names(all)).toBe('1')
    scheduler.send(control, piece('c'), 'control')
    expect(names(all)).toBe('1c')
    bulk.drain()
    bulk.drain()
    expect(names(all)).toBe('1c23')
    expect(scheduler.waitingBytes).toBe(0)
  })

  it('asks a source that had nothing only when it is said again', () => {
    const scheduler = new ClassScheduler()
    const stream = new FakeStream()
    const pieces: Uint8Array[] = []
    scheduler.pull(stream, () => paced(pieces.shift()), 'bulk')
    pieces.push(piece('a'))
    scheduler.send(stream, piece('c'), 'control')
    expect(names(stream.sent)).toBe('c')
    scheduler.pull(stream, () => paced(pieces.shift()), 'bulk')
    expect(names(stream.sent)).toBe('ca')
  })

  it('does not mix up what a source brings about while it is asked', () => {
    const scheduler = new ClassScheduler()
    const stream = new FakeStream()
    const pieces = ['1', '2', '3'].map(name => piece(name))
    const source = (): PacedPiece | undefined => {
      const next = pieces.shift()
      // As when the end of one object makes the next one known.
      scheduler.pull(stream, source, 'bulk')
      return paced(next)
    }
    scheduler.pull(stream, source, 'bulk')
    expect(names(stream.sent)).toBe('123')
  })

  it('asks sources only while the window has room, and asks on when there is some again', () => {
    const scheduler = new ClassScheduler(Number.POSITIVE_INFINITY)
    const [a, b] = [new FakeStream(), new FakeStream()]
    const all: string[] = []
    const from = (name: string) => () => {
      all.push(name)
      return { data: piece(name), counted: 6_000 }
    }
    scheduler.pull(a, from('a'), 'bulk')
    // One window for all streams, full after three of these pieces.
    scheduler.pull(b, from('b'), 'video')
    expect(all.join('')).toBe('aaa')
    scheduler.taken(12_000, 5, 5)
    expect(all.slice(0, 5).join('')).toBe('aaabb')
    const asked = all.length
    scheduler.lost(6_000)
    expect(all.length).toBe(asked + 1)
    expect(scheduler.windowBytes).toBeGreaterThan(16_384)
  })

  it('sends what waits and is not paced also while the window has no room', () => {
    const scheduler = new ClassScheduler()
    const stream = new FakeStream()
    scheduler.pull(stream, () => ({ data: piece('b'), counted: 200_000 }), 'bulk')
    scheduler.send(stream, piece('c'), 'control')
    expect(names(stream.sent)).toBe('bc')
  })

  it('serves a class that was passed over eight times, but never before control and audio', () => {
    const scheduler = new ClassScheduler(1)
    const all: Uint8Array[] = []
    const stream = new FakeStream(1, data => all.push(data))
    const endless = (name: string) => () => ({ data: piece(name, 1), counted: 0 })
    scheduler.send(stream, piece('-', 1), 'control')
    scheduler.pull(stream, endless('v'), 'video')
    scheduler.pull(stream, endless('d'), 'data')
    scheduler.pull(stream, endless('b'), 'bulk')
    for (let i = 0; i < 20; i++) stream.drain()
    // Bulk is passed over by data as well.
    expect(names(all)).toBe('-vvvvvvvvbdvvvvvvvbvd')
    scheduler.pull(stream, endless('a'), 'audio')
    for (let i = 0; i < 20; i++) stream.drain()
    expect(names(all).slice(21)).toBe('a'.repeat(20))
  })

  it('serves a class that was passed over also when every piece fills the window', () => {
    const scheduler = new ClassScheduler()
    const stream = new FakeStream()
    const endless = (name: string) => () => ({ data: piece(name, 1), counted: 200_000 })
    scheduler.pull(stream, endless('v'), 'video')
    scheduler.pull(stream, endless('b'), 'bulk')
    // As slow as the window can be.
    for (let i = 1; i < 20; i++) scheduler.taken(200_000, 5_000 * i, 5_000 * i)
    expect(names(stream.sent).slice(0, 20)).toBe('vvvvvvvvvbvvvvvvvvbv')
  })
})
