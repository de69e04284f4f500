import type { Place } from '../../shared/ring.ts'

/** Bytes of a group address that stand for a member in a trail. Two members share them by an attack of 2^64 steps only. */
export const TRAIL_ENTRY_BYTES = 8

/** No entries. */
export const EMPTY_TRAIL: Uint8Array = new Uint8Array(0)

/** A place as it stands in a trail: the first bytes of its address. */
export function entryOf(place: Place): Uint8Array {
  return place.address.subarray(0, TRAIL_ENTRY_BYTES)
}

/** How many entries; not whole when the bytes are none of ours. */
export function lengthOf(trail: Uint8Array): number {
  return trail.byteLength / TRAIL_ENTRY_BYTES
}

/** Is this entry in it? */
export function includesEntry(trail: Uint8Array, entry: Uint8Array): boolean {
  for (let at = 0; at < trail.byteLength; at += TRAIL_ENTRY_BYTES)
    if (isEntryAt(trail, at, entry)) return true
  return false
}

/** Is it the last one? */
export function endsWith(trail: Uint8Array, entry: Uint8Array): boolean {
  return isEntryAt(trail, trail.byteLength - TRAIL_ENTRY_BYTES, entry)
}

/** A longer trail. */
export function withEntry(trail: Uint8Array, entry: Uint8Array): Uint8Array {
  const longer = new Uint8Array(trail.byteLength + TRAIL_ENTRY_BYTES)
  longer.set(trail)
  longer.set(entry, trail.byteLength)
  return longer
}

/** The last entry; none of an empty trail. */
export function lastEntry(trail: Uint8Array): Uint8Array {
  return trail.subarray(Math.max(0, trail.byteLength - TRAIL_ENTRY_BYTES))
}

/** All but the last entry. No copy. */
export function withoutLast(trail: Uint8Array): Uint8Array {
  return trail.subarray(0, Math.max(0, trail.byteLength - TRAIL_ENTRY_BYTES))
}

/** What is before the first of these entries; all of it when there is none. No copy. */
export function before(trail: Uint8Array, entry: Uint8Array): Uint8Array {
  for (let at = 0; at < trail.byteLength; at += TRAIL_ENTRY_BYTES)
    if (isEntryAt(trail, at, entry)) return trail.subarray(0, at)
  return trail
}

function isEntryAt(trail: Uint8Array, at: number, entry: Uint8Array): boolean {
  if (at < 0) return false
  for (let i = 0; i < TRAIL_ENTRY_BYTES; i++) if (trail[at + i] !== entry[i]) return false
  return true
}
