// The text around the bytes of a groupspec: "G:", segments in base64url, links, and other versions.
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { invalidGroupspec, unsupportedGroupspec } from './groupspec-error.ts'
import { readVLU } from './vlu.ts'

/** Largest groupspec, in decoded bytes of all segments together. Source: docs/PROTOCOL.md, "Groupspec". */
export const MAX_GROUPSPEC_BYTES = 8_192

/** Longest text behind `G:`: what {@link MAX_GROUPSPEC_BYTES} take when cut into the shortest segments (2 bytes in 4 characters). */
export const MAX_GROUPSPEC_CHARACTERS = 16_384

const PREFIX = 'G:'
const VERSION_TYPE = 0x7f

/**
 * The groupspec in a link: what stands behind its first `#`, up to an `&`: behind that a link says what else it leads to.
 *
 * @throws GroupspecError when there is no `#`, or something else than a groupspec behind it
 */
export function groupspecFromLink(link: string): string {
  const at = link.indexOf('#')
  if (at === -1)
    throw invalidGroupspec('link', 0, "neither a groupspec ('G:…') nor a link with one behind '#'")
  const text = link.slice(at + 1)
  if (!text.startsWith(PREFIX)) throw invalidGroupspec('link', at + 1, "no groupspec ('G:…') behind '#'")
  const end = text.indexOf('&')
  return end === -1 ? text : text.slice(0, end)
}

/** `G:` and the segments in base64url without padding, with dots between. */
export function printSegments(segments: readonly Uint8Array[]): string {
  return PREFIX + segments.map(bytes => bytesToText(bytes, 'base64url')).join('.')
}

/** A segment as it is appended to a groupspec: a dot, then the bytes in base64url. */
export function printAppendix(segment: Uint8Array): string {
  return '.' + bytesToText(segment, 'base64url')
}

/**
 * The bytes of each segment of a groupspec's text, or of a link with one in it.
 *
 * @throws GroupspecError, with GROUPSPEC_UNSUPPORTED for other versions
 */
export function readSegments(groupspecOrLink: string): Uint8Array[] {
  const text = groupspecOrLink.startsWith(PREFIX) ? groupspecOrLink : groupspecFromLink(groupspecOrLink)
  const body = text.slice(PREFIX.length)
  const version = otherVersion(body)
  if (version !== undefined) throw unsupportedGroupspec(version)
  if (body.length > MAX_GROUPSPEC_CHARACTERS)
    throw invalidGroupspec('text', 0, `longer than ${MAX_GROUPSPEC_CHARACTERS} characters`)
  let at = PREFIX.length
  return body.split('.').map(part => {
    const segment = decodeSegment(part, at)
    at += part.length + 1
    return segment
  })
}

/** Decoders are lenient in different ways; here one text has one meaning and one meaning one text. */
function decodeSegment(part: string, at: number): Uint8Array {
  const stray = part.search(/[^A-Za-z0-9_-]/)
  if (stray !== -1) {
    const what = /\s/.test(part.charAt(stray))
      ? 'white space'
      : 'not a character of base64url without padding'
    throw invalidGroupspec('text', at + stray, what)
  }
  if (part.length % 4 === 1) throw invalidGroupspec('text', at + part.length, 'it was cut off')
  if (hasStrayBits(part)) throw invalidGroupspec('text', at + part.length - 1, 'unused bits are not 0')
  return fromString(part, 'base64url')
}

/** Has the last character bits that belong to no byte, and are not 0? */
function hasStrayBits(part: string): boolean {
  const zeroes = [/^/, /^/, /[AQgw]$/, /[AEIMQUYcgkosw048]$/][part.length % 4]
  return zeroes !== undefined && !zeroes.test(part)
}

/** Adobe's versions are all hex, which ours cannot be: its third character is an n. Later versions begin as ours does. */
function otherVersion(body: string): number | undefined {
  if (/^[0-9a-fA-F]+$/.test(body)) return body.toLowerCase().startsWith('027f02') ? 2 : 1
  const head = /^[A-Za-z0-9_-]{0,8}/.exec(body)?.[0] ?? ''
  const bytes = fromString(head.padEnd(8, 'A'), 'base64url').subarray(0, (head.length * 6) >> 3)
  const length = bytes[0] ?? 0
  if (bytes[1] !== VERSION_TYPE || length < 2 || length > 5 || bytes.byteLength <= length) return undefined
  const version = readVLU(bytes.subarray(0, length + 1), 2, 0)
  return version.end === length + 1 && version.value > 3 ? version.value : undefined
}
