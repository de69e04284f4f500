// The handshake of a neighbor link (docs/PROTOCOL.md, section 3) as bytes: both sides prove, without telling it, that they hold the
// group's key, bound to the two peer ids of the connection and to both nonces. Three messages; no state and no I/O in here.
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { equalInConstantTime, label, lengthPrefixed } from '../shared/bytes.ts'

/** Bytes of a nonce and of a tag. */
const NONCE_BYTES = 32
const TAG_BYTES = 32

/** Lengths of the three messages. */
export const OPENING_BYTES: number = NONCE_BYTES + TAG_BYTES
export const ANSWER_BYTES: number = NONCE_BYTES + TAG_BYTES
export const CONFIRMATION_BYTES: number = TAG_BYTES
export const LINK_ID_BYTES = 16

/** The peer ids of the connection, as multihash bytes, in the order of their roles in this handshake. */
export interface LinkParties {
  readonly opener: Uint8Array
  readonly responder: Uint8Array
}

/** First message, from the opener: `Ni ‖ HMAC(key, B ‖ 01 ‖ Ni)`. */
export function openingMessage(key: Uint8Array, parties: LinkParties, nonce: Uint8Array): Uint8Array {
  return concat([nonce, tag(key, parties, 1, nonce)])
}

/** Does this first message come from someone who holds the key? */
export function isOpening(key: Uint8Array, parties: LinkParties, opening: Uint8Array): boolean {
  return equalInConstantTime(opening.subarray(NONCE_BYTES), tag(key, parties, 1, nonceOf(opening)))
}

/** Second message, from the responder: `Nr ‖ HMAC(key, B ‖ 02 ‖ Ni ‖ Nr)`. */
export function answerMessage(
  key: Uint8Array,
  parties: LinkParties,
  opening: Uint8Array,
  nonce: Uint8Array
): Uint8Array {
  return concat([nonce, tag(key, parties, 2, nonceOf(opening), nonce)])
}

/** Does this second message answer that first one, from someone who holds the key? */
export function isAnswer(
  key: Uint8Array,
  parties: LinkParties,
  opening: Uint8Array,
  answer: Uint8Array
): boolean {
  const expected = tag(key, parties, 2, nonceOf(opening), nonceOf(answer))
  return equalInConstantTime(answer.subarray(NONCE_BYTES), expected)
}

/** Third message, from the opener: `HMAC(key, B ‖ 03 ‖ Ni ‖ Nr)`. Who verifies it has a neighbor. */
export function confirmationMessage(
  key: Uint8Array,
  parties: LinkParties,
  opening: Uint8Array,
  answer: Uint8Array
): Uint8Array {
  return tag(key, parties, 3, nonceOf(opening), nonceOf(answer))
}

/** What both sides call this link from now on: 16 bytes that nobody else knows. */
export function linkIDOf(
  key: Uint8Array,
  parties: LinkParties,
  opening: Uint8Array,
  answer: Uint8Array
): Uint8Array {
  return tag(key, parties, 4, nonceOf(opening), nonceOf(answer)).slice(0, LINK_ID_BYTES)
}

function nonceOf(message: Uint8Array): Uint8Array {
  return message.subarray(0, NONCE_BYTES)
}

function tag(key: Uint8Array, parties: LinkParties, step: number, ...nonces: Uint8Array[]): Uint8Array {
  const bound = concat([
    label('netgroup/3 link'),
    lengthPrefixed(parties.opener),
    lengthPrefixed(parties.responder),
    Uint8Array.of(step),
    ...nonces
  ])
  return hmac(sha256, key, bound)
}
