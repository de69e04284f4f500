import { MAX_KEPT_FRAGMENTS, MAX_MAP_BYTES } from '../../wire/limits.ts'

/** Which fragments a member has, as it told. */
export interface AvailabilityMap {
  /** All from `low` to `base`, both included; none when `base` < `low`. */
  readonly low: number
  readonly base: number
  /** Those after `base` + 1, which is missing: the lowest bit of the first byte is `base` + 2. */
  readonly bits: Uint8Array
  /** The first fragment of the latest keyframe it knows of; 0: none. */
  readonly keyframe: number
}

/** Nothing. */
export const EMPTY_MAP: AvailabilityMap = { low: 1, base: 0, bits: new Uint8Array(0), keyframe: 0 }

/** Does it have this one? */
export function mapHas({ low, base, bits }: AvailabilityMap, number: number): boolean {
  if (number <= base) return number >= low
  const at = number - base - 2
  return at >= 0 && ((bits[at >> 3] ?? 0) & (1 << (at & 7))) !== 0
}

/** The highest that it has, 0: none. */
export function highestOf({ low, base, bits }: AvailabilityMap): number {
  for (let at = bits.byteLength - 1; at >= 0; at--) {
    const byte = bits[at] as number
    if (byte !== 0) return base + 2 + 8 * at + (31 - Math.clz32(byte))
  }
  return base >= low ? base : 0
}

/** Bits for the numbers above `base` + 1, to `highest`. */
export function bitsAbove(base: number, highest: number, has: (number: number) => boolean): Uint8Array {
  const length = Math.min(MAX_MAP_BYTES, Math.max(0, Math.ceil((highest - base - 1) / 8)))
  const bits = new Uint8Array(length)
  const last = Math.min(highest, base + 1 + 8 * length)
  for (let number = base + 2; number <= last; number++)
    if (has(number)) {
      const at = number - base - 2
      bits[at >> 3] = (bits[at >> 3] as number) | (1 << (at & 7))
    }
  return bits
}

/** Numbers as frames have them: the first, and bits for those above it. They rise, and lie within {@link MAX_KEPT_FRAGMENTS}. @throws RangeError when they do not rise */
export function encodeNumbers(numbers: readonly number[]): { first: number; bits: Uint8Array } {
  if (numbers.some((number, i) => i > 0 && number <= (numbers[i - 1] as number)))
    throw new RangeError(`Numbers of fragments do not rise: ${numbers.join(' ')}`)
  const first = numbers[0] as number
  const bits = new Uint8Array(Math.ceil(((numbers.at(-1) as number) - first) / 8))
  for (const number of numbers.slice(1)) {
    const at = number - first - 1
    bits[at >> 3] = (bits[at >> 3] as number) | (1 << (at & 7))
  }
  return { first, bits }
}

/** @throws RangeError when there are more than `most` */
export function decodeNumbers(first: number, bits: Uint8Array, most: number): number[] {
  if (8 * bits.byteLength > MAX_KEPT_FRAGMENTS || !Number.isSafeInteger(first + MAX_KEPT_FRAGMENTS))
    throw new RangeError(`Fragments are asked for from ${first} on in ${bits.byteLength} bytes`)
  const numbers = [first]
  for (let at = 0; at < 8 * bits.byteLength; at++)
    if (((bits[at >> 3] as number) & (1 << (at & 7))) !== 0) {
      numbers.push(first + 1 + at)
      if (numbers.length > most) throw new RangeError(`More than ${most} fragments are asked for at once`)
    }
  return numbers
}
