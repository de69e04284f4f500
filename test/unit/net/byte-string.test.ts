import { encode } from 'cborg'
import { describe, expect, it } from 'vitest'
import { decodeBytes, encodeBytes } from '../../../src/net/byte-string.ts'
import { decodeValue } from '../../../src/net/value.ts'

const LENGTHS = [0, 1, 23, 24, 25, 255, 256, 65_535, 65_536, 70_000]
const sample = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i & 0xff)

describe('A byte string', () => {
  it.each(LENGTHS)('of %i bytes is written as the general codec does, and read again', length => {
    const encoded = encodeBytes(sample(length))
    expect(Buffer.from(encoded).equals(Buffer.from(encode(sample(length))))).toBe(true)
    expect(decodeBytes(encoded)).toEqual(sample(length))
  })

  it('is a copy, so that it holds no packet', () => {
    const encoded = encodeBytes(sample(5))
    const bytes = decodeBytes(encoded)
    encoded.fill(9)
    expect(bytes).toEqual(sample(5))
  })

  it('is nothing that is too long, too short, or written at greater length than it need be', () => {
    for (const length of LENGTHS) {
      const encoded = encodeBytes(sample(length))
      for (const wrong of [Uint8Array.from([...encoded, 1]), encoded.subarray(0, -1)]) {
        expect(decodeBytes(wrong)).toBe(undefined)
        expect(() => decodeValue(wrong)).toThrow()
      }
    }
    for (const longer of [
      [0x58, 1, 7],
      [0x59, 0, 1, 7],
      [0x5a, 0, 0, 0, 1, 7],
      [0x5f, 0x41, 7, 0xff],
      [0x58]
    ]) {
      expect(decodeBytes(Uint8Array.from(longer))).toBe(undefined)
      expect(() => decodeValue(Uint8Array.from(longer))).toThrow()
    }
  })
})
