import type { Connection, Stream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import type { FrameKind } from '../../core/multicast/fragment.ts'
import { DIRECT_STALL_MS, MAX_DIRECT_WAITING_BYTES } from '../../wire/limits.ts'
import { appendBlock } from '../blocks.ts'
import type { PacedPiece, TrafficClass } from '../class-scheduler.ts'
import type { Timer } from '../clock.ts'
import type { GroupHost } from '../group-host.ts'
import { type PacedSource, PacedStream } from '../paced-stream.ts'
import type { StreamReader } from '../stream-reader.ts'
import type { DirectFrame } from './direct-frame.ts'
import { encodePieceHeader, KINDS, PieceFlag, Wish } from './direct-piece.ts'
import { type Reliability, SubscriberQueue } from './subscriber-queue.ts'

/** Bytes that may wait for one player before `write` does, and `send` says so. Guess: a second at 2 Mbit/s. */
const ROOM_BYTES = 262_144

/** How {@link DirectSubscriber} is made. */
export interface DirectSubscriberInit {
  readonly host: GroupHost
  readonly connection: Connection
  /** Whose player has been accepted on it. */
  readonly stream: Stream
  readonly reader: StreamReader
  readonly reliable: Reliability
  readonly onDropped: (frame: DirectFrame) => void
  /** It has left, or was let go. Once. */
  readonly onGone: () => void
}

/** One who plays a direct stream that is published here: what waits for it, and goes to it at its path's pace. */
export class DirectSubscriber implements PacedSource {
  readonly classes: readonly TrafficClass[] = KINDS
  /** Who it is, as text. */
  readonly peer: string
  readonly #init: DirectSubscriberInit
  readonly #queue: SubscriberQueue
  readonly #paced: PacedStream
  readonly #gone = Promise.withResolvers<void>()
  #room: PromiseWithResolvers<void> | undefined
  #stallTimer: Timer | undefined
  #movedAtMs = 0
  #isHeld = false
  /** Something was to go since it has said that it cannot take more: it waits, or was dropped. */
  #hasMissed = false
  #isGone = false

  constructor(init: DirectSubscriberInit) {
    this.#init = init
    const { stream, reader, connection, host } = init
    this.peer = connection.remotePeer.toString()
    this.#queue = new SubscriberQueue(init.reliable, init.onDropped)
    const scheduler = host.schedulerOf(connection)
    this.#paced = new PacedStream({ stream, reader, scheduler, clock: host.clock, source: this })
    stream.addEventListener('close', () => this.#onGone())
    if (stream.status !== 'open') queueMicrotask(() => this.#onGone())
  }

  /** Frames that wait for it. */
  get waiting(): readonly DirectFrame[] {
    return this.#queue.frames
  }

  /** Bytes of them. */
  get waitingBytes(): number {
    return this.#queue.bytes
  }

  /** Round trip time in ms, as the connection knows it. */
  get rttMs(): number {
    return this.#init.connection.rtt ?? 0
  }

  /** Does more wait for it than should, reliable or not? */
  get isBehind(): boolean {
    return !this.#isGone && this.#queue.bytes >= ROOM_BYTES
  }

  /** Is there room for more that is reliable? */
  get hasRoom(): boolean {
    return this.#isGone || this.#queue.reliableBytes < ROOM_BYTES
  }

  /** Resolves when there is, or when it is gone. */
  async untilRoom(): Promise<void> {
    while (!this.hasRoom) {
      this.#room ??= Promise.withResolvers<void>()
      await this.#room.promise
    }
  }

  push(frame: DirectFrame): boolean {
    if (this.#isGone) return false
    if (this.#isIdle) this.#movedAtMs = this.#init.host.clock.now()
    const isWanted = this.#queue.push(frame, this.#init.host.clock.now())
    if (isWanted && this.#isHeld) this.#hasMissed = true
    if (this.#queue.bytes > MAX_DIRECT_WAITING_BYTES) this.letGo('Too much waits for it')
    else this.#wake()
    return isWanted
  }

  /** Ends the stream behind what waits. Resolves when all of it has been taken, or it is gone; lets it go after `withinMs`. */
  async close(withinMs: number): Promise<void> {
    if (this.#isIdle) this.#movedAtMs = this.#init.host.clock.now()
    this.#queue.end()
    this.#wake()
    const timer = this.#init.host.clock.setTimer(() => this.letGo('It does not take the rest'), withinMs)
    await this.#gone.promise
    timer.cancel()
  }

  /** Ends it at once. */
  letGo(reason: string): void {
    this.#init.stream.abort(new Error(reason))
    this.#onGone()
  }

  next(trafficClass: TrafficClass): PacedPiece | undefined {
    if (this.#isHeld) return undefined
    const piece = this.#queue.next(trafficClass as FrameKind, this.#init.host.clock.now())
    if (this.hasRoom) this.#tellRoom()
    if (piece === undefined) return undefined
    const data = new Uint8ArrayList()
    appendBlock(data, encodePieceHeader(piece), piece.payload)
    if ((piece.flags & PieceFlag.END) !== 0) queueMicrotask(() => this.#finish())
    return { data, counted: data.byteLength }
  }

  onTaken(): void {
    this.#movedAtMs = this.#init.host.clock.now()
  }

  /** That it cannot take more is a sign that it reads, since it says so again with what it reads; and that it can again. No other word is: who takes nothing could say it for ever. */
  onWord(bits: number): void {
    const isHeld = (bits & Wish.HOLD) !== 0
    if (isHeld || this.#isHeld) this.#movedAtMs = this.#init.host.clock.now()
    this.#queue.want('audio', (bits & Wish.AUDIO) !== 0)
    this.#queue.want('video', (bits & Wish.VIDEO) !== 0)
    this.#isHeld = isHeld
    this.#hasMissed = false
    if (this.hasRoom) this.#tellRoom()
    this.#wake()
  }

  get #isIdle(): boolean {
    return this.#queue.isEmpty && this.#paced.inFlight === 0 && !this.#hasMissed
  }

  #wake(): void {
    if (this.#queue.isEmpty) return
    this.#watchForStall()
    if (!this.#isHeld) this.#paced.wake()
  }

  /** The end is out: the other side closes when it has read it. */
  #finish(): void {
    const { stream, host } = this.#init
    host.ending.add(stream)
    stream.close().catch(error => stream.abort(error))
  }

  #watchForStall(): void {
    const { clock } = this.#init.host
    if (this.#stallTimer !== undefined || this.#isGone) return
    this.#stallTimer = clock.setTimer(() => this.#onStallTimer(), DIRECT_STALL_MS)
  }

  #onStallTimer(): void {
    const { clock } = this.#init.host
    this.#stallTimer = undefined
    if (this.#isIdle) return
    const restMs = this.#movedAtMs + DIRECT_STALL_MS - clock.now()
    if (restMs <= 0) this.letGo(`It has taken nothing for ${DIRECT_STALL_MS} ms`)
    else this.#stallTimer = clock.setTimer(() => this.#onStallTimer(), restMs)
  }

  #onGone(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#stallTimer?.cancel()
    this.#queue.clear()
    this.#tellRoom()
    this.#gone.resolve()
    this.#init.onGone()
  }

  #tellRoom(): void {
    this.#room?.resolve()
    this.#room = undefined
  }
}
