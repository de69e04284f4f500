import type { Uint8ArrayList } from 'uint8arraylist'
import { MAX_MUXER_BYTES, MAX_SCHEDULED_BYTES } from '../wire/limits.ts'
import { DelayWindow } from './delay-window.ts'

/** Classes of traffic, the most urgent first. */
export const TRAFFIC_CLASSES = ['control', 'audio', 'video', 'data', 'bulk'] as const

/** How urgent bytes are: a class is sent while no higher one can be, and below audio also when it has been passed over for long. */
export type TrafficClass = (typeof TRAFFIC_CLASSES)[number]

/** Classes up to this one are never made to wait for a lower one. */
const LAST_STRICT = TRAFFIC_CLASSES.indexOf('audio')

/** A class below those that has been passed over so often in favor of a higher one is served next. Guess: a ninth of the pieces is for what is less urgent. */
const MAX_PASSED_OVER = 8

/** Gives the next piece of what a stream is to carry, at the moment when it can be sent; undefined: nothing now. */
export type PieceSource = () => PacedPiece | undefined

/** Bytes to send; a list goes out as one. */
export type Piece = Uint8Array | Uint8ArrayList

/** A piece that is sent at the path's pace, and how many of its bytes the other side tells that it has taken. */
export interface PacedPiece {
  readonly data: Piece
  readonly counted: number
}

/** The sending end of a libp2p stream, as far as the scheduler needs it. */
export interface Outlet {
  send(data: Piece): boolean
  readonly writeBufferLength: number
  readonly writableNeedsDrain: boolean
  readonly writeStatus: string
  abort(error: Error): void
  addEventListener(type: 'drain' | 'close', listener: () => void): void
  removeEventListener(type: 'drain' | 'close', listener: () => void): void
}

/**
 * Decides what a connection sends next, over all groups and streams on it: control before audio before video before data before bulk, round
 * robin among the streams of a class, and a stream whose reader is slow holds up nobody else. What comes from sources shares one {@link DelayWindow}, so that all of it together adds no more queue to the path than one
 * stream would. At most {@link MAX_MUXER_BYTES}
 * are left unsent in the muxer by streams that flow, since what is there cannot be overtaken. One per connection; never waits, never throws.
 */
export class ClassScheduler {
  readonly #queues: Map<Outlet, Uint8Array[]>[] = TRAFFIC_CLASSES.map(() => new Map())
  readonly #sources: Map<Outlet, PieceSource>[] = TRAFFIC_CLASSES.map(() => new Map())
  readonly #outlets = new Map<Outlet, { drain: () => void; close: () => void }>()
  readonly #window = new DelayWindow()
  /** How often in a row each class had something and a higher one was sent. */
  readonly #passedOver: number[] = TRAFFIC_CLASSES.map(() => 0)
  readonly #maxMuxerBytes: number
  readonly #maxWaitingBytes: number
  #waitingBytes = 0
  #isFlushing = false

  constructor(maxMuxerBytes: number = MAX_MUXER_BYTES, maxWaitingBytes: number = MAX_SCHEDULED_BYTES) {
    this.#maxMuxerBytes = maxMuxerBytes
    this.#maxWaitingBytes = maxWaitingBytes
  }

  /** Bytes that wait here, outside the muxer. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** How many bytes from sources may be on their way at once. */
  get windowBytes(): number {
    return this.#window.bytes
  }

  /** The other side has taken so many bytes of one source's pieces. @param rttMs since the last of them went out */
  taken(bytes: number, rttMs: number, nowMs: number): void {
    this.#window.onTaken(bytes, rttMs, nowMs)
    this.#flush()
  }

  /** The same, where the other side has waited with that word: how long it took says nothing of the path. */
  takenUntimed(bytes: number): void {
    this.#window.onTakenUntimed(bytes)
    this.#flush()
  }

  /** The stream on which so many bytes of a source's pieces are on their way has ended. */
  lost(bytes: number): void {
    this.#window.onLost(bytes)
    this.#flush()
  }

