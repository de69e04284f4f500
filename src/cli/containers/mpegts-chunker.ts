import type { Chunker, StreamChunk } from './chunk.ts'
import { NO_BYTES } from './chunk.ts'
import { ChunkCutter } from './chunk-cutter.ts'
import { HeldBytes } from './held-bytes.ts'
import { ptsUsOf, showsKeyframe } from './pes.ts'
import { StreamClock } from './stream-clock.ts'
import { readTSPacket, TS_PACKET_BYTES, TS_SYNC, type TSPacket } from './ts-packet.ts'
import { isVideo, TSTables } from './ts-tables.ts'

/** Packets of stuffing. */
const NULL_PID = 0x1fff

/** Tables with nothing but stuffing between them beyond this are not kept together: guess, many times what a stream has. */
const MAX_TABLE_RUN_BYTES = 256 * TS_PACKET_BYTES

/**
 * Cuts MPEG-TS at packets. A late one may begin where a picture begins that needs no other (or any unit, where there are no pictures), with the tables that stand
 * directly before it, or else with the latest ones as its header.
 */
export class MPEGTSChunker implements Chunker {
  readonly #held = new HeldBytes()
  readonly #cutter = new ChunkCutter(this.#held)
  readonly #tables = new TSTables()
  readonly #clock = new StreamClock()
  /** The next packet begins here. */
  #at = 0
  /** Tables, with no other packets than stuffing between and behind them, that end where the next packet begins. */
  #tableRun: { from: number; complete: Set<number> } | undefined
  #clockPID: number | undefined

  push(bytes: Uint8Array): StreamChunk[] {
    this.#held.append(bytes)
    while (this.#at + TS_PACKET_BYTES <= this.#held.end) {
      if (this.#held.at(this.#at) === TS_SYNC) this.#packet()
      else if (!this.#resync()) break
    }
    return this.#cutter.drain()
  }

  flush(): StreamChunk[] {
    this.#cutter.cutAt(this.#at, this.#clock.nowUs)
    this.#tableRun = undefined
    return this.#cutter.drain()
  }

  end(): StreamChunk[] {
    this.#at = this.#held.end
    return this.flush()
  }

  /** Goes to where two packets seem to follow each other; false when more bytes must come to know. */
  #resync(): boolean {
    this.#tableRun = undefined
    while (this.#at + TS_PACKET_BYTES < this.#held.end) {
      if (this.#held.at(this.#at) === TS_SYNC && this.#held.at(this.#at + TS_PACKET_BYTES) === TS_SYNC)
        return true
      this.#at++
      this.#cutter.cutIfGood(this.#at, this.#clock.nowUs)
    }
    return false
  }

  #packet(): void {
    const bytes = this.#held.view(this.#at, this.#at + TS_PACKET_BYTES)
    const packet = readTSPacket(bytes)
    this.#tellClock(packet)
    if (this.#tables.isTable(packet.pid)) this.#table(bytes, packet)
    else if (packet.pid === NULL_PID) this.#cutBeforeTables()
    else this.#media(packet)
    this.#at += TS_PACKET_BYTES
  }

  #table(bytes: Uint8Array, packet: TSPacket): void {
    this.#tableRun ??= { from: this.#at, complete: new Set() }
    const completed = this.#tables.take(bytes, packet)
    if (completed !== undefined) this.#tableRun.complete.add(completed)
    this.#cutBeforeTables()
  }

  /** Tables, and stuffing, may come without end, and would all be held. */
  #cutBeforeTables(): void {
    const place = this.#tableRun?.from ?? this.#at
    this.#cutter.cutIfGood(place, this.#clock.nowUs)
    if (this.#at - place > MAX_TABLE_RUN_BYTES) this.#tableRun = undefined
  }

  #media(packet: TSPacket): void {
    const place = this.#tableRun?.from ?? this.#at
    if (this.#isEntry(packet)) {
      const hasTables = this.#tableRun !== undefined && this.#tables.areIn(this.#tableRun.complete)
      this.#cutter.startAt(place, hasTables ? NO_BYTES : this.#tables.packets(), this.#clock.nowUs)
    } else this.#cutter.cutIfGood(place, this.#clock.nowUs)
    this.#tableRun = undefined
  }

  #isEntry({ pid, isUnitStart, isRandomAccess, payload }: TSPacket): boolean {
    const { entry } = this.#tables
    if (entry === undefined || pid !== entry.pid || !isUnitStart) return false
    return isRandomAccess || !isVideo(entry) || showsKeyframe(payload, entry)
  }

  /** By the first PCR that there is; before, by the times of what decoding begins with. */
  #tellClock({ pid, pcrUs, isUnitStart, payload }: TSPacket): void {
    if (pcrUs !== undefined) {
      this.#clockPID ??= pid
      if (pid === this.#clockPID) this.#clock.tell(pcrUs)
    } else if (this.#clockPID === undefined && isUnitStart && pid === this.#tables.entry?.pid) {
      const ptsUs = ptsUsOf(payload)
      if (ptsUs !== undefined) this.#clock.tell(ptsUs)
    }
  }
}
