import { MAX_STREAM_PATH } from '../../wire/limits.ts'
import type { StripeState } from './multicast-engine.ts'

/** Delays are told in steps of so many ms; the highest number of steps stands for no parent. */
const DELAY_STEP_MS = 4
const NO_PARENT = 0xffff

/** Bytes before the path of a stripe. */
const HEAD_BYTES = 4

/** How long {@link encodeStripes} makes them. */
export function stripesBytes(stripes: readonly StripeState[]): number {
  let bytes = 0
  for (const { path } of stripes) bytes += HEAD_BYTES + 4 * path.length
  return bytes
}

/** States of stripes as a StreamInfo has them. */
export function encodeStripes(stripes: readonly StripeState[]): Uint8Array {
  const bytes = new Uint8Array(stripesBytes(stripes))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const { stripe, delayMs, path } of stripes) {
    view.setUint8(at, stripe)
    view.setUint16(at + 1, delayMs === undefined ? NO_PARENT : stepsOf(delayMs))
    view.setUint8(at + 3, path.length)
    at += HEAD_BYTES
    for (const digest of path) {
      view.setUint32(at, digest)
      at += 4
    }
  }
  return bytes
}

/** @param count of the stream's stripes @throws RangeError when they are not as {@link encodeStripes} writes them */
export function decodeStripes(bytes: Uint8Array, count: number): StripeState[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stripes: StripeState[] = []
  for (let at = 0; at < bytes.byteLength; ) {
    if (at + HEAD_BYTES > bytes.byteLength) throw new RangeError('The state of a stripe is cut off')
    const stripe = view.getUint8(at)
    const steps = view.getUint16(at + 1)
    const length = view.getUint8(at + 3)
    at += HEAD_BYTES
    if (stripe >= count || stripes.length >= count || length > MAX_STREAM_PATH)
      throw new RangeError(`There is no stripe ${stripe}, or its path of ${length} is too long`)
    if (at + 4 * length > bytes.byteLength) throw new RangeError('The path of a stripe is cut off')
    const path = Array.from({ length }, (_, i) => view.getUint32(at + 4 * i))
    at += 4 * length
    stripes.push({ stripe, delayMs: steps === NO_PARENT ? undefined : DELAY_STEP_MS * steps, path })
  }
  return stripes
}

function stepsOf(delayMs: number): number {
  return Math.min(NO_PARENT - 1, Math.max(0, Math.round(delayMs / DELAY_STEP_MS)))
}
