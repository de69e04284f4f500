import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { FrameReader, frame } from '../wire/framing.ts'
import { MAX_LINK_FRAME_BYTES } from '../wire/limits.ts'
import { Frame } from '../wire/link.ts'
import type { ClassScheduler, TrafficClass } from './class-scheduler.ts'
import type { Clock, Timer } from './clock.ts'
import { isRelayed, transportOf } from './path.ts'
import type { StreamReader } from './stream-reader.ts'

/** Version told in Hello. A side with a higher one speaks this one with us. */
const LINK_VERSION = 1

/** A link that has been silent for this long is pinged: rule T5. */
const PING_AFTER_MS = 10_000

/** A neighbor that has been silent for this long is gone. Two pings and their answers may be lost. */
const DEAD_AFTER_MS = 30_000

/** How long a neighbor has to answer when its path is in doubt, in ms. Guess: a slow mobile network answers within 3 s. */
const PROBE_MS = 5_000

/** An answer may have come and not be read yet, in ms: a process that was busy runs its timers before it reads. */
const UNREAD_MS = 100

/** A timer this late means that the machine or the page was asleep: silence since then says nothing about the neighbor. */
const ASLEEP_MS = 5_000

/** How a link ended: by this side, since another has taken its place, by the neighbor's goodbye, or without a word, as when what carried it is gone. */
export type LinkEnding = 'closed' | 'replaced' | 'left' | 'cut'

/** Weight of the newest round trip in the mean, as TCP has it (RFC 6298). */
const RTT_GAIN = 1 / 8

/** A round trip time is news when it differs from the last one told by a quarter, and by more than this, in ms: what people see as another number. */
const RTT_NEWS_MS = 5

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

/** What a link tells whoever holds it. */
export interface LinkListeners {
  /** Every frame, once the link has done its own part with it. */
  onFrame(frame: Frame): void
  /** Once, at the end. */
  onClose(): void
  onClockOffset(): void
  /** The round trip time is another one than was told last. */
  onRtt(): void
}

/**
 * The established link to one neighbor in one group: frames both ways, round trip time, the neighbor's clock. Dies with its stream; a silent
 * neighbor is pinged and at last given up.
 */
export class NeighborLink {
  readonly peerID: PeerId
  readonly connection: Connection
  readonly linkID: Uint8Array
  /** When the handshake succeeded; of a link that took another's place, when the first one's did. */
  since: Date
  readonly #init: NeighborLinkInit
  readonly #frames = new FrameReader(MAX_LINK_FRAME_BYTES)
  #listeners: LinkListeners | undefined
  #toldRttMs: number | undefined
  #rttMs: number | undefined
  #clockOffsetMs: number | undefined
  #lastHeardMs: number
  #pings = new Map<number, number>()
  #pingNumber = 0
  #timer: Timer | undefined
  #probe: Timer | undefined
  #ending: LinkEnding | undefined

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

  /** When the neighbor was last heard, in ms of the link's clock. */
  get heardAtMs(): number {
    return this.#lastHeardMs
  }

  /** Does every byte pass a relay or a TURN server? */
  get relayed(): boolean {
    return isRelayed(this.connection)
  }

  /** What carries it. Others may watch it, and nothing else. */
  get stream(): Stream {
    return this.#init.stream
  }

  /** How it ended; undefined while it stands. When it was not by this side, what the neighbor sent before may still be on the way, over other streams. */
  get ending(): LinkEnding | undefined {
    return this.#ending
  }

  /** How the neighbor is reached, in a word. */
  get transport(): string {
    return transportOf(this.connection)
  }

