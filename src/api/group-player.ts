import { unwrapData } from '../core/multicast/data-frame.ts'
import type { StreamFrame } from '../core/multicast/fragmenter.ts'
import { FrameAssembler } from '../core/multicast/frame-assembler.ts'
import type { MulticastParameters } from '../core/multicast/multicast-parameters.ts'
import type { Clock, Timer } from '../net/clock.ts'
import type { GroupMember } from '../net/group-member.ts'
import { KeyframeGate } from '../net/keyframe-gate.ts'
import { announcedParameters, type CarriedStream } from '../net/multicast/carried-stream.ts'
import { FrameQueue } from '../net/multicast/frame-queue.ts'
import type { AnnouncedStream } from '../net/multicast/stream-announcement.ts'
import type { StreamListener } from '../net/multicast/stream-listeners.ts'
import type { StreamsRunner } from '../net/multicast/streams-runner.ts'
import type { NetGroup } from './net-group.ts'
import type { MediaFrame, NetStreamPlayer, PlayOptions } from './net-stream.ts'
import { PlayerOutput, runSent } from './player-frames.ts'
import type { AbortOptions } from './status-target.ts'
import { checkFlag, gapsOf, openStreams } from './stream-arguments.ts'
import { StreamBase } from './stream-base.ts'
import {
  multicastInfoOf,
  type NetStreamInfo,
  type NetStreamMulticastInfo,
  StreamCounts
} from './stream-info.ts'
import { withSignal } from './with-signal.ts'

/** How long the rest of a stream that has ended is waited for when another one is there to take its place, in ms. Guess: a retry or two; it is live, and the other one runs. */
const TAKEOVER_MS = 1_000

/** What {@link NetStream.play} does. */
export async function play<H extends object>(
  group: NetGroup,
  name: string,
  options: PlayOptions<H>
): Promise<GroupPlayer<H>> {
  options.signal?.throwIfAborted()
  const { member, runner } = openStreams(group, name, 'play')
  return new GroupPlayer<H>({ group, member, runner, name, options })
}

interface GroupPlayerInit<H> {
  readonly group: NetGroup
  readonly member: GroupMember
  readonly runner: StreamsRunner
  readonly name: string
  readonly options: PlayOptions<H>
}

