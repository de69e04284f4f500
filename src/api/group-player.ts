import { unwrapData } from '../core/multicast/data-frame.ts'
import type { StreamFrame } from '../core/multicast/fragmenter.ts'
import { FrameAssembler } from '../core/multicast/frame-assembler.ts'
import type { MulticastParameters } from '../core/multicast/multicast-parameters.ts'
import { WINDOW_S } from '../core/multicast/multicast-parameters.ts'
import type { Clock, Timer } from '../net/clock.ts'
import type { GroupMember } from '../net/group-member.ts'
import { announcedParameters, type CarriedStream } from '../net/multicast/carried-stream.ts'
import { FrameQueue } from '../net/multicast/frame-queue.ts'
import type { AnnouncedStream } from '../net/multicast/stream-announcement.ts'
import type { StreamListener } from '../net/multicast/stream-listeners.ts'
import type { StreamsRunner } from '../net/multicast/streams-runner.ts'
import type { NetGroup } from './net-group.ts'
import { type MediaFrame, NetStream, type NetStreamPlayer, type PlayOptions } from './net-stream.ts'
import { framesOf, readableOf, runSent } from './player-frames.ts'
import type { AbortOptions } from './status-target.ts'
import { bufferTimeOf, openStreams, parametersOf } from './stream-arguments.ts'
import {
  multicastInfoOf,
  type NetStreamInfo,
  type NetStreamMulticastInfo,
  StreamCounts
} from './stream-info.ts'
import { withSignal } from './with-signal.ts'

/** What {@link NetStream.play} does. */
export async function play<H extends object>(
  group: NetGroup,
  name: string,
  options: PlayOptions<H>
): Promise<GroupPlayer<H>> {
  options.signal?.throwIfAborted()
  const { member, runner } = openStreams(group, name, 'play')
  return new GroupPlayer<H>({
    group,
    member,
    runner,
    name,
    bufferTime: bufferTimeOf(options),
    parameters: parametersOf(options),
    client: options.client ?? ({} as H)
  })
}

interface GroupPlayerInit<H> {
  readonly group: NetGroup
  readonly member: GroupMember
  readonly runner: StreamsRunner
  readonly name: string
  readonly bufferTime: number
  readonly parameters: Partial<MulticastParameters>
  readonly client: H
}

