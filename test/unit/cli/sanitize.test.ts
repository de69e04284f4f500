import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sanitize, sanitizeLines } from '../../../src/cli/sanitize.ts'

test("sanitize() shows a stranger's escape sequences and does not let them through", () => {
  expect(sanitize('\x1b[2J\x1b]0;owned\x07')).toBe('\\x1b[2J\\x1b]0;owned\\x07')
  expect(sanitize('\x9b31m')).toBe('\\x9b31m')
})

test('sanitize() makes one line of any text', () => {
  expect(sanitize('one\ntwo\r\nthree\tfour\u2028five')).toBe('one\\ntwo\\r\\nthree four\\u2028five')
})

test('sanitize() shows characters that reorder or hide text', () => {
  expect(sanitize('abc\u202egpj.exe')).toBe('abc\\u202egpj.exe')
  expect(sanitize('a\u200bb\u2066c\ufeff')).toBe('a\\u200bb\\u2066c\\ufeff')
})

test('sanitize() leaves what people write alone', () => {
  const text = 'Grüße, 你好, שלום, 👩‍👩‍👧 ~ \\o/'
  expect(sanitize(text)).toBe(text)
})

test('sanitize() never lets a control character through, whatever it is given', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const codes = Array.from(sanitize(text), character => character.codePointAt(0) ?? 0)
      expect(codes.filter(code => code < 0x20 || (code >= 0x7f && code <= 0x9f))).toEqual([])
    })
  )
})

test('sanitizeLines() keeps lines and indents all but the first', () => {
  expect(sanitizeLines('one\ntwo\r\nthr\x07ee')).toBe('one\n  two\n  thr\\x07ee')
})