  /** Begins: Hello goes out, frames come in, the first ping is sent. Calls back once at the end, whoever brought it about. */
  start(listeners: LinkListeners, receiveMode: number): void {
    const { stream, reader } = this.#init
    this.#listeners = listeners
    stream.addEventListener('close', () => this.#end('cut'))
    stream.addEventListener('remoteCloseWrite', () => this.#finish('cut'))
    this.hello(receiveMode)
    this.ping()
    this.#waitForSilence()
    reader.pipe(bytes => this.#onBytes(bytes))
    if (stream.status !== 'open') this.#end('cut')
  }

  /** Tells what this side is like. @param receiveMode as in the frame */
  hello(receiveMode: number): void {
    const wallClockMs = this.#init.clock.now()
    this.send({
      hello: { version: LINK_VERSION, maxFrameBytes: MAX_LINK_FRAME_BYTES, receiveMode, wallClockMs }
    })
  }

  /** Asks the neighbor for a sign of life. What comes of it is told by {@link heardAtMs} and the round trip time. */
  ping(): void {
    const now = this.#init.clock.now()
    this.#pings.set(++this.#pingNumber, now)
    this.send({ ping: { number: this.#pingNumber, wallClockMs: now } })
  }

  /** Asks the neighbor whether it is still there, because the path may be gone. Without an answer within 5 s the link is cut. */
  probe(): void {
    if (this.#ending !== undefined || this.#probe !== undefined) return
    const sinceMs = this.#init.clock.now()
    this.ping()
    const decide = (): void => {
      this.#probe = undefined
      if (this.#lastHeardMs < sinceMs) this.#cut('The neighbor did not answer')
    }
    this.#probe = this.#init.clock.setTimer(() => {
      this.#probe = this.#init.clock.setTimer(decide, UNREAD_MS)
    }, PROBE_MS)
  }

  /** Sends a frame in its class. On a closed link nothing happens. */
  send(message: Frame, trafficClass: TrafficClass = 'control'): void {
    this.sendEncoded(Frame.encode(message), trafficClass)
  }

  /** The same with a frame that is encoded already. */
  sendEncoded(encoded: Uint8Array, trafficClass: TrafficClass): void {
    if (this.#ending !== undefined) return
    this.#init.scheduler.send(this.#init.stream, frame(encoded), trafficClass)
  }

  /** Decides what this link's connection sends next, on other streams too. */
  get scheduler(): ClassScheduler {
    return this.#init.scheduler
  }

  /** Ends the link in good order: what has been sent still arrives. */
  close(): void {
    this.send({ goodbye: {} })
    this.#finish('closed')
  }

  /** Ends the link without a word, since another has taken its place. Where the other side still counts on it, it is cut there, and mended. */
  giveWay(): void {
    this.#finish('replaced')
  }

  /** Ends the link at once. */
  abort(reason: string): void {
    this.#end('closed')
    this.#init.stream.abort(new Error(reason))
  }

  #finish(ending: LinkEnding): void {
    if (this.#ending !== undefined) return
    const { stream } = this.#init
    this.#end(ending)
    stream.close().catch(error => stream.abort(error))
  }

  /** The path is dead, so all that runs over this connection is: whoever uses it hears of it now, and not when the network gives up. */
  #cut(reason: string): void {
    this.#end('cut')
    this.connection.abort(new Error(reason))
  }

  #onBytes(bytes: Uint8Array): void {
    for (const encoded of this.#frames.read(bytes)) {
      this.#lastHeardMs = this.#init.clock.now()
      const message = Frame.decode(encoded)
      const { ping, pong, goodbye } = message
      if (ping !== undefined) this.send({ pong: { number: ping.number, wallClockMs: this.#lastHeardMs } })
      if (pong !== undefined) this.#onPong(pong.number, pong.wallClockMs)
      if (goodbye !== undefined) this.#finish('left')
      else this.#listeners?.onFrame(message)
    }
  }

  #onPong(number: number, theirClockMs: number): void {
    const sentAtMs = this.#pings.get(number)
    if (sentAtMs === undefined) return
    for (const older of this.#pings.keys()) if (older <= number) this.#pings.delete(older)
    const now = this.#init.clock.now()
    const rttMs = now - sentAtMs
    this.connection.rtt = rttMs
    this.#rttMs = this.#rttMs === undefined ? rttMs : this.#rttMs + RTT_GAIN * (rttMs - this.#rttMs)
    this.#clockOffsetMs = theirClockMs - (sentAtMs + now) / 2
    this.#listeners?.onClockOffset()
    this.#tellRtt(this.#rttMs)
  }

  #tellRtt(rttMs: number): void {
    const difference = Math.abs(rttMs - (this.#toldRttMs ?? Number.POSITIVE_INFINITY))
    if (difference <= Math.max(RTT_NEWS_MS, (this.#toldRttMs ?? 0) / 4)) return
    this.#toldRttMs = rttMs
    this.#listeners?.onRtt()
  }

  #waitForSilence(): void {
    const { clock } = this.#init
    const dueMs = clock.now() + PING_AFTER_MS
    this.#timer = clock.setTimer(() => this.#onTimer(clock.now() - dueMs > ASLEEP_MS), PING_AFTER_MS)
  }

  #onTimer(wasAsleep: boolean): void {
    const silentMs = this.#init.clock.now() - this.#lastHeardMs
    if (wasAsleep) this.probe()
    else if (silentMs >= DEAD_AFTER_MS) {
      this.#cut(`The neighbor was silent for ${silentMs} ms`)
      return
    }
    if (silentMs >= PING_AFTER_MS) this.ping()
    this.#waitForSilence()
  }

  #end(ending: LinkEnding): void {
    if (this.#ending !== undefined) return
    this.#ending = ending
    this.#timer?.cancel()
    this.#probe?.cancel()
    this.#listeners?.onClose()
  }
}
