import { concat } from 'uint8arrays/concat'
import type {
  Mention,
  PresenceDigest,
  PresenceDraft,
  PresenceEntry,
  PresenceWords
} from '../core/presence/presence-entry.ts'
import { label, lengthPrefixed, readUint64, uint64 } from '../shared/bytes.ts'
import { MAX_PRESENCE_BYTES, MAX_PRESENCE_LIFETIME_MS, MAX_PRESENT_MEMBERS } from '../wire/limits.ts'
import type { Presence, PresenceEntry as WireEntry } from '../wire/presence.ts'
import type { PeerPlaces } from './peer-places.ts'

/** Bytes of a mention: place and sequence. */
const MENTION_BYTES = 16

/** Bytes before the value. */
const HEAD_BYTES = 21

/** The last moment that a Date can hold, in ms since 1970. */
const MAX_TIME_MS = 8.64e15

/** Longest multihash of a peer id, in bytes; what is longer is none. */
const MAX_PEER_BYTES = 64

/** Longest public key, as protobuf, in bytes: RSA with 8,192 bits has 1,100. */
const MAX_KEY_BYTES = 1_280

/** Longest signature, in bytes: RSA's, with 8,192 bits. */
const MAX_SIGNATURE_BYTES = 1_024

/** What the own key signs (docs/PROTOCOL.md, section 10). @param peer as a multihash */
export function signedPresence(groupID: Uint8Array, peer: Uint8Array, entry: PresenceDraft): Uint8Array {
  return concat([label('netgroup/3 presence'), groupID, lengthPrefixed(peer), contentOf(entry)])
}

/** Words as they travel. */
export function encodeWords(words: PresenceWords, places: PeerPlaces): Presence {
  const { digest } = words
  return {
    entries: words.entries.map(entry => encodeEntry(entry, places)),
    doubts: encodeMentions(words.doubts),
    mentions: encodeMentions(words.mentions),
    isWhole: words.isWhole,
    wanted: concat(words.wanted.map(uint64)),
    ...(digest === undefined ? {} : { digest: encodeDigest(digest) })
  }
}

/** The words of a neighbor. @throws Error when no honest member writes them so: all check what they pass on */
export function decodeWords(frame: Presence, places: PeerPlaces): PresenceWords {
  return {
    entries: frame.entries.map(entry => decodeEntry(entry, places)),
    doubts: decodeMentions(frame.doubts),
    mentions: decodeMentions(frame.mentions),
    isWhole: frame.isWhole,
    wanted: recordsOf(frame.wanted, 8).map(offset => readUint64(frame.wanted, offset)),
    digest: frame.digest === undefined ? undefined : decodeDigest(frame.digest)
  }
}

function contentOf({ sinceMs, sequence, lifetimeMs, isLeft, value }: PresenceDraft): Uint8Array {
  const content = new Uint8Array(HEAD_BYTES + value.byteLength)
  const view = new DataView(content.buffer)
  view.setBigUint64(0, BigInt(sinceMs))
  view.setBigUint64(8, BigInt(sequence))
  view.setUint32(16, lifetimeMs)
  view.setUint8(20, isLeft ? 1 : 0)
  content.set(value, HEAD_BYTES)
  return content
}

function encodeEntry(entry: PresenceEntry, places: PeerPlaces): WireEntry {
  const { signature, key } = entry
  const { bytes } = places.of(entry.peer)
  return { peer: bytes, ...(key === undefined ? {} : { key }), signature, content: contentOf(entry) }
}

function decodeEntry({ peer, key, signature, content }: WireEntry, places: PeerPlaces): PresenceEntry {
  const isWithin =
    peer.byteLength <= MAX_PEER_BYTES &&
    (key?.byteLength ?? 0) <= MAX_KEY_BYTES &&
    signature.byteLength <= MAX_SIGNATURE_BYTES &&
    content.byteLength >= HEAD_BYTES &&
    content.byteLength <= HEAD_BYTES + MAX_PRESENCE_BYTES
  if (!isWithin) throw new RangeError('An entry of presence that is too long or too short')
  const view = new DataView(content.buffer, content.byteOffset)
  const [sinceMs, lifetimeMs] = [readUint64(content), view.getUint32(16)]
  if (sinceMs > MAX_TIME_MS || lifetimeMs > MAX_PRESENCE_LIFETIME_MS || view.getUint8(20) > 1)
    throw new RangeError('An entry of presence that says what cannot be')
  // Copies: what is kept must not hold the whole frame.
  return {
    peer: places.ofBytes(peer).peer,
    sinceMs,
    sequence: readUint64(content, 8),
    lifetimeMs,
    isLeft: view.getUint8(20) === 1,
    value: content.slice(HEAD_BYTES),
    signature: signature.slice(),
    key: key?.slice()
  }
}

function encodeMentions(mentions: readonly Mention[]): Uint8Array {
  const bytes = new Uint8Array(mentions.length * MENTION_BYTES)
  const view = new DataView(bytes.buffer)
  for (const [i, { place, sequence }] of mentions.entries()) {
    view.setBigUint64(i * MENTION_BYTES, BigInt(place))
    view.setBigUint64(i * MENTION_BYTES + 8, BigInt(sequence))
  }
  return bytes
}

function decodeMentions(bytes: Uint8Array): Mention[] {
  return recordsOf(bytes, MENTION_BYTES).map(offset => ({
    place: readUint64(bytes, offset),
    sequence: readUint64(bytes, offset + 8)
  }))
}

/** Where each of the records begins that these bytes are. */
function recordsOf(bytes: Uint8Array, size: number): number[] {
  const count = bytes.byteLength / size
  if (!Number.isInteger(count) || count > MAX_PRESENT_MEMBERS)
    throw new RangeError(`${bytes.byteLength} bytes of presence are not up to ${MAX_PRESENT_MEMBERS} records`)
  return Array.from({ length: count }, (_, i) => i * size)
}

function encodeDigest({ count, high, low }: PresenceDigest): Uint8Array {
  const bytes = new Uint8Array(12)
  const view = new DataView(bytes.buffer)
  for (const [i, value] of [count, high, low].entries()) view.setUint32(4 * i, value)
  return bytes
}

function decodeDigest(bytes: Uint8Array): PresenceDigest {
  if (bytes.byteLength !== 12) throw new RangeError(`A digest of ${bytes.byteLength} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return { count: view.getUint32(0), high: view.getUint32(4), low: view.getUint32(8) }
}
