import { fromString } from 'uint8arrays/from-string'

/** Longest name of a group, in bytes of UTF-8: its option would not be mistaken for anything else, and a terminal shows it. */
export const MAX_NAME_BYTES = 255

/**
 * What must not stand in a name that others will read: control characters, the two separators that break lines as those do,
 * and everything that turns the direction of text around (Unicode's Bidi_Control). Written out, since a later Unicode must
 * not change which groupspecs parse.
 */
const FORBIDDEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u

/** Why this cannot be a group's name, as the rest of a sentence; `undefined` when it can. It must be in NFC already. */
export function nameProblem(name: string): string | undefined {
  const bytes = fromString(name, 'utf8')
  if (bytes.byteLength === 0) return 'it is empty'
  if (bytes.byteLength > MAX_NAME_BYTES)
    return `it takes ${bytes.byteLength} bytes of UTF-8, more than ${MAX_NAME_BYTES}`
  if (decodeUTF8(bytes) !== name) return 'it has half a character (a lone surrogate) in it'
  if (FORBIDDEN.test(name))
    return 'it has control characters or characters that turn the direction of text in it'
  if (name.normalize('NFC') !== name) return 'it is not in Unicode normalization form C'
  return undefined
}

/** The text that these bytes of UTF-8 are, a leading U+FEFF included; `undefined` when they are not UTF-8. */
export function decodeUTF8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
