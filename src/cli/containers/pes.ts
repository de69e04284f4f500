import type { ElementaryStream } from './ts-tables.ts'

const MPEG_VIDEO: ReadonlySet<number> = new Set([0x01, 0x02])
const H264 = 0x1b
const HEVC = 0x24

/**
 * Does a picture begin here at which decoding can begin? For streams whose muxer does not say so: by what its first packet shows of it.
 *
 * @param payload of the packet in which the PES begins
 */
export function showsKeyframe(payload: Uint8Array, { type }: ElementaryStream): boolean {
  if (!isPES(payload)) return false
  for (let at = 9 + (payload[8] ?? 0); at + 3 < payload.length; at++) {
    if (payload[at] !== 0 || payload[at + 1] !== 0 || payload[at + 2] !== 1) continue
    if (isEntry(type, payload[at + 3] ?? 0)) return true
  }
  return false
}

/** When the unit in this PES is to be shown, in µs of the stream's clock; undefined where it does not say. ISO/IEC 13818-1, 2.4.3.6. */
export function ptsUsOf(payload: Uint8Array): number | undefined {
  if (!isPES(payload) || ((payload[7] ?? 0) & 0x80) === 0 || payload.length < 14) return undefined
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = payload.subarray(9, 14)
  const ticks = ((a >> 1) & 7) * 2 ** 30 + (((b << 7) | (c >> 1)) & 0x7fff) * 2 ** 15 + ((d << 7) | (e >> 1))
  return Math.round((ticks * 100) / 9)
}

function isPES([a, b, c]: Uint8Array): boolean {
  return a === 0 && b === 0 && c === 1
}

/** Sequence header; SPS or IDR; VPS, SPS or a picture at which decoding can begin. */
function isEntry(type: number, code: number): boolean {
  if (MPEG_VIDEO.has(type)) return code === 0xb3
  if (type === H264) return [5, 7].includes(code & 0x1f)
  const unit = (code >> 1) & 0x3f
  return type === HEVC && ((unit >= 16 && unit <= 21) || unit === 32 || unit === 33)
}
