// The certificate of WebRTC-direct. Its hash is part of the relay's address, so it must not change while the identity stays: everything in it follows from the identity, the signature
// too (RFC 6979), and nothing has to be kept. DER is written by hand, since what writes certificates signs with WebCrypto, and that gives another signature each time.
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { p256 } from '@noble/curves/nist.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { base64url } from 'multiformats/bases/base64'
import * as Digest from 'multiformats/hashes/digest'
import { sha256 as sha256Hasher } from 'multiformats/hashes/sha2'

/** As @libp2p/webrtc takes it. */
export interface WebRTCCertificate {
  /** PKCS #8, PEM. */
  readonly privateKey: string
  /** X.509, PEM. */
  readonly pem: string
  /** SHA-256 of its DER as multihash, in multibase. */
  readonly certhash: string
}

const SALT = 'netgroup/3'
const LABEL = 'relay webrtc-direct certificate'

/** Bytes from which noble reduces to a scalar without bias. */
const SEED_BYTES = 48

/** DER tags (X.690). */
const INTEGER = 0x02
const BIT_STRING = 0x03
const UTF8_STRING = 0x0c
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18
const SEQUENCE = 0x30
const SET = 0x31
const EXPLICIT_0 = 0xa0

/** 1.2.840.10045.4.3.2, ecdsa-with-SHA256, and 2.5.4.3, common name: as DER. */
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex')
const COMMON_NAME = Buffer.from('0603550403', 'hex')

/** The certificate that belongs to an identity: always the same. It has no end (RFC 5280, section 4.1.2.5): whom it leads to is proven by noise, inside. */
export function webRTCCertificate(identity: PrivateKey): WebRTCCertificate {
  const seed = hkdf(sha256, privateKeyToProtobuf(identity), text(SALT), text(LABEL), SEED_BYTES)
  const secret = p256.utils.randomSecretKey(seed)
  const key = createPrivateKey({ key: jwkOf(secret), format: 'jwk' })
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const der = signed(toBeSigned(publicKey), secret)
  const digest = Digest.create(sha256Hasher.code, sha256(der))
  return {
    privateKey: String(key.export({ type: 'pkcs8', format: 'pem' })),
    pem: pem('CERTIFICATE', der),
    certhash: base64url.encode(digest.bytes)
  }
}

/** RFC 5280, section 4.1: a self-signed certificate of version 3 without extensions. */
function toBeSigned(publicKey: Buffer): Buffer {
  const name = sequence(der(SET, sequence(COMMON_NAME, der(UTF8_STRING, text('netgroup relay')))))
  return sequence(
    der(EXPLICIT_0, der(INTEGER, [2])),
    der(INTEGER, [1]),
    sequence(ECDSA_WITH_SHA256),
    name,
    sequence(der(UTC_TIME, text('200101000000Z')), der(GENERALIZED_TIME, text('99991231235959Z'))),
    name,
    publicKey
  )
}

function signed(content: Buffer, secret: Uint8Array): Buffer {
  const signature = p256.sign(content, secret, { format: 'der' })
  return sequence(content, sequence(ECDSA_WITH_SHA256), der(BIT_STRING, [0, ...signature]))
}

function jwkOf(secret: Uint8Array): { kty: string; crv: string; d: string; x: string; y: string } {
  const point = Buffer.from(p256.getPublicKey(secret, false))
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(bytes => bytes.toString('base64url'))
  return { kty: 'EC', crv: 'P-256', d: Buffer.from(secret).toString('base64url'), x: x ?? '', y: y ?? '' }
}

function sequence(...parts: Uint8Array[]): Buffer {
  return der(SEQUENCE, Buffer.concat(parts))
}

/** Tag, length, content. Nothing here is longer than 65,535 bytes. */
function der(tag: number, content: Uint8Array | readonly number[]): Buffer {
  const { length } = content
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.from([tag, ...(length < 0x80 ? [length] : long), ...content])
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

function text(ascii: string): Uint8Array {
  return new TextEncoder().encode(ascii)
}