  /** Sends now or as soon as it is its turn. At the bound of waiting bytes the outlet with the most of them is too slow and gets aborted. */
  send(outlet: Outlet, data: Uint8Array, trafficClass: TrafficClass): void {
    if (outlet.writeStatus !== 'writable') return
    this.#watch(outlet)
    // Nobody is before it: the usual case.
    if (this.#waitingBytes === 0 && !outlet.writableNeedsDrain && this.#muxerBytes() < this.#maxMuxerBytes) {
      this.#hand(outlet, data)
      return
    }
    const queues = this.#queues[TRAFFIC_CLASSES.indexOf(trafficClass)] as Map<Outlet, Uint8Array[]>
    const queue = queues.get(outlet)
    if (queue === undefined) queues.set(outlet, [data])
    else queue.push(data)
    this.#waitingBytes += data.byteLength
    this.#flush()
    while (this.#waitingBytes > this.#maxWaitingBytes) this.#abortSlowest()
  }

  /**
   * Asks this source for its next piece whenever it is this stream's turn and the window has room, behind what waits in its class, until it has none: then it has to be said again. For what is long:
   * nothing of it waits here. What is sent is on its way until it is said to be {@link taken} or {@link lost}.
   */
  pull(outlet: Outlet, source: PieceSource, trafficClass: TrafficClass): void {
    if (outlet.writeStatus !== 'writable') return
    this.#watch(outlet)
    const sources = this.#sources[TRAFFIC_CLASSES.indexOf(trafficClass)] as Map<Outlet, PieceSource>
    if (!sources.has(outlet)) sources.set(outlet, source)
    this.#flush()
  }

  /** The one with the most bytes waiting: who happens to send is not at fault. */
  #abortSlowest(): void {
    const [slowest] = [...this.#outlets.keys()].sort((a, b) => this.#waitingOf(b) - this.#waitingOf(a))
    if (slowest === undefined) return
    slowest.abort(new Error(`More than ${this.#maxWaitingBytes} bytes wait to be sent to a slow neighbor`))
    this.#forget(slowest)
  }

  #waitingOf(outlet: Outlet): number {
    let bytes = 0
    for (const queues of this.#queues) for (const data of queues.get(outlet) ?? []) bytes += data.byteLength
    return bytes
  }

  #flush(): void {
    // What a source brings about while it is asked comes after what it gives.
    if (this.#isFlushing) return
    this.#isFlushing = true
    try {
      while (this.#muxerBytes() < this.#maxMuxerBytes) {
        const next = this.#next()
        if (next === undefined) return
        this.#hand(next.outlet, next.data)
      }
    } finally {
      this.#isFlushing = false
    }
  }

  #hand(outlet: Outlet, data: Piece): void {
    try {
      outlet.send(data)
    } catch (error) {
      outlet.abort(error instanceof Error ? error : new Error(String(error)))
      this.#forget(outlet)
    }
  }

  #next(): { outlet: Outlet; data: Piece } | undefined {
    for (const index of this.#order()) {
      const next = this.#nextQueued(index) ?? this.#nextOf(index)
      if (next === undefined) continue
      this.#countPassedOver(index)
      return next
    }
    return undefined
  }

  /** The classes in their order; first of those below audio is the one that has been passed over for too long. */
  #order(): number[] {
    const order = TRAFFIC_CLASSES.map((_, index) => index)
    const longest = order.findLastIndex(index => (this.#passedOver[index] as number) >= MAX_PASSED_OVER)
    if (longest > LAST_STRICT + 1) order.splice(LAST_STRICT + 1, 0, ...order.splice(longest, 1))
    return order
  }

  #countPassedOver(served: number): void {
    for (const index of this.#passedOver.keys()) {
      const isPassedOver = index > served && index > LAST_STRICT && this.#canSend(index)
      if (isPassedOver) this.#passedOver[index] = (this.#passedOver[index] as number) + 1
      // One that is served out of its turn has not passed over those between, and what has nothing does not wait.
      else if (index === served || !this.#canSend(index)) this.#passedOver[index] = 0
    }
  }

  /** Has it something, and a stream that takes it? Whether the window has room at the moment makes no difference: it is full after most pieces. */
  #canSend(index: number): boolean {
    const isFree = ({ writableNeedsDrain }: Outlet): boolean => !writableNeedsDrain
    const queued = this.#queues[index] as Map<Outlet, Uint8Array[]>
    const sources = this.#sources[index] as Map<Outlet, PieceSource>
    return [...queued.keys(), ...sources.keys()].some(isFree)
  }

  #nextQueued(index: number): { outlet: Outlet; data: Uint8Array } | undefined {
    const queues = this.#queues[index] as Map<Outlet, Uint8Array[]>
    for (const [outlet, queue] of queues) {
      if (outlet.writableNeedsDrain) continue
      const data = queue.shift() as Uint8Array
      // To the end of the round, or out of it.
      queues.delete(outlet)
      if (queue.length > 0) queues.set(outlet, queue)
      this.#waitingBytes -= data.byteLength
      return { outlet, data }
    }
    return undefined
  }

  #nextOf(index: number): { outlet: Outlet; data: Piece } | undefined {
    const sources = this.#sources[index] as Map<Outlet, PieceSource>
    // Who has to wait for room stays where it is.
    if (this.#window.room === 0) return undefined
    for (const [outlet, source] of [...sources]) {
      if (outlet.writableNeedsDrain) continue
      sources.delete(outlet)
      const piece = source()
      if (piece === undefined) continue
      sources.set(outlet, source)
      this.#window.onSent(piece.counted)
      return { outlet, data: piece.data }
    }
    return undefined
  }

  /** What a stream whose reader is slow has left is not counted: it lies in that stream, in nobody's way. */
  #muxerBytes(): number {
    let bytes = 0
    for (const outlet of this.#outlets.keys())
      if (!outlet.writableNeedsDrain) bytes += outlet.writeBufferLength
    return bytes
  }

  #watch(outlet: Outlet): void {
    if (this.#outlets.has(outlet)) return
    const listeners = { drain: () => this.#flush(), close: () => this.#forget(outlet) }
    this.#outlets.set(outlet, listeners)
    outlet.addEventListener('drain', listeners.drain)
    outlet.addEventListener('close', listeners.close)
  }

  #forget(outlet: Outlet): void {
    const listeners = this.#outlets.get(outlet)
    if (listeners === undefined) return
    this.#outlets.delete(outlet)
    outlet.removeEventListener('drain', listeners.drain)
    outlet.removeEventListener('close', listeners.close)
    for (const queues of this.#queues) {
      for (const data of queues.get(outlet) ?? []) this.#waitingBytes -= data.byteLength
      queues.delete(outlet)
    }
    for (const sources of this.#sources) sources.delete(outlet)
    this.#flush()
  }
}
