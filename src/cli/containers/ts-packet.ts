/** Bytes of a packet of MPEG-TS. ISO/IEC 13818-1, 2.4.3.2. */
export const TS_PACKET_BYTES = 188

/** What each packet begins with. */
export const TS_SYNC = 0x47

/** One packet of MPEG-TS, as far as chunks need it. */
export interface TSPacket {
  readonly pid: number
  /** A section or a PES begins in it. */
  readonly isUnitStart: boolean
  /** Its adaptation field says that decoding can begin here. */
  readonly isRandomAccess: boolean
  /** The program's clock in µs, where it is in this packet. */
  readonly pcrUs: number | undefined
  readonly payload: Uint8Array
}

/** Reads one packet. What contradicts itself reads as a packet without a payload. */
export function readTSPacket(bytes: Uint8Array): TSPacket {
  const [, high = 0, low = 0, flags = 0, fieldLength = 0, fieldFlags = 0] = bytes
  const hasField = (flags & 0x20) !== 0
  const from = hasField ? 5 + fieldLength : 4
  const fieldHas = (flag: number, length: number): boolean =>
    hasField && fieldLength >= length && (fieldFlags & flag) !== 0
  return {
    pid: ((high & 0x1f) << 8) | low,
    isUnitStart: (high & 0x40) !== 0,
    isRandomAccess: fieldHas(0x40, 1),
    pcrUs: fieldHas(0x10, 7) ? pcrUsOf(bytes.subarray(6, 12)) : undefined,
    payload: (flags & 0x10) === 0 ? bytes.subarray(0, 0) : bytes.subarray(Math.min(from, bytes.length))
  }
}

/** 33 bits at 90 kHz, 6 unused, 9 bits at 27 MHz. 2.4.3.5. */
function pcrUsOf([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0]: Uint8Array): number {
  const base = a * 2 ** 25 + b * 2 ** 17 + c * 2 ** 9 + d * 2 + (e >> 7)
  return Math.round((base * 300 + (((e & 1) << 8) | f)) / 27)
}
