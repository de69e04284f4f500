import { readFileSync } from 'node:fs'
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { describe, expect, it } from 'vitest'
import { messageIDOf, PostCipher, SEAL_BYTES } from '../../../src/net/post-cipher.ts'

type Vector = Record<'contentKey' | 'topic' | 'from' | 'nonce' | 'envelope' | 'data' | 'messageID', string>
const vector = JSON.parse(
  readFileSync(new URL('./vectors/post-cipher.json', import.meta.url), 'utf8')
) as Vector
const bytes = (name: keyof Vector): Uint8Array => fromString(vector[name], 'base16')
const cipher = new PostCipher(bytes('contentKey'), vector.topic)
const [from, data] = [bytes('from'), bytes('data')]

/** A copy with one bit changed. */
function flip(original: Uint8Array, at: number): Uint8Array {
  const flipped = original.slice()
  flipped[at] = (flipped[at] as number) ^ 1
  return flipped
}

describe('PostCipher', () => {
  it('seals to the golden vector and opens it', () => {
    expect(bytesToText(cipher.seal(bytes('envelope'), from, bytes('nonce')), 'base16')).toBe(vector.data)
    expect(cipher.open(data, from)).toEqual(bytes('envelope'))
  })

  it('gives the message id of the golden vector', () => {
    expect(messageIDOf(from, data)).toBe(vector.messageID)
  })

  it('opens nothing that was changed in any byte', () => {
    for (let at = 0; at < data.byteLength; at++) expect(cipher.open(flip(data, at), from)).toBe(undefined)
  })

  it("opens no post as another author's, in another group or with another key", () => {
    expect(cipher.open(data, flip(from, 20))).toBe(undefined)
    expect(new PostCipher(bytes('contentKey'), `${vector.topic}x`).open(data, from)).toBe(undefined)
    expect(new PostCipher(flip(bytes('contentKey'), 0), vector.topic).open(data, from)).toBe(undefined)
  })

  it('opens nothing that is too short, and does not throw', () => {
    for (const length of [0, 1, 25, SEAL_BYTES - 1, SEAL_BYTES])
      expect(cipher.open(data.subarray(0, length), from)).toBe(undefined)
  })

  it('seals an empty envelope, in as many bytes as it says', () => {
    const sealed = cipher.seal(new Uint8Array(0), from, bytes('nonce'))
    expect(sealed.byteLength).toBe(SEAL_BYTES)
    expect(cipher.open(sealed, from)).toEqual(new Uint8Array(0))
  })
})
