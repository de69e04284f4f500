import { NO_BYTES } from './chunk.ts'
import type { TSPacket } from './ts-packet.ts'

/** A section has at most 1,024 bytes (2.4.4.1), which is 6 packets; one more where it begins late in the first. */
const MAX_PACKETS_PER_TABLE = 7

/** Programs of one stream that are kept for late ones: more are left out. Guess: a transponder of television has some 20. */
const MAX_PROGRAMS = 32

const PAT_PID = 0
const SDT_PID = 0x11

/** Types of elementary streams that are pictures: ISO/IEC 13818-1, table 2-34, with AVS2, AVS3 and VC-1. */
const VIDEO_TYPES: ReadonlySet<number> = new Set([
  0x01, 0x02, 0x10, 0x1b, 0x1f, 0x20, 0x21, 0x24, 0x33, 0x42, 0xd2, 0xd4, 0xea
])

/** A stream in a program. */
export interface ElementaryStream {
  readonly pid: number
  readonly type: number
}

/** A table while its packets come, and the last one that was complete. */
class Table {
  #packets: Uint8Array[] = []
  #section: number[] = []
  #isComing = false
  /** The packets of the last complete one. */
  packets: Uint8Array = NO_BYTES

  /** Takes the next packet of its PID; answers the section when it is complete. */
  take(bytes: Uint8Array, { isUnitStart, payload }: TSPacket): Uint8Array | undefined {
    if (isUnitStart) {
      this.#packets = []
      this.#section = []
      this.#isComing = true
    }
    if (!this.#isComing) return undefined
    this.#packets.push(bytes.slice())
    this.#section.push(...(isUnitStart ? payload.subarray(1 + (payload[0] ?? 0)) : payload))
    const length = 3 + ((((this.#section[1] ?? 0) & 0x0f) << 8) | (this.#section[2] ?? 0))
    const isComplete = this.#section.length >= Math.max(4, length)
    if (!isComplete && this.#packets.length < MAX_PACKETS_PER_TABLE) return undefined
    this.#isComing = false
    if (!isComplete) return undefined
    this.packets = joined(this.#packets)
    return Uint8Array.from(this.#section.slice(0, length))
  }
}

/** The tables of an MPEG-TS that a decoder needs before anything else: PAT and PMTs. */
export class TSTables {
  readonly #pat = new Table()
  #programs = new Map<number, Table>()
  #streams = new Map<number, readonly ElementaryStream[]>()
  #entry: ElementaryStream | undefined

  /** Is this the PID of a table? */
  isTable(pid: number): boolean {
    return pid === PAT_PID || pid === SDT_PID || this.#programs.has(pid)
  }

  /** The stream whose units are where decoding can begin: the first picture, or where there is none, the first of all. */
  get entry(): ElementaryStream | undefined {
    return this.#entry
  }

  /** Takes a packet with the PID of a table. Answers the PID of the table which this packet completes. */
  take(bytes: Uint8Array, packet: TSPacket): number | undefined {
    if (packet.pid === PAT_PID) {
      const section = this.#pat.take(bytes, packet)
      if (section?.[0] !== 0) return undefined
      this.#readPAT(section)
      return PAT_PID
    }
    const section = this.#programs.get(packet.pid)?.take(bytes, packet)
    if (section?.[0] !== 2) return undefined
    this.#streams.set(packet.pid, streamsOf(section))
    this.#findEntry()
    return packet.pid
  }

  /** Are these all tables that a decoder needs? */
  areIn(pids: ReadonlySet<number>): boolean {
    return pids.has(PAT_PID) && [...this.#programs.keys()].every(pid => pids.has(pid))
  }

  /** The packets of the latest PAT and of the PMTs that it names. */
  packets(): Uint8Array {
    return joined([this.#pat, ...this.#programs.values()].map(table => table.packets))
  }

  #readPAT(section: Uint8Array): void {
    const programs = new Map<number, Table>()
    for (let at = 8; at + 4 <= section.length - 4 && programs.size < MAX_PROGRAMS; at += 4) {
      const number = ((section[at] ?? 0) << 8) | (section[at + 1] ?? 0)
      const pid = (((section[at + 2] ?? 0) & 0x1f) << 8) | (section[at + 3] ?? 0)
      // Program 0 is the network's table, no program.
      if (number !== 0) programs.set(pid, this.#programs.get(pid) ?? new Table())
    }
    this.#programs = programs
    for (const pid of this.#streams.keys()) if (!programs.has(pid)) this.#streams.delete(pid)
    this.#findEntry()
  }

  #findEntry(): void {
    const streams = [...this.#programs.keys()].flatMap(pid => this.#streams.get(pid) ?? [])
    this.#entry = streams.find(({ type }) => VIDEO_TYPES.has(type)) ?? streams[0]
  }
}

/** Is this a stream of pictures? */
export function isVideo({ type }: ElementaryStream): boolean {
  return VIDEO_TYPES.has(type)
}

function streamsOf(pmt: Uint8Array): ElementaryStream[] {
  const streams: ElementaryStream[] = []
  let at = 12 + lengthAt(pmt, 10)
  while (at + 5 <= pmt.length - 4) {
    const pid = (((pmt[at + 1] ?? 0) & 0x1f) << 8) | (pmt[at + 2] ?? 0)
    streams.push({ pid, type: pmt[at] ?? 0 })
    at += 5 + lengthAt(pmt, at + 3)
  }
  return streams
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) & 0x0f) << 8) | (bytes[at + 1] ?? 0)
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