/** A stream of a group that is played. */
export class GroupPlayer<H extends object> extends StreamBase<H> implements NetStreamPlayer<H> {
  client: H
  readonly #init: GroupPlayerInit<H>
  readonly #clock: Clock
  readonly #counts: StreamCounts
  readonly #queue: FrameQueue
  readonly #output: PlayerOutput
  readonly #isHeard = { audio: true, video: true }
  #gate = new KeyframeGate()
  #assembler = new FrameAssembler()
  #carried: CarriedStream | undefined
  /** What was carried last, for its counters. */
  #latest: CarriedStream | undefined
  #streamListener: StreamListener = {}
  /** Calls in fragments below this were sent before this one was there: they are not for it. */
  #live = 0
  /** The stream that was begun last. */
  #playedID: string | undefined
  /** The publisher has said that it ends: the rest is still on its way. */
  #isEnding = false
  /** Their ends may be known by their fragments before their publishers' words come. */
  readonly #endedIDs = new Set<string>()
  #bufferTimer: Timer | undefined
  #endTimer: Timer | undefined
  #endAtMs = 0
  /** Neighbors get the last of a stream that has ended. */
  #farewell: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(init: GroupPlayerInit<H>) {
    const { name, options } = init
    super(init.member.log, name, options)
    this.#init = init
    this.client = options.client ?? ({} as H)
    this.#clock = init.runner.host.clock
    this.#counts = new StreamCounts(this.#clock)
    this.#queue = new FrameQueue({
      clock: this.#clock,
      maxWaitMs: () => 1_000 * (this.multicastWindowDuration + this.bufferTime),
      onDropped: () => this.#counts.drop()
    })
    this.#output = new PlayerOutput({
      queue: this.#queue,
      name,
      gaps: gapsOf(options),
      onCancel: () => this.close()
    })
    init.runner.listeners.add(this.#listener)
    init.runner.hurry()
    init.group.addEventListener('NetGroup.Connect.Closed', this.#onGroupClosed)
    this.#choose()
  }

  get farID(): string {
    return this.#carried?.stream.publisher.toString() ?? ''
  }

  get info(): NetStreamInfo {
    return this.#counts.info(this.#queue.waiting, 0)
  }

  get multicastInfo(): NetStreamMulticastInfo {
    return multicastInfoOf(this.#latest, this.#clock.now())
  }

  frames({ signal }: AbortOptions = {}): AsyncGenerator<MediaFrame, void> {
    return this.#output.frames(signal)
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#output.readable
  }

  receiveAudio(flag: boolean): void {
    checkFlag(flag, 'receiveAudio')
    this.#isHeard.audio = flag
  }

  receiveVideo(flag: boolean): void {
    checkFlag(flag, 'receiveVideo')
    this.#isHeard.video = flag
  }

  close({ signal }: AbortOptions = {}): Promise<void> {
    this.#end()
    return withSignal(this.#farewell, signal)
  }

  #end(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#init.group.removeEventListener('NetGroup.Connect.Closed', this.#onGroupClosed)
    this.#init.runner.listeners.delete(this.#listener)
    this.#leave()
    this.#queue.end()
    this.endStatuses()
  }

  readonly #onGroupClosed = (): void => {
    // What was on its way does not come any more.
    if (this.#carried !== undefined) this.#queue.gap()
    this.#end()
  }

  readonly #listener = {
    onPublished: ({ description }: AnnouncedStream): void => {
      if (description.name !== this.name) return
      if (this.#isEnding) this.#endWithin(TAKEOVER_MS)
      else this.#choose()
    },
    onUnpublished: (stream: AnnouncedStream, isEnded: boolean): void => {
      if (stream.id !== this.#carried?.stream.id) return
      if (isEnded) this.#onEnding()
      else this.#onLost()
    }
  }

  /** Of all of that name the one that began last; that which is played stays. */
  #choose(): void {
    const newest = this.#newest
    if (!this.#isClosed && this.#carried === undefined && newest !== undefined) this.#begin(newest)
  }

  get #newest(): AnnouncedStream | undefined {
    const [newest] = this.#init.runner.directory.streams
      .filter(({ description, id }) => description.name === this.name && !this.#endedIDs.has(id))
      .sort((a, b) => b.description.startedAt - a.description.startedAt)
    return newest
  }

  #begin(stream: AnnouncedStream): void {
    this.#assembler = new FrameAssembler()
    this.#gate = new KeyframeGate()
    const isAnother = this.#playedID !== undefined && this.#playedID !== stream.id
    if (this.#latest !== undefined) this.#queue.reopen()
    const ifPlayed = (then: () => void): void => {
      if (this.#streamListener === listener) then()
    }
    const listener: StreamListener = {
      onStart: (number, live) => ifPlayed(() => this.#onStart({ number, live, isAnother })),
      onFragment: fragment => ifPlayed(() => this.#take(this.#assembler.add(fragment))),
      onSkip: number => ifPlayed(() => this.#take(this.#assembler.skip(number))),
      onEnded: () => ifPlayed(() => this.#onEnded())
    }
    this.#streamListener = listener
    this.#init.runner.hurry()
    this.#carried = this.#init.runner.carry({ stream, parameters: this.parameters, listener })
    this.#latest = this.#carried
    if (isAnother) this.dispatchStatus('NetStream.MulticastStream.Reset', {})
    this.changed()
  }

  #onStart({
    number,
    live,
    isAnother
  }: Readonly<Record<'number' | 'live', number>> & { readonly isAnother: boolean }): void {
    this.#assembler.start(number)
    this.#live = live
    this.#playedID = this.#carried?.stream.id
    this.#bufferTimer?.cancel()
    this.#bufferTimer = this.#clock.setTimer(() => this.#queue.release(), this.bufferTime * 1_000)
    if (!isAnother) this.dispatchStatus('NetStream.Play.Start', {})
  }

  #take(assembled: ReturnType<FrameAssembler['add']>): void {
    const listener = this.#streamListener
    for (const item of assembled) {
      // What was sent to a handler may have closed it, and behind an end another stream may be played.
      if (this.#streamListener !== listener) return
      if (item.type === 'frame') this.#onFrame(item.frame, item.number >= this.#live)
      else if (item.type === 'gap') {
        this.#counts.drop()
        this.#queue.gap()
      } else this.#onEnded()
    }
  }

  /** @param isLive it was published since this one was there */
  #onFrame(frame: StreamFrame, isLive: boolean): void {
    if (frame.kind !== 'data') {
      if (!this.#isTaken(frame)) return
      this.#counts.add(frame)
      this.#queue.push(frame)
      return
    }
    const unwrapped = unwrapData(frame.data)
    if (unwrapped === undefined) return
    const own = { ...frame, data: unwrapped.data }
    this.#counts.add(own)
    if (!unwrapped.isCall) this.#queue.push(own)
    else if (isLive) runSent(this.client, unwrapped.data, this.#init.member.log)
  }

  /** Is it wanted? Video that is wanted again goes on with a keyframe. */
  #isTaken(frame: StreamFrame): boolean {
    if (frame.kind === 'audio') return this.#isHeard.audio
    const leftOut = this.#gate.pass(frame)
    if (!this.#isHeard.video) this.#gate.shut('unwanted')
    return this.#isHeard.video && leftOut === undefined
  }

  /** Its publisher has ended it. What neighbors have of it still comes; when there is another one, for a moment. */
  #onEnding(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    if (this.#carried !== undefined) this.#endedIDs.add(this.#carried.stream.id)
    this.#endWithin(this.#newest === undefined ? 1_000 * this.multicastWindowDuration : TAKEOVER_MS)
    this.dispatchStatus('NetStream.Play.UnpublishNotify', {})
  }

  #endWithin(ms: number): void {
    const atMs = this.#clock.now() + ms
    if (this.#endTimer !== undefined && this.#endAtMs <= atMs) return
    this.#endTimer?.cancel()
    this.#endAtMs = atMs
    this.#endTimer = this.#clock.setTimer(() => this.#onTooLate(), ms)
  }

  /** The rest of it does not come any more. */
  #onTooLate(): void {
    this.#counts.drop()
    this.#queue.gap()
    this.#onEnded()
  }

  /** All of it has been delivered. */
  #onEnded(): void {
    this.#onEnding()
    // A listener may have closed it.
    if (this.#isClosed) return
    this.#leave()
    if (this.#newest === undefined) this.#queue.end()
    this.changed()
    this.#choose()
  }

  /** Its publisher is gone without a word. It may come back, or another may come. */
  #onLost(): void {
    this.dispatchStatus('NetStream.Play.UnpublishNotify', {})
    this.#leave()
    this.#queue.gap()
    // The timer that would have done so is gone, and nothing else need come.
    this.#queue.release()
    this.changed()
    this.#choose()
  }

  #leave(): void {
    this.#bufferTimer?.cancel()
    this.#endTimer?.cancel()
    this.#endTimer = undefined
    this.#isEnding = false
    const carried = this.#carried
    this.#carried = undefined
    if (carried !== undefined) {
      const dropped = this.#init.runner.drop(carried, this.#streamListener)
      this.#farewell = Promise.all([this.#farewell, dropped]).then(() => {})
    }
    this.#streamListener = {}
  }

  protected override get announced(): Partial<MulticastParameters> {
    return this.#carried === undefined ? {} : announcedParameters(this.#carried.stream)
  }

  protected override onParameters(parameters: Partial<MulticastParameters>): void {
    this.#carried?.run({ type: 'parameters', parameters })
  }
}