/** A stream of a group that is played. */
export class GroupPlayer<H extends object> extends NetStream implements NetStreamPlayer<H> {
  readonly name: string
  bufferTime: number
  client: H
  readonly #init: GroupPlayerInit<H>
  readonly #clock: Clock
  readonly #counts: StreamCounts
  readonly #queue: FrameQueue
  readonly #isHeard = { audio: true, video: true }
  #assembler = new FrameAssembler()
  #carried: CarriedStream | undefined
  #streamListener: StreamListener = {}
  #hasPlayed = false
  /** The publisher has said that it ends: the rest is still on its way. */
  #isEnding = false
  /** Its end may be known by its fragments before its publisher's word comes. */
  #endedID: string | undefined
  #bufferTimer: Timer | undefined
  #endTimer: Timer | undefined
  #readable: ReadableStream<Uint8Array> | undefined
  /** Neighbors get the last of a stream that has ended. */
  #farewell: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(init: GroupPlayerInit<H>) {
    super(init.member.log)
    this.#init = init
    this.name = init.name
    this.bufferTime = init.bufferTime
    this.client = init.client
    this.#clock = init.runner.host.clock
    this.#counts = new StreamCounts(this.#clock)
    this.#queue = new FrameQueue(
      () => this.#windowS * 1_000_000,
      () => this.#counts.drop()
    )
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
    return multicastInfoOf(this.#carried, this.#clock.now())
  }

  frames({ signal }: AbortOptions = {}): AsyncGenerator<MediaFrame, void> {
    return framesOf(this.#queue, signal)
  }

  get readable(): ReadableStream<Uint8Array> {
    this.#readable ??= readableOf(this.#queue, this.name, () => this.close())
    return this.#readable
  }

  receiveAudio(flag: boolean): void {
    this.#isHeard.audio = flag
  }

  receiveVideo(flag: boolean): void {
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

  readonly #onGroupClosed = (): void => this.#end()

  readonly #listener = {
    onPublished: ({ description }: AnnouncedStream): void => {
      if (description.name === this.name) this.#choose()
    },
    onUnpublished: (stream: AnnouncedStream, isEnded: boolean): void => {
      if (stream.id !== this.#carried?.stream.id) return
      if (isEnded) this.#onEnding()
      else this.#onLost()
    }
  }

  /** Of all of that name the one that began last; that which is played stays. */
  #choose(): void {
    if (this.#isClosed || (this.#carried !== undefined && !this.#isEnding)) return
    const [newest] = this.#init.runner.directory.streams
      .filter(({ description, id }) => description.name === this.name && id !== this.#endedID)
      .sort((a, b) => b.description.startedAt - a.description.startedAt)
    if (newest !== undefined) this.#begin(newest)
  }

  #begin(stream: AnnouncedStream): void {
    this.#leave()
    this.#queue.reopen()
    this.#assembler = new FrameAssembler()
    const isAnother = this.#hasPlayed
    const ifPlayed = (then: () => void): void => {
      if (this.#streamListener === listener) then()
    }
    const listener: StreamListener = {
      onStart: number => ifPlayed(() => this.#onStart(number, isAnother)),
      onFragment: fragment => ifPlayed(() => this.#take(this.#assembler.add(fragment))),
      onSkip: number => ifPlayed(() => this.#take(this.#assembler.skip(number))),
      onEnded: () => ifPlayed(() => this.#onEnded())
    }
    this.#streamListener = listener
    this.#init.runner.hurry()
    this.#carried = this.#init.runner.carry({ stream, parameters: this.#init.parameters, listener })
    if (isAnother) this.dispatchStatus('NetStream.MulticastStream.Reset', {})
    this.changed()
  }

  #onStart(number: number, isAnother: boolean): void {
    this.#assembler.start(number)
    this.#hasPlayed = true
    this.#bufferTimer?.cancel()
    this.#bufferTimer = this.#clock.setTimer(() => this.#queue.release(), this.bufferTime * 1_000)
    if (!isAnother) this.dispatchStatus('NetStream.Play.Start', {})
  }

  #take(assembled: ReturnType<FrameAssembler['add']>): void {
    for (const item of assembled) {
      if (item.type === 'frame') this.#onFrame(item.frame)
      else if (item.type === 'gap') {
        this.#counts.drop()
        this.#queue.gap()
      } else this.#onEnded()
    }
  }

  #onFrame(frame: StreamFrame): void {
    if (frame.kind !== 'data') {
      if (!this.#isHeard[frame.kind]) return
      this.#counts.add(frame)
      this.#queue.push(frame)
      return
    }
    const unwrapped = unwrapData(frame.data)
    if (unwrapped === undefined) return
    const own = { ...frame, data: unwrapped.data }
    this.#counts.add(own)
    if (unwrapped.isCall) runSent(this.client, unwrapped.data, this.#init.member.log)
    else this.#queue.push(own)
  }

  /** Its publisher has ended it. What neighbors have of it still comes, unless there is another one. */
  #onEnding(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#endedID = this.#carried?.stream.id
    this.dispatchStatus('NetStream.Play.UnpublishNotify', {})
    this.#endTimer = this.#clock.setTimer(() => this.#onTooLate(), this.#windowS * 1_000)
    this.#choose()
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
    // Another one has taken its place already.
    if (!this.#isEnding) return
    this.#leave()
    this.#queue.end()
    this.changed()
  }

  /** Its publisher is gone without a word. It may come back, or another may come. */
  #onLost(): void {
    this.dispatchStatus('NetStream.Play.UnpublishNotify', {})
    this.#leave()
    this.#queue.gap()
    this.changed()
    this.#choose()
  }

  #leave(): void {
    this.#bufferTimer?.cancel()
    this.#endTimer?.cancel()
    this.#isEnding = false
    const carried = this.#carried
    this.#carried = undefined
    if (carried !== undefined) this.#farewell = this.#init.runner.drop(carried, this.#streamListener)
    this.#streamListener = {}
  }

  get #windowS(): number {
    const announced = this.#carried === undefined ? {} : announcedParameters(this.#carried.stream)
    return this.#init.parameters.multicastWindowDuration ?? announced.multicastWindowDuration ?? WINDOW_S
  }
}
