// Groupspecs: what a group is, as data, and as the text that people pass on.
//
//   "G:" b64url(T ‖ 0x00 ‖ option*) ( "." b64url(option*) )*
//
// T, the canonical part, makes the group the one it is: its hash is the group's id, and everything in it is checked. What stands
// behind it are hints and rights; it may be added to by appending text, and never makes another group. docs/PROTOCOL.md,
// "Groupspec", has the tables. Invariants of a Groupspec: it printed is the text it was parsed from, byte for byte; every
// authority in it has signed the group; every seed and grant in it belongs to one of its authorities.
import { concat } from 'uint8arrays/concat'
import { type CanonicalPart, readCanonical } from './canonical.ts'
import { invalidGroupspec } from './groupspec-error.ts'
import { groupIDOf } from './keys.ts'
import {
  END_MARKER,
  encodeOptions,
  isAuthorization,
  type Option,
  type ReadOption,
  readOptions
} from './option.ts'
import { MAX_GROUPSPEC_BYTES, printAppendix, printSegments, readSegments } from './text.ts'
import { readTrailer, type Trailer } from './trailer.ts'

/** A groupspec that was parsed or built, and found true. Not to be changed, its bytes included. */
export interface Groupspec extends CanonicalPart, Trailer {
  /** T: all bytes before the end marker, as received. */
  readonly canonical: Uint8Array
  /** H(H(T)), 32 bytes. */
  readonly groupID: Uint8Array
  /** Has it a tag that no other group has? */
  readonly isUnique: boolean
  /** All options behind the end marker in their order, unknown ones too, by segment; the first is the one that holds T. */
  readonly segments: readonly (readonly Option[])[]
}

/**
 * Parses a groupspec, or a link with one behind its `#`.
 *
 * @throws GroupspecError and nothing else: GROUPSPEC_UNSUPPORTED for other versions, GROUPSPEC_INVALID with the field, the
 * offset and the reason for all else
 */
export function parseGroupspec(groupspecOrLink: string): Groupspec {
  return readGroupspec(readSegments(groupspecOrLink))
}

/** What {@link parseGroupspec} does, from the decoded segments. @throws GroupspecError */
export function readGroupspec(segments: readonly Uint8Array[]): Groupspec {
  const size = segments.reduce((sum, { byteLength }) => sum + byteLength, 0)
  if (size > MAX_GROUPSPEC_BYTES)
    throw invalidGroupspec('groupspec', MAX_GROUPSPEC_BYTES, `more than ${MAX_GROUPSPEC_BYTES} bytes`)
  const [first = new Uint8Array(0), ...appended] = segments
  const head = readOptions(first, 0, 0)
  if (head.marker === undefined)
    throw invalidGroupspec('end marker', first.byteLength, 'the canonical part does not end')
  const canonical = first.subarray(0, head.marker)
  const part = readCanonical(head.options, head.marker)
  const trailing = [readTrailing(first, head.marker + END_MARKER.byteLength, 0)]
  let base = first.byteLength
  for (const segment of appended) {
    trailing.push(readTrailing(segment, 0, base))
    base += segment.byteLength
  }
  const groupID = groupIDOf(canonical)
  const trailer = readTrailer(trailing.flat(), part.authorities, groupID, size)
  const isUnique = part.uniqueTag !== undefined
  return { ...part, ...trailer, canonical, groupID, isUnique, segments: trailing }
}

/**
 * The text of a groupspec.
 *
 * With authorizations it is exactly the text that was parsed: print∘parse is the identity on every text that parses, and unknown
 * options keep their places. Without them, seeds and grants are left out, and with them the segments that nothing is left of; a
 * text without any is printed as it was but for empty segments.
 */
export function printGroupspec(spec: Groupspec, { authorizations }: { authorizations: boolean }): string {
  const [first = [], ...appended] = authorizations
    ? spec.segments
    : spec.segments.map(options => options.filter(option => !isAuthorization(option)))
  const kept = appended.filter(options => authorizations || options.length > 0)
  return printSegments([
    concat([spec.canonical, END_MARKER, encodeOptions(first)]),
    ...kept.map(options => encodeOptions(options))
  ])
}

/** The seeds and grants of a groupspec as text to append to it without them: one segment with its dot, or ''. */
export function printAuthorizations(spec: Groupspec): string {
  const options = spec.segments.flat().filter(isAuthorization)
  return options.length === 0 ? '' : printAppendix(encodeOptions(options))
}

/**
 * The same group with more behind its end marker: hints at the end of the first segment, rights in a segment of their own.
 *
 * @throws GroupspecError when an option is not allowed there, or there are too many
 */
export function extendGroupspec(spec: Groupspec, options: readonly Option[]): Groupspec {
  const [first = [], ...appended] = spec.segments
  const rights = options.filter(isAuthorization)
  const hints = options.filter(option => !isAuthorization(option))
  return readGroupspec([
    concat([spec.canonical, END_MARKER, encodeOptions([...first, ...hints])]),
    ...appended.map(segment => encodeOptions(segment)),
    ...(rights.length === 0 ? [] : [encodeOptions(rights)])
  ])
}

function readTrailing(bytes: Uint8Array, start: number, base: number): readonly ReadOption[] {
  const { options, marker } = readOptions(bytes, start, base)
  if (marker !== undefined)
    throw invalidGroupspec('option', base + marker, 'an option of length 0 behind the end marker')
  return options
}
