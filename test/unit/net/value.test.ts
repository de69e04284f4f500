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
