import fc from 'fast-check'
import { fromString } from 'uint8arrays/from-string'
import { toString as textOf } from 'uint8arrays/to-string'
import { describe, expect, it } from 'vitest'
import { decodeRanges, encodeRanges } from '../../../src/core/replication/range-codec.ts'
import { MAX_INDEX, RangeSet } from '../../../src/core/replication/range-set.ts'
import { frame } from '../../../src/wire/framing.ts'
import { MAX_LINK_FRAME_BYTES, MAX_NAMESPACE_BYTES, MAX_RANGES } from '../../../src/wire/limits.ts'
import { Frame } from '../../../src/wire/link.ts'
import { packed, unpacked, type WholeFrame } from '../../support/whole-frame.ts'

const index = fc.oneof(
  fc.nat(50),
  fc.maxSafeNat(),
  fc.nat(50).map(i => MAX_INDEX - i)
)
const set = fc
  .array(fc.tuple(index, index), { maxLength: 20 })
  .map(ranges => RangeSet.of(...ranges.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)))

/** The largest set there may be in a frame, of numbers that take most bytes. */
function largest(): number[] {
  const step = Math.floor(MAX_INDEX / MAX_RANGES)
  const ranges = Array.from({ length: MAX_RANGES }, (_, i) => [i * step, i * step + step / 2] as const)
  return encodeRanges(RangeSet.of(...ranges.map(([start, end]) => [start, Math.floor(end)] as const)))
}

describe('ranges in frames', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(set, ranges => {
        const frame: WholeFrame = {
          have: { namespace: 'x', isWhole: true, added: encodeRanges(ranges), removed: [], asks: false }
        }
        const { have } = unpacked(Frame.decode(Frame.encode(packed(frame))))
        expect([...decodeRanges(have?.added ?? [])]).toEqual([...ranges])
      })
    )
  })

  it('are refused when they touch, are half, or go beyond 2^53 − 1', () => {
    for (const numbers of [
      [1],
      [0, 0, 0, 0],
      [0, 3, 2],
      [MAX_INDEX, 1],
      [5, MAX_INDEX - 4],
      [0, MAX_INDEX, 1, 0]
    ])
      expect(() => decodeRanges(numbers)).toThrow(RangeError)
    expect([...decodeRanges([0, MAX_INDEX])]).toEqual([[0, MAX_INDEX]])
  })

  it('are never taken for others than they are written as', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(3), fc.maxSafeNat()), { maxLength: 9 }), numbers => {
        let decoded: RangeSet
        try {
          decoded = decodeRanges(numbers)
        } catch {
          return
        }
        expect(encodeRanges(decoded)).toEqual(numbers)
      })
    )
  })

  it('are 4,096 at most, which fit in a frame', () => {
    const numbers = largest()
    const sets = { namespace: 'x'.repeat(MAX_NAMESPACE_BYTES), isWhole: false, asks: true }
    // As many in both lists as one of them may have: more than is ever sent.
    const bytes = Frame.encode(packed({ have: { ...sets, added: numbers, removed: numbers } }))
    expect(bytes.byteLength).toBeLessThan(MAX_LINK_FRAME_BYTES)
    expect(unpacked(Frame.decode(bytes)).have?.added.length).toBe(2 * MAX_RANGES)
    const tooLong = Frame.encode(packed({ want: { ...sets, added: [...numbers, 1, 1], removed: [] } }))
    expect(() => unpacked(Frame.decode(tooLong))).toThrow()
  })

  it('have these bytes, as the other frames of objects have', () => {
    const bytesOf = (message: WholeFrame): string => textOf(frame(Frame.encode(packed(message))), 'base16')
    const added = encodeRanges(RangeSet.of([0, 0], [5, 6], [300, 999_999]))
    const vectors: readonly (readonly [WholeFrame, string])[] = [
      [
        { have: { namespace: 'x', isWhole: true, added, removed: [3, 0], asks: true } },
        '1c621a0a01781001180018001804180118a5021893823d200320002801'
      ],
      [{ want: { namespace: '', isWhole: false, added: [7, 0], removed: [] } }, '066a0418071800'],
      [{ request: { namespace: '', indices: [MAX_INDEX, 3] } }, '0d720b10ffffffffffffff0f1003'],
      [{ cancel: { namespace: 'x', index: 300 } }, '087a060a017810ac02'],
      [{ denial: { namespace: '', index: 300, reason: 2 } }, '0882010510ac021802'],
      [{ queue: { namespace: '', waiting: 9 } }, '058a01021009']
    ]
    for (const [message, hex] of vectors) {
      expect(bytesOf(message)).toBe(hex)
      expect(unpacked(Frame.decode(fromString(hex, 'base16').subarray(1)))).toEqual(message)
    }
  })
})
