// The ring of addresses modulo 2^256: places on it, and how far they are from each other.
import { compare } from 'uint8arrays/compare'

/** Bits of an address that {@link Place.fraction} holds exactly. */
const FRACTION_BITS = 53

const RING = 1n << 256n

/** A place on the ring. */
export interface Place {
  /** 32 bytes, big-endian. */
  readonly address: Uint8Array
  /** The address divided by 2^256, cut to 53 bits: 0 ≤ x < 1. Two places that share it are nearer to each other than any measure of ours. */
  readonly fraction: number
}

/** @param address 32 bytes */
export function placeOf(address: Uint8Array): Place {
  const view = new DataView(address.buffer, address.byteOffset)
  const high = view.getUint32(0)
  const low = view.getUint32(4) >>> (64 - FRACTION_BITS)
  return { address, fraction: high / 2 ** 32 + low / 2 ** FRACTION_BITS }
}

/** How far it is from one place to another in increasing direction, as a fraction of the ring: 0 ≤ x < 1. */
export function clockwise(from: Place, to: Place): number {
  const distance = to.fraction - from.fraction
  return distance < 0 ? distance + 1 : distance
}

/** How far it is from one place to another, in increasing (1) or decreasing (−1) direction. */
export function away(from: Place, to: Place, step: 1 | -1): number {
  return step === 1 ? clockwise(from, to) : clockwise(to, from)
}

/** How far two places are from each other the shorter way, as a fraction of the ring: 0 ≤ x ≤ 0.5. */
export function ringDistance(a: Place, b: Place): number {
  const distance = Math.abs(a.fraction - b.fraction)
  return distance > 0.5 ? 1 - distance : distance
}

/**
 * Which of two places is nearer to a target: negative when `a` is, positive when `b` is, 0 only when they are the same. Of two at the same distance the one
 * before the target is, as {@link coverageOf} has it.
 */
export function compareDistance(target: Place, a: Place, b: Place): number {
  const difference = ringDistance(target, a) - ringDistance(target, b)
  // Beyond what 53 bits tell for certain.
  if (Math.abs(difference) > 2 ** (3 - FRACTION_BITS)) return difference
  const [toA, toB] = [exactDistance(target, a), exactDistance(target, b)]
  if (toA !== toB) return toA < toB ? -1 : 1
  if (isSamePlace(a, b)) return 0
  return modulo(integerOf(target.address) - integerOf(a.address)) === toA ? -1 : 1
}

/** The same address? */
export function isSamePlace(a: Place, b: Place): boolean {
  return a.fraction === b.fraction && compare(a.address, b.address) === 0
}

/** The addresses to which a member is nearest, both ends included, in increasing direction. */
export interface Coverage {
  /** 32 bytes. */
  readonly from: Uint8Array
  readonly to: Uint8Array
}

/**
 * From halfway to the member before it, to halfway to the one after it. What is exactly in the middle belongs to the lower one, so that the ranges of all members
 * tile the ring. Alone, a member covers all of it, beginning with the address after the opposite one.
 */
export function coverageOf(own: Place, before: Place, after: Place): Coverage {
  const place = integerOf(own.address)
  const toBefore = modulo(place - integerOf(before.address)) || RING
  const toAfter = modulo(integerOf(after.address) - place) || RING
  return {
    from: addressOf(modulo(place - toBefore + toBefore / 2n + 1n)),
    to: addressOf(modulo(place + toAfter / 2n))
  }
}

function exactDistance(a: Place, b: Place): bigint {
  const distance = modulo(integerOf(a.address) - integerOf(b.address))
  return distance > RING / 2n ? RING - distance : distance
}

function modulo(value: bigint): bigint {
  return ((value % RING) + RING) % RING
}

function integerOf(address: Uint8Array): bigint {
  let value = 0n
  for (const byte of address) value = (value << 8n) | BigInt(byte)
  return value
}

function addressOf(value: bigint): Uint8Array {
  const address = new Uint8Array(32)
  for (let i = 31, rest = value; i >= 0; i--, rest >>= 8n) address[i] = Number(rest & 0xffn)
  return address
}
