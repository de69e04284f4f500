import { TS_PACKET_BYTES } from '../../../../src/cli/containers/ts-packet.ts'

/** What a packet of a made-up MPEG-TS is to have. */
export interface PacketOptions {
  isUnitStart?: boolean
  isRandomAccess?: boolean
  pcrMs?: number
  payload?: readonly number[]
}

/** A packet of MPEG-TS. */
export function packet(pid: number, options: PacketOptions = {}): Uint8Array {
  const { isUnitStart = false, isRandomAccess = false, pcrMs, payload = [] } = options
  const bytes = new Uint8Array(TS_PACKET_BYTES).fill(0xff)
  bytes.set([0x47, (isUnitStart ? 0x40 : 0) | (pid >> 8), pid & 0xff, 0x30])
  const field = [isRandomAccess ? 0x40 : 0]
  if (pcrMs !== undefined) {
    field[0] = (field[0] ?? 0) | 0x10
    const ticks = pcrMs * 90
    field.push(...[2 ** 25, 2 ** 17, 2 ** 9, 2].map(unit => Math.floor(ticks / unit) & 0xff))
    field.push((ticks & 1) << 7, 0)
  }
  const fieldBytes = TS_PACKET_BYTES - 5 - payload.length
  bytes[4] = fieldBytes
  bytes.set(field, 5)
  bytes.set(payload, 5 + fieldBytes)
  return bytes
}

/** A PAT with one program, whose PMT has PID 0x100. */
export function pat(): Uint8Array {
  return packet(0, { isUnitStart: true, payload: section(0, [0, 1, 0xe1, 0x00]) })
}

/** A PMT with one stream at PID 0x101; 0x1b is H.264. */
export function pmt(type = 0x1b): Uint8Array {
  return packet(0x100, {
    isUnitStart: true,
    payload: section(2, [0xe1, 0x01, 0xf0, 0, type, 0xe1, 0x01, 0xf0, 0])
  })
}

/** The beginning of a unit in that stream. */
export function unit(pcrMs: number, options: { isRandomAccess?: boolean; nal?: number } = {}): Uint8Array {
  const { isRandomAccess = false, nal = 1 } = options
  const payload = [0, 0, 1, 0xe0, 0, 0, 0x80, 0, 0, 0, 0, 1, nal, 0x55]
  return packet(0x101, { isUnitStart: true, isRandomAccess, pcrMs, payload })
}

/** More of it. */
export function more(): Uint8Array {
  return packet(0x101, { payload: Array.from({ length: 180 }, () => 0x66) })
}

/** A pointer of 0, and a section with a CRC that nobody checks. */
function section(tableID: number, body: readonly number[]): number[] {
  const length = 5 + body.length + 4
  return [0, tableID, 0xb0 | (length >> 8), length & 0xff, 0, 1, 0xc1, 0, 0, ...body, 0, 0, 0, 0]
}
