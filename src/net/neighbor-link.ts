import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { FrameReader, frame } from '../wire/framing.ts'
import { MAX_LINK_FRAME_BYTES } from '../wire/limits.ts'
import { Frame } from '../wire/link.ts'
import type { ClassScheduler, TrafficClass } from './class-scheduler.ts'
import type { Clock, Timer } from './clock.ts'
import type { StreamReader } from './stream-reader.ts'

/** Version told in Hello. A side with a higher one speaks this one with us. */
const LINK_VERSION = 1

/** A link that has been silent for this long is pinged: rule T5. */
const PING_AFTER_MS = 10_000

/** A neighbor that has been silent for this long is gone. Two pings and their answers may be lost. */
const DEAD_AFTER_MS = 30_000

/** Weight of the newest round trip in the mean, as TCP has it (RFC 6298). */
const RTT_GAIN = 1 / 8

/** A stream whose handshake has succeeded, and what the link needs around it. */
export interface NeighborLinkInit {
  readonly stream: Stream
  readonly reader: StreamReader
  readonly connection: Connection
  /** 16 bytes, known to both sides only. */
  readonly linkID: Uint8Array
  readonly scheduler: ClassScheduler
  readonly clock: Clock
}

/**
 * The established link to one neighbor in one group: frames both ways, round trip time, the neighbor's clock. Dies with its stream; a silent
 * neighbor is pinged and at last given up.
 */
export class NeighborLink {
  readonly peerID: PeerId
  readonly connection: Connection
  readonly linkID: Uint8Array
  /** When the handshake succeeded. */
  readonly since: Date
  readonly #init: NeighborLinkInit
  readonly #frames = new FrameReader(MAX_LINK_FRAME_BYTES)
  #onHello: (() => void) | undefined
  #onClose: (() => void) | undefined
  #onClockOffset: (() => void) | undefined
  #rttMs: number | undefined
  #clockOffsetMs: number | undefined
  #lastHeardMs: number
  #pings = new Map<number, number>()
  #pingNumber = 0
  #timer: Timer | undefined
  #closed = false
  #hasLeft = false

  constructor(init: NeighborLinkInit) {
    this.#init = init
    this.peerID = init.connection.remotePeer
    this.connection = init.connection
    this.linkID = init.linkID
    this.#lastHeardMs = init.clock.now()
    this.since = new Date(this.#lastHeardMs)
  }

  /** Round trip time in ms, smoothed; the connection's own measure until the first pong, 0 when there is none. */
  get rttMs(): number {
    return this.#rttMs ?? this.connection.rtt ?? 0
  }

  /** The neighbor's clock minus ours, in ms; undefined until the first pong. */
  get clockOffsetMs(): number | undefined {
    return this.#clockOffsetMs
  }

  /** Does it run through a relay? */
  get relayed(): boolean {
    return (
      this.connection.limits !== undefined || this.connection.remoteAddr.toString().includes('/p2p-circuit')
    )
  }

  /** Did the neighbor, or the network, end it, and not we? Then what it sent before may still be on the way, over other streams. */
  get hasLeft(): boolean {
    return this.#hasLeft
  }

  /** How the neighbor is reached, in a word. */
  get transport(): string {
    const names = this.connection.remoteAddr.getComponents().map(({ name }) => name)
    if (names.includes('webrtc')) return 'webrtc'
    if (names.includes('p2p-circuit')) return 'circuit'
    if (names.includes('webrtc-direct')) return 'webrtc-direct'
    if (names.includes('ws') || names.includes('wss')) return 'websocket'
    return names.includes('memory') ? 'memory' : 'tcp'
  }

  /** Begins: Hello goes out, frames come in, the first ping is sent. Calls back once at the end, whoever brought it about. */
  start(listeners: { onHello: () => void; onClose: () => void; onClockOffset: () => void }): void {
    const { stream, reader, clock } = this.#init
    this.#onHello = listeners.onHello
    this.#onClose = listeners.onClose
    this.#onClockOffset = listeners.onClockOffset
    stream.addEventListener('close', () => {
      // Its connection may be gone before its goodbye is read.
      if (!this.#closed) this.#hasLeft = true
      this.#end()
    })
    stream.addEventListener('remoteCloseWrite', () => {
      this.#hasLeft = true
      this.close()
    })
    this.send({
      hello: {
        version: LINK_VERSION,
        maxFrameBytes: MAX_LINK_FRAME_BYTES,
        receiveMode: 0,
        wallClockMs: clock.now()
      }
    })
    this.#ping()
    this.#timer = clock.setTimer(this.#onTimer, PING_AFTER_MS)
    reader.pipe(bytes => this.#onBytes(bytes))
    if (stream.status !== 'open') this.#end()
  }

  /** Sends a frame in its class. On a closed link nothing happens. */
  send(message: Frame, trafficClass: TrafficClass = 'control'): void {
    if (this.#closed) return
    this.#init.scheduler.send(this.#init.stream, frame(Frame.encode(message)), trafficClass)
  }

  /** Ends the link in good order: what has been sent still arrives. */
  close(): void {
    if (this.#closed) return
    const { stream } = this.#init
    this.#end()
    stream.close().catch(error => stream.abort(error))
  }

  /** Ends the link at once. */
  abort(reason: string): void {
    this.#end()
    this.#init.stream.abort(new Error(reason))
  }

  #onBytes(bytes: Uint8Array): void {
    for (const encoded of this.#frames.read(bytes)) {
      this.#lastHeardMs = this.#init.clock.now()
      const { hello, ping, pong } = Frame.decode(encoded)
      if (hello !== undefined) this.#onHello?.()
      if (ping !== undefined) this.send({ pong: { number: ping.number, wallClockMs: this.#lastHeardMs } })
      if (pong !== undefined) this.#onPong(pong.number, pong.wallClockMs)
    }
  }

  #ping(): void {
    const now = this.#init.clock.now()
    this.#pings.set(++this.#pingNumber, now)
    this.send({ ping: { number: this.#pingNumber, wallClockMs: now } })
  }

  #onPong(number: number, theirClockMs: number): void {
    const sentAtMs = this.#pings.get(number)
    if (sentAtMs === undefined) return
    for (const older of this.#pings.keys()) if (older <= number) this.#pings.delete(older)
    const now = this.#init.clock.now()
    const rttMs = now - sentAtMs
    this.#rttMs = this.#rttMs === undefined ? rttMs : this.#rttMs + RTT_GAIN * (rttMs - this.#rttMs)
    this.#clockOffsetMs = theirClockMs - (sentAtMs + now) / 2
    this.#onClockOffset?.()
  }

  readonly #onTimer = (): void => {
    const silentMs = this.#init.clock.now() - this.#lastHeardMs
    if (silentMs >= DEAD_AFTER_MS) {
      this.abort(`The neighbor was silent for ${silentMs} ms`)
      return
    }
    if (silentMs >= PING_AFTER_MS) this.#ping()
    this.#timer = this.#init.clock.setTimer(this.#onTimer, PING_AFTER_MS)
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#timer?.cancel()
    this.#onClose?.()
  }
}
