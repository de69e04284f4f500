import fc from 'fast-check'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { describe, expect, it } from 'vitest'
import { FrameReader, frame } from '../../../src/wire/framing.ts'

const MAX = 70_000

/** Cuts bytes at these places, in any order. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [0, ...places.map(place => place % (bytes.byteLength + 1)), bytes.byteLength].sort(
    (a, b) => a - b
  )
  return cuts.slice(1).map((end, i) => bytes.slice(cuts[i], end))
}

describe('FrameReader', () => {
  it('gives the same frames however the bytes were cut', () => {
    const frames = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 20 }),
        fc
          .constantFrom(0, 127, 128, 16_383, 16_384, 65_536)
          .map(length => new Uint8Array(length).fill(length))
      ),
      { maxLength: 6 }
    )
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 40 }), (sent, places) => {
        const reader = new FrameReader(MAX)
        const received = cut(concat(sent.map(frame)), places).flatMap(bytes =>
          reader.read(bytes).map(one => one.slice())
        )
        expect(received.length).toBe(sent.length)
        expect(received.every((one, i) => equals(one, sent[i] as Uint8Array))).toBe(true)
      })
    )
  })

  it('gives a frame with its last byte and not before', () => {
    const reader = new FrameReader(MAX)
    const bytes = frame(Uint8Array.of(1, 2, 3))
    for (const byte of bytes.subarray(0, -1)) expect(reader.read(Uint8Array.of(byte))).toEqual([])
    expect(reader.read(bytes.subarray(-1))).toEqual([Uint8Array.of(1, 2, 3)])
  })

  it('takes a frame of the largest size, and throws at one byte more as soon as the length is there', () => {
    expect(new FrameReader(300).read(frame(new Uint8Array(300)))).toEqual([new Uint8Array(300)])
    const prefix = frame(new Uint8Array(301)).subarray(0, 2)
    expect(() => new FrameReader(300).read(prefix)).toThrow(RangeError)
  })

  it('throws at a length of more than 4 bytes', () => {
    expect(() => new FrameReader(MAX).read(Uint8Array.of(0x80, 0x80, 0x80, 0x80))).toThrow(RangeError)
  })

  it('does not read on past what it threw at', () => {
    const reader = new FrameReader(4)
    expect(() => reader.read(concat([frame(Uint8Array.of(1)), frame(new Uint8Array(5))]))).toThrow(RangeError)
  })
})
