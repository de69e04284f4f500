import { readFileSync } from 'node:fs'
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { describe, expect, it } from 'vitest'
import {
  answerMessage,
  confirmationMessage,
  isAnswer,
  isOpening,
  type LinkParties,
  linkIDOf,
  openingMessage
} from '../../../src/net/link-handshake.ts'

type Vector = Record<
  'key' | 'opener' | 'responder' | 'openerNonce' | 'responderNonce' | 'm1' | 'm2' | 'm3' | 'linkID',
  string
>
const vector = JSON.parse(
  readFileSync(new URL('./vectors/link-handshake.json', import.meta.url), 'utf8')
) as Vector
const bytes = (name: keyof Vector): Uint8Array => fromString(vector[name], 'base16')
const hex = (value: Uint8Array): string => bytesToText(value, 'base16')

const key = bytes('key')
const parties: LinkParties = { opener: bytes('opener'), responder: bytes('responder') }
const [m1, m2, m3] = [bytes('m1'), bytes('m2'), bytes('m3')]

/** All copies of these bytes with one bit changed. */
function* bitFlips(original: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < original.byteLength * 8; bit++) {
    const flipped = original.slice()
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
    yield flipped
  }
}

describe('The link handshake', () => {
  it('gives the messages of the golden vector', () => {
    expect(hex(openingMessage(key, parties, bytes('openerNonce')))).toBe(vector.m1)
    expect(hex(answerMessage(key, parties, m1, bytes('responderNonce')))).toBe(vector.m2)
    expect(hex(confirmationMessage(key, parties, m1, m2))).toBe(vector.m3)
    expect(hex(linkIDOf(key, parties, m1, m2))).toBe(vector.linkID)
  })

  it('holds for the messages of the golden vector', () => {
    expect(isOpening(key, parties, m1)).toBe(true)
    expect(isAnswer(key, parties, m1, m2)).toBe(true)
  })

  it('fails at any flipped bit of a message', () => {
    for (const flipped of bitFlips(m1)) {
      expect(isOpening(key, parties, flipped)).toBe(false)
    }
    for (const flipped of bitFlips(m2)) expect(isAnswer(key, parties, m1, flipped)).toBe(false)
    for (const flipped of bitFlips(m1.subarray(0, 32))) {
      expect(isAnswer(key, parties, flipped, m2)).toBe(false)
      expect(confirmationMessage(key, parties, flipped, m2)).not.toEqual(m3)
    }
    for (const flipped of bitFlips(m2.subarray(0, 32)))
      expect(confirmationMessage(key, parties, m1, flipped)).not.toEqual(m3)
  })

  it('fails at any flipped bit of the key', () => {
    for (const flipped of bitFlips(key)) {
      expect(isOpening(flipped, parties, m1)).toBe(false)
      expect(isAnswer(flipped, parties, m1, m2)).toBe(false)
      expect(confirmationMessage(flipped, parties, m1, m2)).not.toEqual(m3)
    }
  })

  it('fails at any flipped bit of a peer id', () => {
    for (const opener of bitFlips(parties.opener)) {
      expect(isOpening(key, { ...parties, opener }, m1)).toBe(false)
      expect(isAnswer(key, { ...parties, opener }, m1, m2)).toBe(false)
    }
    for (const responder of bitFlips(parties.responder)) {
      expect(isOpening(key, { ...parties, responder }, m1)).toBe(false)
      expect(isAnswer(key, { ...parties, responder }, m1, m2)).toBe(false)
    }
  })

  it('fails when a message is sent back to where it came from', () => {
    const reflected: LinkParties = { opener: parties.responder, responder: parties.opener }
    expect(isOpening(key, reflected, m1)).toBe(false)
    expect(isOpening(key, reflected, m2)).toBe(false)
    expect(isAnswer(key, parties, m1, m1)).toBe(false)
  })

  it('gives the link an id that is not the confirmation, which crosses the network', () => {
    expect(vector.m3.startsWith(vector.linkID)).toBe(false)
  })

  it('fails for messages that are cut off', () => {
    expect(isOpening(key, parties, m1.subarray(0, 63))).toBe(false)
    expect(isAnswer(key, parties, m1, m2.subarray(0, 32))).toBe(false)
  })
})
