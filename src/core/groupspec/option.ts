// Options: what a groupspec is made of. option = VLU(length) VLU(type) value, where the length counts type and value.
import { concat } from 'uint8arrays/concat'
import type { Role } from '../errors.ts'
import { invalidGroupspec } from './groupspec-error.ts'
import { encodeVLU, readVLU } from './vlu.ts'

/** What a groupspec is made of: a number that says what it means, and the bytes that say it. */
export interface Option {
  readonly type: number
  readonly value: Uint8Array
}

/** An option that was read, and the byte of the decoded groupspec at which it began. */
export interface ReadOption extends Option {
  readonly offset: number
}

/** One thing for each guarded role that has it. */
export type ByRole<T> = { readonly [R in Role]?: T }

/** The roles in the order of their option types, which is that of the canonical part. */
export const ROLES: readonly Role[] = ['publish', 'posting']

/** The option type of a role's authority. It also stands for the role in hashes, signatures and grants. */
export const AUTHORITY_TYPE: Readonly<Record<Role, number>> = { publish: 0x05, posting: 0x07 }

/** The option type of the seed that gives a role. */
export const SEED_TYPE: Readonly<Record<Role, number>> = { publish: 0x15, posting: 0x17 }

/** The option types after the end marker that are the same for every role. */
export const OPTION_TYPE: Readonly<
  Record<'ipMulticastAddress' | 'bootstrapPeer' | 'relay' | 'grant' | 'signature', number>
> = { ipMulticastAddress: 0x0a, bootstrapPeer: 0x0b, relay: 0x20, grant: 0x25, signature: 0x30 }

/** The option of length 0 that ends the canonical part. */
export const END_MARKER: Uint8Array = Uint8Array.of(0)

/** The role that this authority type stands for, if it is one. */
export function roleOfType(type: number): Role | undefined {
  return ROLES.find(role => AUTHORITY_TYPE[role] === type)
}

/** Is this a right (a seed or a grant), and so left out of what is passed on without authorizations? */
export function isAuthorization({ type }: Option): boolean {
  return type === OPTION_TYPE.grant || ROLES.some(role => SEED_TYPE[role] === type)
}

/** The options one behind the other. */
export function encodeOptions(options: readonly Option[]): Uint8Array {
  return concat(
    options.flatMap(({ type, value }) => {
      const typeBytes = encodeVLU(type)
      return [encodeVLU(typeBytes.byteLength + value.byteLength), typeBytes, value]
    })
  )
}

/**
 * Reads the options from `start` to the end marker.
 *
 * @param base what byte 0 of `bytes` is in the whole groupspec, for errors
 * @returns the options as subarrays, and the offset of the end marker: `undefined` when the bytes end without one
 * @throws GroupspecError
 */
export function readOptions(
  bytes: Uint8Array,
  start: number,
  base: number
): { options: ReadOption[]; marker: number | undefined } {
  const options: ReadOption[] = []
  for (let at = start; at < bytes.byteLength; ) {
    const length = readVLU(bytes, at, base)
    if (length.value === 0) return { options, marker: at }
    const end = length.end + length.value
    if (end > bytes.byteLength) throw invalidGroupspec('option', base + at, 'the bytes end within it')
    const type = readVLU(bytes.subarray(0, end), length.end, base)
    options.push({ type: type.value, value: bytes.subarray(type.end, end), offset: base + at })
    at = end
  }
  return { options, marker: undefined }
}
