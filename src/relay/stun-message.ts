// The part of STUN (RFC 8489) that answers "from which address do you see me?". References are to its sections.
import { crc32 } from 'node:zlib'

/** Section 5: the first eight bytes that STUN messages have in common, and the header's length. */
const MAGIC_COOKIE = 0x2112a442
const HEADER_BYTES = 20

/** Section 3 and 5: method Binding, in the classes request, success and error. */
const BINDING_REQUEST = 0x0001
const BINDING_SUCCESS = 0x0101
const BINDING_ERROR = 0x0111

/** Section 14 and 18.3: attributes up to this have to be understood, or the request is refused. */
const LAST_REQUIRED_ATTRIBUTE = 0x7fff

/** Section 18.3. */
const ERROR_CODE = 0x0009
const UNKNOWN_ATTRIBUTES = 0x000a
const XOR_MAPPED_ADDRESS = 0x0020
const FINGERPRINT = 0x8028

/** Attributes that need an answer and are none of our business: credentials of ICE (RFC 8445, section 16) and of STUN itself. Nothing here is restricted to anybody. */
const PASSED_OVER: ReadonlySet<number> = new Set([
  0x0006, 0x0008, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e, 0x0024, 0x0025
])

/** Section 14.7: what the checksum is combined with. */
const FINGERPRINT_XOR = 0x5354554e

/** Most attributes of a request: a real one has a handful. */
const MAX_ATTRIBUTES = 16

/** Whom a datagram came from. */
export interface StunSource {
  /** IPv4 in dotted form, or IPv6. */
  readonly address: string
  readonly port: number
}

/**
 * What to answer to a datagram: a success with the source's address, an error for a request with demands that are not known, or undefined for everything that is no well-formed Binding request: that gets no answer at all,
 * so that two servers cannot be made to talk to each other.
 */
export function answerStun(request: Uint8Array, source: StunSource): Uint8Array | undefined {
  const message = Buffer.from(request.buffer, request.byteOffset, request.byteLength)
  if (!isBindingRequest(message)) return undefined
  const attributes = attributesOf(message)
  if (attributes === undefined) return undefined
  const transactionID = message.subarray(8, HEADER_BYTES)
  const unknown = attributes.filter(type => type <= LAST_REQUIRED_ATTRIBUTE && !PASSED_OVER.has(type))
  const body =
    unknown.length > 0
      ? Buffer.concat([attribute(ERROR_CODE, errorCode()), attribute(UNKNOWN_ATTRIBUTES, listOf(unknown))])
      : attribute(XOR_MAPPED_ADDRESS, xorMapped(source, message))
  const type = unknown.length > 0 ? BINDING_ERROR : BINDING_SUCCESS
  const answer = Buffer.concat([header(type, body.byteLength, transactionID), body])
  return attributes.includes(FINGERPRINT) ? withFingerprint(answer) : answer
}

function isBindingRequest(message: Buffer): boolean {
  return (
    message.byteLength >= HEADER_BYTES &&
    message.readUInt16BE(0) === BINDING_REQUEST &&
    message.readUInt16BE(2) === message.byteLength - HEADER_BYTES &&
    message.readUInt32BE(4) === MAGIC_COOKIE
  )
}

/** The types of its attributes; undefined when they do not fit into it. */
function attributesOf(message: Buffer): number[] | undefined {
  const types: number[] = []
  for (let at = HEADER_BYTES; at < message.byteLength; ) {
    if (message.byteLength - at < 4 || types.length === MAX_ATTRIBUTES) return undefined
    types.push(message.readUInt16BE(at))
    // Section 14: padded to four bytes.
    at += 4 + Math.ceil(message.readUInt16BE(at + 2) / 4) * 4
    if (at > message.byteLength) return undefined
  }
  return types
}

function header(type: number, bodyBytes: number, transactionID: Buffer): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.writeUInt16BE(type, 0)
  bytes.writeUInt16BE(bodyBytes, 2)
  bytes.writeUInt32BE(MAGIC_COOKIE, 4)
  transactionID.copy(bytes, 8)
  return bytes
}

function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.byteLength / 4) * 4)
  bytes.writeUInt16BE(type, 0)
  bytes.writeUInt16BE(value.byteLength, 2)
  value.copy(bytes, 4)
  return bytes
}

/** Section 14.2: hidden from routers that rewrite addresses wherever they see them. */
function xorMapped({ address, port }: StunSource, request: Buffer): Buffer {
  const ip = bytesOf(address)
  const key = request.subarray(4, HEADER_BYTES)
  const value = Buffer.alloc(4 + ip.byteLength)
  value.writeUInt8(ip.byteLength === 4 ? 1 : 2, 1)
  value.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2)
  for (const [i, byte] of ip.entries()) value.writeUInt8(byte ^ (key[i] ?? 0), 4 + i)
  return value
}

/** Section 14.8: 420 Unknown Attribute. */
function errorCode(): Buffer {
  return Buffer.concat([Buffer.from([0, 0, 4, 20]), Buffer.from('Unknown Attribute')])
}

/** Section 14.9. */
function listOf(types: readonly number[]): Buffer {
  const bytes = Buffer.alloc(types.length * 2)
  for (const [i, type] of types.entries()) bytes.writeUInt16BE(type, i * 2)
  return bytes
}

/** Section 14.7. Its own length counts already. */
function withFingerprint(answer: Buffer): Buffer {
  answer.writeUInt16BE(answer.byteLength - HEADER_BYTES + 8, 2)
  const value = Buffer.alloc(4)
  value.writeUInt32BE((crc32(answer) ^ FINGERPRINT_XOR) >>> 0)
  return Buffer.concat([answer, attribute(FINGERPRINT, value)])
}

function bytesOf(address: string): Buffer {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1] ?? address
  if (!mapped.includes(':')) return Buffer.from(mapped.split('.').map(Number))
  const [head = '', tail] = (mapped.split('%')[0] ?? '').split('::')
  const before = groupsOf(head)
  const after = groupsOf(tail ?? '')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0)
  return listOf([...before, ...zeros, ...after])
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map(group => Number.parseInt(group, 16))
}
