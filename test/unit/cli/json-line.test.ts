import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonLine } from '../../../src/cli/json-line.ts'

test('jsonLine() prints every kind of value that travels in a group', () => {
  const value = {
    date: new Date(0),
    bytes: new Uint8Array([1, 2, 255]),
    numbers: new Float32Array([0.5, 2]),
    big: 2n ** 64n,
    set: new Set(['a', 1n]),
    map: new Map([['key', new Date(0)]]),
    pairs: new Map<unknown, unknown>([[1, 'one']]),
    nothing: null
  }
  expect(JSON.parse(jsonLine(value))).toEqual({
    date: '1970-01-01T00:00:00.000Z',
    bytes: 'AQL/',
    numbers: [0.5, 2],
    big: '18446744073709551616',
    set: ['a', '1'],
    map: { key: '1970-01-01T00:00:00.000Z' },
    pairs: [[1, 'one']],
    nothing: null
  })
})

test('jsonLine() keeps numbers that JSON cannot write as text', () => {
  expect(jsonLine([Number.NaN, Number.POSITIVE_INFINITY, new Date(Number.NaN)])).toBe(
    '["NaN","Infinity",null]'
  )
})

test('jsonLine() is plain JSON for plain values', () => {
  const plain = fc.jsonValue({ maxDepth: 4 })
  fc.assert(
    fc.property(plain, value => {
      expect(JSON.parse(jsonLine(value))).toEqual(JSON.parse(JSON.stringify(value)))
    })
  )
})

test('jsonLine() is one line that no terminal obeys', () => {
  const line = jsonLine({ text: '\x1b[2J\n\x9b31m\u202e' })
  expect(line).toBe('{"text":"\\u001b[2J\\n\\u009b31m\\u202e"}')
  expect(JSON.parse(line)).toEqual({ text: '\x1b[2J\n\x9b31m\u202e' })
})

test('jsonLine() cuts what is nested too deep instead of running out of stack', () => {
  let value: unknown = 'deep'
  for (let depth = 0; depth < 50_000; depth++) value = [value]
  expect(jsonLine(value)).toContain('…')
})

test('jsonLine() keeps a property named __proto__ as a property', () => {
  expect(jsonLine(JSON.parse('{"__proto__":{"admin":true}}'))).toBe('{"__proto__":{"admin":true}}')
})
