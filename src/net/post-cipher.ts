// Posts as they cross the network: `0x01 ‖ nonce 24 ‖ XChaCha20-Poly1305(content key, nonce, envelope, AAD = topic ‖ from)`. Only members hold the key;
// topic and author are bound in, so that nobody passes off one's post as another's or carries it into another group.
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { label } from '../shared/bytes.ts'

const FORMAT = 1
const NONCE_BYTES = 24
const TAG_BYTES = 16

/** Bytes that {@link PostCipher.seal} adds. */
export const SEAL_BYTES: number = 1 + NONCE_BYTES + TAG_BYTES

/** Seals and opens the posts of one group. */
export class PostCipher {
  readonly #key: Uint8Array
  readonly #topic: Uint8Array

  constructor(contentKey: Uint8Array, topic: string) {
    this.#key = contentKey
    this.#topic = fromString(topic)
  }

  /** @param from the author's peer id as a multihash @param nonce 24 random bytes */
  seal(envelope: Uint8Array, from: Uint8Array, nonce: Uint8Array): Uint8Array {
    const cipher = xchacha20poly1305(this.#key, nonce, concat([this.#topic, from]))
    return concat([Uint8Array.of(FORMAT), nonce, cipher.encrypt(envelope)])
  }

  /** The envelope, or undefined when these are not the bytes of a member of this group, by this author. */
  open(data: Uint8Array, from: Uint8Array): Uint8Array | undefined {
    if (data.byteLength < SEAL_BYTES || data[0] !== FORMAT) return undefined
    const nonce = data.subarray(1, 1 + NONCE_BYTES)
    try {
      return xchacha20poly1305(this.#key, nonce, concat([this.#topic, from])).decrypt(
        data.subarray(1 + NONCE_BYTES)
      )
    } catch {
      return undefined
    }
  }
}

/** What applications know a post by: 64 hex digits of H("netgroup/3 message" 00 ‖ from ‖ data). */
export function messageIDOf(from: Uint8Array, data: Uint8Array): string {
  return bytesToText(sha256(concat([label('netgroup/3 message'), from, data])), 'base16')
}
