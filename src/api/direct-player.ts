import type { Connection } from '@libp2p/interface'
import type { Timer } from '../net/clock.ts'
import type { DirectFrame } from '../net/direct/direct-frame.ts'
import { Wish } from '../net/direct/direct-piece.ts'
import { DirectReceiver } from '../net/direct/direct-receiver.ts'
import type { RequestOutcome } from '../net/direct/direct-request.ts'
import type { GroupHost } from '../net/group-host.ts'
import { FrameQueue } from '../net/multicast/frame-queue.ts'
import { requestStream } from './direct-request.ts'
import { closeBefore, type NetConnection } from './net-connection.ts'
import type { MediaFrame, NetStreamPlayer, PlayOptions } from './net-stream.ts'
import { PlayerOutput, runSent } from './player-frames.ts'
import type { AbortOptions } from './status-target.ts'
import { bufferTimeOf, checkFlag, gapsOf, parametersOf } from './stream-arguments.ts'
import { StreamBase } from './stream-base.ts'
import {
  multicastInfoOf,
  type NetStreamInfo,
  type NetStreamMulticastInfo,
  StreamCounts
} from './stream-info.ts'
import { withSignal } from './with-signal.ts'

/** Bytes that may wait for the reader before the publisher is told to hold, and below which it may go on. Guess: half a second at 16 Mbit/s. */
const HOLD_BYTES = 1_048_576
const GO_ON_BYTES = 524_288

/** Who holds, and reads, says so again after so long, in ms: several times within DIRECT_STALL_MS, after which the publisher lets go. */
const HOLD_AGAIN_MS = 1_000

/** What {@link NetStream.playDirect} does. */
export async function playDirect<H extends object>(
  connection: NetConnection,
  farID: unknown,
  name: string,
  options: PlayOptions<H>
): Promise<DirectPlayer<H>> {
  // Before anybody is asked.
  for (const check of [bufferTimeOf, parametersOf, gapsOf]) check(options)
  const { host, path, accepted } = await requestStream(connection, farID, name, options.signal)
  // In the same task as the answer came in, or what follows it is lost.
  return new DirectPlayer<H>({ connection, host, path, accepted, name, options })
}

interface DirectPlayerInit<H> {
  readonly connection: NetConnection
  readonly host: GroupHost
  /** What carries it. */
  readonly path: Connection
  readonly accepted: Extract<RequestOutcome, { type: 'accepted' }>
  readonly name: string
  readonly options: PlayOptions<H>
}

/** A stream that is played from its publisher. */
export class DirectPlayer<H extends object> extends StreamBase<H> implements NetStreamPlayer<H> {
  readonly farID: string
  client: H
  readonly #host: GroupHost
  readonly #path: Connection
  readonly #counts: StreamCounts
  readonly #queue: FrameQueue
  readonly #output: PlayerOutput
  readonly #receiver: DirectReceiver
  readonly #bufferTimer: Timer
  readonly #forget: () => void
  #wishes: number = Wish.AUDIO | Wish.VIDEO
  #toldAtMs = 0
  /** Kinds that were not wanted for a while, until it is told that some of theirs was left out: that is not lost. */
  readonly #wereUnwanted = new Set<MediaFrame['kind']>()
  /** Somebody reads: only then the publisher has to wait for it. */
  #isRead = false
  #isOver = false
  #isClosed = false

