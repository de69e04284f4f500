import { runInNewContext } from 'node:vm'
import { decode, encode } from 'cborg'
import * as taglib from 'cborg/taglib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isNetGroupError } from '../../../src/core/errors.ts'
import { decodeValue, encodeValue, type ValueClasses } from '../../../src/net/value.ts'

class Point {
  x: number
  y: number
  constructor(x: number, y: number) {
    this.x = x
    this.y = y
  }
  length(): number {
    return Math.hypot(this.x, this.y)
  }
}

const roundTrip = (value: unknown, classes?: ValueClasses): unknown =>
  decodeValue(encodeValue(value, classes), classes)

/** What is not done after 3 s fails: it would hold up all else for minutes. */
function inTime<T>(run: () => T): T {
  return runInNewContext('run()', { run }, { timeout: 3_000 }) as T
}

describe('values', () => {
  test.each([
    ['null', null],
    ['booleans', [true, false]],
    ['numbers', [0, -0, 1, -1, 1.5, 2 ** 53 - 1, -(2 ** 53 - 1), 1e300, Infinity, -Infinity, NaN]],
    ['bigints, small ones too', [0n, 5n, -5n, 2n ** 64n, -(2n ** 70n)]],
    ['text', ['', 'a', 'ü\u{1F600}']],
    ['bytes', Uint8Array.of(1, 2, 3)],
    ['dates to the millisecond', new Date(1_700_000_000_123)],
    [
      'maps with keys of any kind',
      new Map<unknown, unknown>([
        [1, 'a'],
        ['b', new Map()],
        [2n, null]
      ])
    ],
    ['sets', new Set([1, 'a', 2n])],
    ['nested objects', { a: [{ b: { c: [1, new Date(5)] } }] }],
    ['a key named __proto__', JSON.parse('{"__proto__":{"x":1}}')]
  ])('%s come back as they were', (_, value) => {
    expect(roundTrip(value)).toEqual(value)
  })

  test.each([
    Int8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array
  ])('%o come back as they were', Type => {
    const back = roundTrip({ v: new Type([1, 2, 100]) }) as { v: unknown }
    expect(back.v).toBeInstanceOf(Type)
    expect(back.v).toEqual(new Type([1, 2, 100]))
  })

  test('big integer arrays come back as they were', () => {
    expect(roundTrip(new BigInt64Array([1n, -5n]))).toEqual(new BigInt64Array([1n, -5n]))
    expect(roundTrip(new BigUint64Array([2n ** 63n]))).toEqual(new BigUint64Array([2n ** 63n]))
  })

  test('any bigint comes back as it was, wherever it stands, in the bytes that cborg writes for it', () => {
    const wide = fc.bigInt({ min: -(2n ** 600n), max: 2n ** 600n })
    const typeEncoders = { bigint: taglib.structBigIntEncoder }
    fc.assert(
      fc.property(fc.oneof(fc.bigInt(), wide), value => {
        expect(encodeValue(value)).toEqual(encode(value, { typeEncoders }))
        const places = [value, { value }, new Set([value]), new Map([[value, value]])]
        expect(roundTrip(places)).toEqual(places)
      })
    )
  })

  test('a bigint of any bytes, none and leading zeros too, is read as cborg reads it', () => {
    const tags = {
      [taglib.TAG_BIGINT_POS]: taglib.bigIntDecoder,
      [taglib.TAG_BIGINT_NEG]: taglib.bigNegIntDecoder
    }
    const zeros = fc.uint8Array({ maxLength: 60 }).map(bytes => Uint8Array.of(0, 0, ...bytes))
    const digits = fc.oneof(fc.uint8Array({ maxLength: 60 }), zeros)
    fc.assert(
      fc.property(fc.constantFrom(0xc2, 0xc3), digits, (tag, bytes) => {
        const encoded = Uint8Array.of(tag, ...encode(bytes))
        expect(decodeValue(encoded)).toBe(decode(encoded, { tags }))
      })
    )
  })

  test.each([
    ['a number', 5],
    ['text', 'a'],
    ['digits as text', '5'],
    ['an array of numbers', [1, 2]],
    ['null', null]
  ])('%s under the tag of a bigint is refused', (_, content) => {
    for (const tag of [0xc2, 0xc3])
      expect(() => decodeValue(Uint8Array.of(tag, ...encode(content)))).toThrow()
  })

  test.each([
    ['positive', 1n],
    ['negative', -1n]
  ])('a %s bigint of 1 MiB takes neither its sender nor its receiver more than a moment', (_, sign) => {
    const value = sign * BigInt(`0x${'a7'.repeat(2 ** 20)}`)
    const bytes = inTime(() => encodeValue([value, 1]))
    // Not by toEqual: that would print it.
    expect(inTime(() => decodeValue(bytes))).toSatisfy(back => Array.isArray(back) && back[0] === value)
  })

  test('an instance of a declared class comes back as one, without its constructor being called', () => {
    const back = roundTrip([new Point(3, 4)], { Point }) as [Point]
    expect(back[0]).toBeInstanceOf(Point)
    expect(back[0].length()).toBe(5)
  })

  test('a property that is undefined is left out', () => {
    expect(roundTrip({ a: 1, b: undefined })).toEqual({ a: 1 })
  })

  test.each([
    ['value.a[1]', { a: [1, () => {}] }],
    ['value.s', { s: Symbol('s') }],
    ['value.p', { p: new Point(1, 2) }],
    ['value.d', { d: new Date(NaN) }],
    ['value[0]', [undefined]],
    ['value.e', { e: new Error('x') }]
  ])('what cannot be sent is refused with its path: %s', (path, value) => {
    expect(() => encodeValue(value)).toThrow(path)
    try {
      encodeValue(value)
    } catch (error) {
      expect(isNetGroupError(error, 'VALUE_UNSUPPORTED') && `value${error.detail.path}`).toBe(path)
    }
  })

  test('a value that holds itself is refused', () => {
    const value: { self?: unknown } = {}
    value.self = value
    expect(() => encodeValue(value)).toThrow('value.self')
  })

  test('the same value in another order of keys has the same bytes', () => {
    expect(encodeValue({ a: 1, b: 2 })).toEqual(encodeValue({ b: 2, a: 1 }))
  })

  test('an instance of a class that the receiver did not declare does not decode', () => {
    const bytes = encodeValue(new Point(1, 2), { Point })
    expect(() => decodeValue(bytes)).toThrow()
    expect(() => decodeValue(encodeValue(new Point(1, 2), { constructor: Point }))).toThrow()
  })

  test('a stranger cannot reach a prototype', () => {
    const back = roundTrip(JSON.parse('{"__proto__":{"admin":true}}')) as { admin?: boolean }
    expect(back.admin).toBeUndefined()
  })

  test('random bytes decode or throw an Error, deep nesting too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        try {
          decodeValue(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }),
      { numRuns: 20_000 }
    )
    expect(() => decodeValue(new Uint8Array(65_536).fill(0x81))).toThrow()
  })

  test('any JSON comes back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(roundTrip(value)).toEqual(value)
      })
    )
  })
})
