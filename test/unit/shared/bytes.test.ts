import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { equalInConstantTime, label, lengthPrefixed, readUint64, uint64 } from '../../../src/shared/bytes.ts'
import { seededRandom } from '../../../src/shared/seeded-random.ts'

describe('Byte layouts', () => {
  it('end a label with a zero byte', () => {
    expect(label('ab')).toEqual(Uint8Array.of(0x61, 0x62, 0))
  })

  it('prefix up to 255 bytes with their length, and refuse 256', () => {
    expect(lengthPrefixed(Uint8Array.of(9, 8))).toEqual(Uint8Array.of(2, 9, 8))
    expect(lengthPrefixed(new Uint8Array(255))[0]).toBe(255)
    expect(() => lengthPrefixed(new Uint8Array(256))).toThrow(RangeError)
  })

  it('write integers big-endian and read them back', () => {
    expect(uint64(0x0102_0304_0506)).toEqual(Uint8Array.of(0, 0, 1, 2, 3, 4, 5, 6))
    fc.assert(
      fc.property(fc.maxSafeNat(), value => {
        expect(readUint64(uint64(value))).toBe(value)
      })
    )
  })

  it('read an integer from the middle of a larger buffer', () => {
    const bytes = new Uint8Array(20).fill(0xee)
    bytes.set(uint64(77), 5)
    expect(readUint64(bytes.subarray(2), 3)).toBe(77)
  })

  it('cut integers above 2^53 - 1 to it', () => {
    expect(readUint64(new Uint8Array(8).fill(0xff))).toBe(Number.MAX_SAFE_INTEGER)
  })

  it('are equal only when every byte is, and never when the lengths differ', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (a, at, change) => {
          const b = a.slice()
          expect(equalInConstantTime(a, b)).toBe(true)
          b[at % b.byteLength] = (b[at % b.byteLength] as number) ^ change
          expect(equalInConstantTime(a, b)).toBe(false)
          expect(equalInConstantTime(a, a.subarray(1))).toBe(false)
        }
      )
    )
  })
})

describe('seededRandom', () => {
  it('gives the same numbers for a seed, others for another, all from 0 to below 1', () => {
    const draw = (seed: number): number[] => Array.from({ length: 1_000 }, seededRandom(seed))
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
    expect(draw(7).every(x => x >= 0 && x < 1)).toBe(true)
    expect(draw(7).reduce((sum, x) => sum + x, 0) / 1_000).toBeCloseTo(0.5, 1)
  })
})
