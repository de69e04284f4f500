import { expect, test } from 'vitest'
import { NamesHeard } from '../../../src/cli/names-heard.ts'
import { chatValue, shortPeer, shownValue } from '../../../src/cli/posted-value.ts'
import { sanitize } from '../../../src/cli/sanitize.ts'

test('chatValue() is a plain string without a name, as simple programs post it', () => {
  expect(chatValue('hi', undefined)).toBe('hi')
  expect(chatValue('hi', 'ada')).toEqual({ name: 'ada', text: 'hi' })
})

test('shownValue() shows strings and named texts, and makes both safe', () => {
  expect(shownValue('hi\x1b[2J')).toEqual({ text: 'hi\\x1b[2J' })
  expect(shownValue({ name: 'a\x07da', text: 'one\ntwo' })).toEqual({ name: 'a\\x07da', text: 'one\n  two' })
  expect(shownValue('one\ntwo', sanitize)).toEqual({ text: 'one\\ntwo' })
})

test('shownValue() shows everything else as JSON', () => {
  expect(shownValue({ name: 7, text: 'x' }).text).toBe('{"name":7,"text":"x"}')
  expect(shownValue(new Uint8Array([1])).text).toBe('"AQ=="')
  expect(shownValue(null).text).toBe('null')
})

test('shownValue() cuts a name that would fill the screen', () => {
  expect(shownValue({ name: 'x'.repeat(1000), text: '' }).name).toHaveLength(32)
})

test('shortPeer() is the end of a peer id, where they differ', () => {
  expect(shortPeer('12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp')).toBe('c6iDEp')
})

test('NamesHeard forgets the peer heard from least recently when there are too many', () => {
  const names = new NamesHeard()
  for (let peer = 0; peer < 1_000; peer++) names.heard(`peer${peer}`, 'x')
  names.heard('peer0', 'still here')
  names.heard('one more', 'y')
  expect(names.all.size).toBe(1_000)
  expect(names.nameOf('peer0')).toBe('still here')
  expect(names.nameOf('peer1')).toBeUndefined()
})
