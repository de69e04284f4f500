import { fromString } from 'uint8arrays/from-string'
import { toString as textOf } from 'uint8arrays/to-string'
import { describe, expect, it } from 'vitest'
import { RendezvousMessage } from '../../../src/wire/rendezvous.ts'
import { MessageType, ResponseStatus, statusName } from '../../../src/wire/rendezvous-protocol.ts'

// Written by hand from the specification's field numbers, not by the codec.
const REGISTER = '0800' + '120a' + '0a0161' + '12020102' + '18a038'
const register = { ns: 'a', signedPeerRecord: Uint8Array.of(1, 2), ttl: 7200n }
const vectors: [string, string, RendezvousMessage][] = [
  ['REGISTER', REGISTER, { type: MessageType.REGISTER, register }],
  [
    'REGISTER_RESPONSE',
    '0801' + '1a05' + '0800' + '18a038',
    { type: MessageType.REGISTER_RESPONSE, registerResponse: { status: ResponseStatus.OK, ttl: 7200n } }
  ],
  ['UNREGISTER', '0802' + '2203' + '0a0161', { type: MessageType.UNREGISTER, unregister: { ns: 'a' } }],
  [
    'DISCOVER',
    '0803' + '2a08' + '0a0161' + '1064' + '1a01ff',
    { type: MessageType.DISCOVER, discover: { ns: 'a', limit: 100n, cookie: Uint8Array.of(255) } }
  ],
  [
    'DISCOVER_RESPONSE',
    '0804' + '3211' + '0a0a' + REGISTER.slice(8) + '1201ff' + '1800',
    {
      type: MessageType.DISCOVER_RESPONSE,
      discoverResponse: { registrations: [register], cookie: Uint8Array.of(255), status: ResponseStatus.OK }
    }
  ]
]

describe('rendezvous messages', () => {
  it.each(vectors)(
    '%s has the bytes that the specification gives it, zeros written out',
    (_, hex, message) => {
      expect(textOf(RendezvousMessage.encode(message), 'base16')).toBe(hex)
      expect(RendezvousMessage.decode(fromString(hex, 'base16'))).toEqual(message)
    }
  )

  it('keep what the sender left out apart from what it set to zero', () => {
    const { discover } = RendezvousMessage.decode(fromString('08032a03' + '0a0161', 'base16'))
    expect(discover?.limit).toBeUndefined()
    expect(discover?.cookie).toBeUndefined()
  })

  it('carry a status of a newer version as its number', () => {
    const { registerResponse } = RendezvousMessage.decode(fromString('08011a0308' + 'e707', 'base16'))
    expect(registerResponse?.status).toBe(999)
    expect(statusName(999)).toBe('999')
    expect(statusName(ResponseStatus.E_UNAVAILABLE)).toBe('E_UNAVAILABLE')
  })
})
