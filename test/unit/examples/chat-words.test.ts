import { describe, expect, it } from 'vitest'
import { cleanName } from '../../../examples/chat-web/src/names.ts'
import { errorInWords, pathInWords, relaysInWords } from '../../../examples/chat-web/src/words.ts'
import { NetGroupError } from '../../../src/core/errors.ts'

const RELAY = '/dns4/relay.example/tcp/443/tls/ws'

describe('pathInWords()', () => {
  it.each([
    [{ relayed: true, rttMs: 40 }, 'through relay'],
    [{ relayed: false, rttMs: 12.4 }, 'direct, 12 ms'],
    [{ relayed: false, rttMs: 0.3 }, 'direct, under 1 ms'],
    [{ relayed: false, rttMs: 0 }, 'direct'],
    [undefined, 'through others']
  ])('says %o as "%s"', (neighbor, words) => {
    expect(pathInWords(neighbor)).toBe(words)
  })
})

describe('relaysInWords()', () => {
  const retryAt = new Date(2026, 0, 2, 12, 3, 4)
  const lost = { address: RELAY, state: 'waiting', retryAt, reason: 'gone' } as const

  it('says how it stands with one relay', () => {
    expect(relaysInWords([{ address: RELAY, state: 'connected' }], true, true).text).toBe(
      'connected to relay'
    )
    expect(relaysInWords([{ address: RELAY, state: 'connecting' }], false, true).text).toBe(
      'connecting to relay …'
    )
    expect(relaysInWords([lost], true, true).text).toBe('relay lost, trying again at 12:03:04')
    expect(relaysInWords([lost], false, true).text).toBe('relay not reached, trying again at 12:03:04')
  })

  it('says that one of two is enough, and of two lost ones when the first is tried', () => {
    const other = { ...lost, retryAt: new Date(2026, 0, 2, 12, 3, 1) }
    expect(relaysInWords([lost, { address: RELAY, state: 'connected' }], true, true).text).toBe(
      'connected to 1 of 2 relays'
    )
    expect(relaysInWords([lost, other], true, true).text).toBe('relay lost, trying again at 12:03:01')
  })

  it('says offline before all else', () => {
    expect(relaysInWords([{ address: RELAY, state: 'connected' }], true, false).text).toBe('offline')
  })
})

describe('cleanName()', () => {
  it.each([
    ['  Ada   Lovelace ', 'Ada Lovelace'],
    ['a\u202eb\u200bc\u0007', 'abc'],
    ['x'.repeat(40), 'x'.repeat(32)],
    [' \u200b ', undefined]
  ])('makes of %j %j', (claimed, shown) => {
    expect(cleanName(claimed)).toBe(shown)
  })
})

describe('errorInWords()', () => {
  it('does not speak of groupspecs to somebody who has opened a link', () => {
    const error = new NetGroupError('GROUPSPEC_INVALID', 'Cannot parse groupspec', {
      field: 'text',
      offset: 3,
      reason: 'no'
    })
    expect(errorInWords(error)).toMatch(/^The link is damaged/)
  })
})
