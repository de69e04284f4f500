import { concat } from 'uint8arrays/concat'

/** What the first byte of a frame of kind `data` says that it is: the application's own, or a call of `send()`. */
const OWN = 0
const CALL = 1

/** The data of a frame of kind `data` as it travels. */
export function wrapData(data: Uint8Array, isCall: boolean): Uint8Array {
  return concat([Uint8Array.of(isCall ? CALL : OWN), data])
}

/** Undefined when it is neither. */
export function unwrapData(
  bytes: Uint8Array
): { readonly data: Uint8Array; readonly isCall: boolean } | undefined {
  const [type] = bytes
  if (type !== OWN && type !== CALL) return undefined
  return { data: bytes.subarray(1), isCall: type === CALL }
}