  constructor({ connection, host, path, accepted, name, options }: DirectPlayerInit<H>) {
    super(host.log, name, options)
    this.farID = path.remotePeer.toString()
    this.client = options.client ?? ({} as H)
    this.#host = host
    this.#path = path
    this.#counts = new StreamCounts(host.clock)
    this.#queue = new FrameQueue({
      clock: host.clock,
      maxWaitMs: () => Number.POSITIVE_INFINITY,
      onDropped: () => this.#counts.drop()
    })
    this.#output = new PlayerOutput({
      queue: this.#queue,
      name,
      gaps: gapsOf(options),
      onCancel: () => this.close(),
      onRead: () => this.#onRead()
    })
    this.#bufferTimer = host.clock.setTimer(() => this.#queue.release(), this.bufferTime * 1_000)
    this.#forget = closeBefore(connection, () => {
      // What was on its way does not come any more.
      if (!this.#isOver) this.#queue.gap()
      return this.close()
    })
    this.dispatchStatus('NetStream.Play.Start', {})
    this.#receiver = new DirectReceiver({
      stream: accepted.stream,
      reader: accepted.reader,
      scheduler: host.schedulerOf(path),
      clock: host.clock,
      listener: {
        onFrame: frame => this.#onFrame(frame),
        onGap: kind => this.#onGap(kind),
        onEnd: isByPublisher => this.#onEnd(isByPublisher)
      }
    })
  }

  get info(): NetStreamInfo {
    return this.#counts.info(this.#queue.waiting, this.#path.rtt ?? 0)
  }

  get multicastInfo(): NetStreamMulticastInfo {
    return multicastInfoOf(undefined, this.#host.clock.now())
  }

  frames({ signal }: AbortOptions = {}): AsyncGenerator<MediaFrame, void> {
    return this.#output.frames(signal)
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#output.readable
  }

  receiveAudio(flag: boolean): void {
    checkFlag(flag, 'receiveAudio')
    if (!flag) this.#wereUnwanted.add('audio')
    this.#wish(Wish.AUDIO, flag)
  }

  receiveVideo(flag: boolean): void {
    checkFlag(flag, 'receiveVideo')
    if (!flag) this.#wereUnwanted.add('video')
    this.#wish(Wish.VIDEO, flag)
  }

  close({ signal }: AbortOptions = {}): Promise<void> {
    return withSignal(this.#close(), signal)
  }

  async #close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isOver = true
    this.#receiver.close()
    this.#end()
  }

  #onFrame(frame: DirectFrame): void {
    this.#counts.add(frame)
    if (frame.isCall) {
      runSent(this.client, frame.data, this.#host.log)
      return
    }
    const { kind, timestamp, keyframe, data } = frame
    this.#queue.push({ kind, timestamp, keyframe, data })
    this.#holdOrGoOn()
  }

  /** @param kind undefined: before the end, and nobody knows of which kind */
  #onGap(kind: MediaFrame['kind'] | undefined): void {
    if (kind === undefined ? this.#wereUnwanted.size > 0 : this.#wereUnwanted.has(kind)) {
      if (kind !== undefined && this.#isWanted(kind)) this.#wereUnwanted.delete(kind)
      return
    }
    if (kind === undefined) this.#counts.drop()
    else this.#counts.miss(kind)
    this.#queue.gap()
  }

  #isWanted(kind: MediaFrame['kind']): boolean {
    if (kind === 'data') return true
    return (this.#wishes & (kind === 'audio' ? Wish.AUDIO : Wish.VIDEO)) !== 0
  }

  #onEnd(isByPublisher: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    // The rest is missing, and nobody knows how much.
    if (!isByPublisher) this.#queue.gap()
    this.dispatchStatus('NetStream.Play.UnpublishNotify', {})
    if (!isByPublisher) this.dispatchStatus('NetStream.Connect.Closed', { farID: this.farID })
    this.#end()
  }

  #end(): void {
    this.#bufferTimer.cancel()
    this.#queue.end()
    this.#forget()
    if (this.#isClosed) this.endStatuses()
  }

  #onRead(): void {
    this.#isRead = true
    this.#holdOrGoOn()
    if (this.#isHolding && this.#host.clock.now() - this.#toldAtMs >= HOLD_AGAIN_MS) this.#tellWishes()
  }

  get #isHolding(): boolean {
    return (this.#wishes & Wish.HOLD) !== 0
  }

  #holdOrGoOn(): void {
    const { bytes } = this.#queue
    if (!this.#isHolding && this.#isRead && bytes > HOLD_BYTES) this.#wish(Wish.HOLD, true)
    else if (this.#isHolding && bytes < GO_ON_BYTES) this.#wish(Wish.HOLD, false)
  }

  #wish(bit: number, isSet: boolean): void {
    const wishes = isSet ? this.#wishes | bit : this.#wishes & ~bit
    if (wishes === this.#wishes) return
    this.#wishes = wishes
    this.#tellWishes()
  }

  #tellWishes(): void {
    this.#toldAtMs = this.#host.clock.now()
    this.#receiver.wish(this.#wishes)
  }
}
