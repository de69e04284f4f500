import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { describe, expect, it } from 'vitest'
import { placeNumber } from '../../../src/core/presence/presence-engine.ts'
import type {
  PresenceDraft,
  PresenceEntry,
  PresenceWords
} from '../../../src/core/presence/presence-entry.ts'
import { PeerPlaces } from '../../../src/net/peer-places.ts'
import { decodeWords, encodeWords, signedPresence } from '../../../src/net/presence-codec.ts'
import { seededRandom } from '../../../src/shared/seeded-random.ts'
import { Frame } from '../../../src/wire/link.ts'
import { packed, unpacked } from '../../support/whole-frame.ts'

const GROUP_ID = new Uint8Array(32).fill(7)
const key = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(1))
const peerID = peerIdFromPrivateKey(key)
const pid = peerID.toMultihash().bytes
const places = new PeerPlaces(GROUP_ID)

const DRAFT: PresenceDraft = {
  peer: peerID.toString(),
  sinceMs: 1_700_000_000_000,
  sequence: 1_700_000_000_123,
  lifetimeMs: 180_000,
  isLeft: false,
  value: Uint8Array.of(0x64, 0x41, 0x6e, 0x6e, 0x61)
}
const ENTRY: PresenceEntry = { ...DRAFT, signature: new Uint8Array(64).fill(9), key: undefined }
const WORDS: PresenceWords = {
  entries: [ENTRY, { ...ENTRY, isLeft: true, value: new Uint8Array(0), key: Uint8Array.of(1, 2) }],
  doubts: [{ place: 1, sequence: 2 }],
  mentions: [
    { place: placeNumber(places.of(DRAFT.peer).place), sequence: DRAFT.sequence },
    { place: 2 ** 53 - 1, sequence: Number.MAX_SAFE_INTEGER }
  ],
  isWhole: true,
  wanted: [3, 4],
  digest: { count: 5, high: 2 ** 32 - 1, low: 0 }
}

const bytesOf = (words: PresenceWords): Uint8Array =>
  Frame.encode(packed({ presence: encodeWords(words, places) }))
function wordsOf(bytes: Uint8Array): PresenceWords {
  const { presence } = unpacked(Frame.decode(bytes))
  if (presence === undefined) throw new Error('No presence frame')
  return decodeWords(presence, places)
}

describe('signedPresence()', () => {
  it('is "netgroup/3 presence" 00, group id, length and peer id, since, sequence, lifetime, left, value', async () => {
    const signed = bytesToText(signedPresence(GROUP_ID, pid, DRAFT), 'base16')
    expect(signed).toBe(
      [
        bytesToText(new TextEncoder().encode('netgroup/3 presence'), 'base16'),
        '00',
        '07'.repeat(32),
        '26',
        bytesToText(pid, 'base16'),
        '0000018bcfe56800',
        '0000018bcfe5687b',
        '0002bf20',
        '00',
        '64416e6e61'
      ].join('')
    )
    const signature = await key.sign(signedPresence(GROUP_ID, pid, DRAFT))
    expect(bytesToText(signature, 'base16')).toBe(
      'f61b3401ef800725616e39e93fd7ede033c03f094555f8e05c00aa1eb33b1c07' +
        'b710d469022a5999ea20f117fc205bdef40e56a547a643049ec15fe706772501'
    )
  })
})

describe('words of presence', () => {
  it('come back as they were', () => {
    expect(wordsOf(bytesOf(WORDS))).toEqual(WORDS)
    const nothing = { entries: [], doubts: [], mentions: [], isWhole: false, wanted: [], digest: undefined }
    expect(wordsOf(bytesOf(nothing))).toEqual(nothing)
  })

  it.each<[string, Partial<PresenceWords>]>([
    ['a value of 1,025 bytes', { entries: [{ ...ENTRY, value: new Uint8Array(1_025) }] }],
    ['a lifetime over 15 minutes', { entries: [{ ...ENTRY, lifetimeMs: 900_001 }] }],
    ['a time that no Date holds', { entries: [{ ...ENTRY, sinceMs: 9e15 }] }],
    ['a key of 2,000 bytes', { entries: [{ ...ENTRY, key: new Uint8Array(2_000) }] }],
    ['1,025 mentions', { mentions: Array.from({ length: 1_025 }, () => ({ place: 1, sequence: 1 })) }]
  ])('are refused with %s', (_, words) => {
    expect(() => wordsOf(bytesOf({ ...WORDS, ...words }))).toThrow(RangeError)
  })

  it('are refused or read, and nothing else, whatever the bytes are', () => {
    const random = seededRandom(1)
    const whole = bytesOf(WORDS)
    for (let i = 0; i < 3_000; i++) {
      const bytes = whole.slice(0, random() < 0.3 ? Math.floor(random() * whole.length) : whole.length)
      for (let n = 0; n < 3; n++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
      try {
        wordsOf(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }
  })
})
