// Announcements of streams: what is signed, and whether it holds (docs/PROTOCOL.md, section 14).
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import * as Digest from 'multiformats/hashes/digest'
import { concat } from 'uint8arrays/concat'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { decodeGrant, isExpired, verifyGrant } from '../../core/groupspec/grant.ts'
import { label } from '../../shared/bytes.ts'
import {
  MAX_ANNOUNCEMENT_BYTES,
  MAX_PEER_ID_BYTES,
  MAX_SIGNATURE_BYTES,
  MAX_STREAM_DURATION_MS,
  MAX_STREAM_NAME_BYTES,
  MAX_STRIPES
} from '../../wire/limits.ts'
import { StreamAnnouncement, StreamDescription } from '../../wire/streams.ts'
import { isSignedBy } from '../routing-signatures.ts'

const KEY_BYTES = 32

/** A stream that is said to be published. */
export interface AnnouncedStream {
  readonly description: StreamDescription
  readonly publisher: PeerId
  /** The stream's key as hex digits: which stream this is. */
  readonly id: string
  /** As it travels. */
  readonly bytes: Uint8Array
}

/** Against what an announcement is checked. */
export interface AnnouncementRules {
  readonly groupID: Uint8Array
  /** The public key of those who may publish; undefined: everybody may. */
  readonly authority: Uint8Array | undefined
}

/** Signs a description. */
export async function announce(
  description: StreamDescription,
  { groupID }: Pick<AnnouncementRules, 'groupID'>,
  identity: PrivateKey,
  streamKey: PrivateKey
): Promise<Uint8Array> {
  const encoded = StreamDescription.encode(description)
  const [publisherSignature, streamSignature] = await Promise.all([
    identity.sign(statement('netgroup/3 stream', groupID, encoded)),
    streamKey.sign(statement('netgroup/3 stream key', groupID, encoded))
  ])
  return StreamAnnouncement.encode({ description: encoded, publisherSignature, streamSignature })
}

/** What an announcement says, before it is known to hold. @throws Error when nobody writes it so who keeps to the rules */
export function readAnnouncement(bytes: Uint8Array): AnnouncedStream {
  if (bytes.byteLength > MAX_ANNOUNCEMENT_BYTES)
    throw new RangeError(`An announcement of ${bytes.byteLength} bytes`)
  const description = StreamDescription.decode(StreamAnnouncement.decode(bytes).description)
  const { name, streamKey, publisher, stripes, window, startedAt, revision } = description
  const nameBytes = new TextEncoder().encode(name).byteLength
  if (nameBytes < 1 || nameBytes > MAX_STREAM_NAME_BYTES) throw new RangeError('A stream without a name')
  if (streamKey.byteLength !== KEY_BYTES) throw new RangeError('A stream key of another length')
  if (publisher.byteLength > MAX_PEER_ID_BYTES) throw new RangeError('A peer id that is too long')
  const longest = Math.max(window, description.fetchPeriod, description.availabilityPeriod)
  if (stripes < 1 || stripes > MAX_STRIPES || window < 1 || longest > MAX_STREAM_DURATION_MS)
    throw new RangeError('Parameters that cannot be')
  if (startedAt > revision) throw new RangeError('It was said before it began')
  return {
    description,
    publisher: peerIdFromMultihash(Digest.decode(publisher.slice())),
    id: bytesToText(streamKey, 'base16'),
    bytes: bytes.slice()
  }
}

/** Is it signed by whom it names, with the right to publish? Never rejects. */
export async function holds(
  { description, publisher, bytes }: AnnouncedStream,
  { groupID, authority }: AnnouncementRules
): Promise<boolean> {
  const { description: encoded, publisherSignature, streamSignature } = StreamAnnouncement.decode(bytes)
  if (publisherSignature.byteLength > MAX_SIGNATURE_BYTES) return false
  if (authority !== undefined && !isGranted(description, authority, groupID)) return false
  const isPublished = await isSignedBy(
    publisher,
    description.key,
    statement('netgroup/3 stream', groupID, encoded),
    publisherSignature
  )
  if (!isPublished) return false
  try {
    const key = publicKeyFromRaw(description.streamKey)
    return await key.verify(statement('netgroup/3 stream key', groupID, encoded), streamSignature)
  } catch {
    return false
  }
}

/** Has the right that it shows ended, at this moment of the group's time? */
export function isOverdue({ description: { grant } }: AnnouncedStream, groupNowMs: number): boolean {
  return grant !== undefined && isExpired(decodeGrant(grant), groupNowMs)
}

function isGranted(
  { grant: bytes, publisher }: StreamDescription,
  authority: Uint8Array,
  groupID: Uint8Array
): boolean {
  if (bytes === undefined) return false
  try {
    const grant = decodeGrant(bytes)
    const isTheirs = bytesToText(grant.peerIDBytes) === bytesToText(publisher)
    return grant.role === 'publish' && isTheirs && verifyGrant(grant, authority, groupID)
  } catch {
    return false
  }
}

function statement(domain: string, groupID: Uint8Array, description: Uint8Array): Uint8Array {
  return concat([label(domain), groupID, description])
}
