import { sha256 } from '@noble/hashes/sha2.js'
import { equals } from 'uint8arrays/equals'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { decodeGrant, type Grant, isExpired, verifyGrant } from '../core/groupspec/grant.ts'
import { ExpiringSet } from '../shared/expiring-set.ts'
import { Envelope } from '../wire/envelope.ts'
import {
  MAX_CACHED_GRANTS,
  MAX_CHANNEL_NAME_BYTES,
  MAX_CLOCK_DIFFERENCE_MS,
  MAX_IDENTICAL_HASHES,
  MAX_POST_BYTES,
  MAX_POST_OVERHEAD_BYTES,
  SEEN_WINDOW_MS
} from '../wire/limits.ts'
import { messageIDOf, type PostCipher } from './post-cipher.ts'

/** Message ids kept for the seen window: at the bound the oldest are forgotten (gossipsub still knows them). */
const MAX_SEEN_MESSAGES = 65_536

/** Bytes of a session. */
const SESSION_BYTES = 8

/** Why a post was not accepted; the keys of `info.rejected`. */
export type Refusal =
  | 'not a neighbor'
  | 'too long'
  | 'not encrypted for this group'
  | 'malformed'
  | 'no grant'
  | 'false grant'
  | 'expired grant'
  | 'clock'
  | 'duplicate'
  | 'identical'

/** A post that was found true. */
export interface Post {
  readonly messageID: string
  readonly envelope: Envelope
}

/**
 * `reject`: false by its own bytes, so whoever passed it on is at fault. `ignore`: not wanted here and now, nobody is to blame.
 */
export type Verdict =
  | { readonly result: 'accept'; readonly post: Post }
  | { readonly result: 'ignore' | 'reject'; readonly reason: Refusal }

/** What {@link PostValidator} needs to know of its group. */
export interface PostValidatorInit {
  readonly groupID: Uint8Array
  readonly cipher: PostCipher
  /** Ed25519; undefined when everybody may post. */
  readonly postingAuthority: Uint8Array | undefined
  /** The group's time in ms since 1970. */
  readonly groupNow: () => number
}

const refuse = (result: 'ignore' | 'reject', reason: Refusal): Verdict => ({ result, reason })

/**
 * Decides about every post that arrives, before it is passed on or delivered (docs/PROTOCOL.md, section 5). Only what is a pure function of bytes
 * and groupspec is rejected: all members agree on that, so nobody is punished for another's clock.
 */
export class PostValidator {
  readonly #init: PostValidatorInit
  readonly #seen = new ExpiringSet(SEEN_WINDOW_MS, MAX_SEEN_MESSAGES)
  readonly #identical = new ExpiringSet(SEEN_WINDOW_MS, MAX_IDENTICAL_HASHES)
  /** Grants found true or false, by author and bytes. */
  readonly #grants = new Map<string, Grant | undefined>()

  constructor(init: PostValidatorInit) {
    this.#init = init
  }

  /** @param from the author's peer id as a multihash, proven by gossipsub's signature @param data what was published */
  judge(from: Uint8Array, data: Uint8Array): Verdict {
    if (data.byteLength > MAX_POST_BYTES + MAX_POST_OVERHEAD_BYTES) return refuse('reject', 'too long')
    const sealed = this.#init.cipher.open(data, from)
    if (sealed === undefined) return refuse('reject', 'not encrypted for this group')
    const envelope = decodeEnvelope(sealed)
    if (envelope === undefined) return refuse('reject', 'malformed')
    const refusal = this.#judgeGrant(envelope, from)
    if (refusal !== undefined) return refusal
    return this.#judgeTime(envelope, messageIDOf(from, data))
  }

  /** An own post: seen, and the first of its like, for this member as for all others. */
  remember({ messageID, envelope }: Post): void {
    const now = this.#init.groupNow()
    this.#seen.add(messageID, now)
    if (envelope.filterIdentical) this.#identical.add(identityOf(envelope), now)
  }

  #judgeGrant(envelope: Envelope, from: Uint8Array): Verdict | undefined {
    const authority = this.#init.postingAuthority
    if (authority === undefined) return undefined
    if (envelope.grant === undefined) return refuse('reject', 'no grant')
    const grant = this.#verifiedGrant(envelope.grant, from, authority)
    if (grant === undefined) return refuse('reject', 'false grant')
    return isExpired(grant, this.#init.groupNow()) ? refuse('ignore', 'expired grant') : undefined
  }

  #verifiedGrant(bytes: Uint8Array, from: Uint8Array, authority: Uint8Array): Grant | undefined {
    const key = `${bytesToText(from, 'base64')} ${bytesToText(bytes, 'base64')}`
    if (this.#grants.has(key)) return this.#grants.get(key)
    const grant = trueGrant(bytes, from, authority, this.#init.groupID)
    this.#grants.set(key, grant)
    if (this.#grants.size > MAX_CACHED_GRANTS) this.#grants.delete(this.#grants.keys().next().value as string)
    return grant
  }

  #judgeTime(envelope: Envelope, messageID: string): Verdict {
    const now = this.#init.groupNow()
    if (Math.abs(envelope.sentAt - now) > MAX_CLOCK_DIFFERENCE_MS) return refuse('ignore', 'clock')
    if (this.#seen.has(messageID, now)) return refuse('ignore', 'duplicate')
    if (envelope.filterIdentical) {
      const hash = identityOf(envelope)
      if (this.#identical.has(hash, now)) return refuse('ignore', 'identical')
      this.#identical.add(hash, now)
    }
    this.#seen.add(messageID, now)
    return { result: 'accept', post: { messageID, envelope } }
  }
}

/** What two posts have in common that are identical. */
function identityOf({ channel, payload }: Envelope): string {
  return `${channel} ${bytesToText(sha256(payload), 'base64')}`
}

function decodeEnvelope(bytes: Uint8Array): Envelope | undefined {
  let envelope: Envelope
  try {
    envelope = Envelope.decode(bytes)
  } catch {
    return undefined
  }
  const isWhole =
    envelope.session.byteLength === SESSION_BYTES &&
    Number.isSafeInteger(envelope.sequence) &&
    envelope.sequence >= 1 &&
    envelope.payload.byteLength <= MAX_POST_BYTES &&
    new TextEncoder().encode(envelope.channel).byteLength <= MAX_CHANNEL_NAME_BYTES
  return isWhole ? envelope : undefined
}

function trueGrant(
  bytes: Uint8Array,
  from: Uint8Array,
  authority: Uint8Array,
  groupID: Uint8Array
): Grant | undefined {
  try {
    // A copy: what is cached must not hold the whole packet.
    const grant = decodeGrant(bytes.slice())
    const isTrue =
      grant.role === 'posting' && equals(grant.peerIDBytes, from) && verifyGrant(grant, authority, groupID)
    return isTrue ? grant : undefined
  } catch {
    return undefined
  }
}
