import { NetGroupError } from '../core/errors.ts'
import { wrapData } from '../core/multicast/data-frame.ts'
import type { MulticastParameters } from '../core/multicast/multicast-parameters.ts'
import type { Clock } from '../net/clock.ts'
import type { GroupMember } from '../net/group-member.ts'
import { PublishedStream } from '../net/multicast/published-stream.ts'
import { encodeValue } from '../net/value.ts'
import { MAX_STREAMS_PER_PUBLISHER } from '../wire/limits.ts'
import type { NetGroup } from './net-group.ts'
import { groupspecOfGroup } from './net-group.ts'
import { type MediaFrame, NetStream, type NetStreamPublisher, type StreamOptions } from './net-stream.ts'
import { checkCommand } from './remote-command.ts'
import { bufferTimeOf, checkFrame, checkFrameSize, openStreams, parametersOf } from './stream-arguments.ts'
import {
  multicastInfoOf,
  type NetStreamInfo,
  type NetStreamMulticastInfo,
  StreamCounts
} from './stream-info.ts'

/** A write waits while a push waits longer than this to go out, in ms. Guess: a fifth of the delay that viewers have. */
const ROOM_MS = 200

/** How often it is looked for room, in ms. */
const LOOK_MS = 10

/** How long a stream that has ended is still given to those who lack its last pieces, in ms: at least, and at most. Guess: who heard of it at the end has asked by then; the original's window. */
const LAST_ASK_MS = 500
const FAREWELL_MS = 8_000

/** What {@link NetStream.publish} does. */
export async function publish(
  group: NetGroup,
  name: string,
  options: StreamOptions
): Promise<GroupPublisher<object>> {
  options.signal?.throwIfAborted()
  const { member, runner } = openStreams(group, name, 'publish')
  const cannot = `Cannot publish stream "${name}" in group "${member.groupspec.name}"`
  if (!group.can('publish'))
    throw new NetGroupError(
      'NOT_AUTHORIZED',
      `${cannot}: its groupspec gives no right to; authorize('publish', password) does`,
      {
        role: 'publish'
      }
    )
  if (!runner.directory.hasRoomFor(group.connection.nearID))
    throw new RangeError(
      `${cannot}: a member may publish ${MAX_STREAMS_PER_PUBLISHER} streams, and a group have 64. Close one`
    )
  const parameters = parametersOf(options)
  const bufferTime = bufferTimeOf(options)
  const groupspec = groupspecOfGroup(group)
  const published = await PublishedStream.start({
    runner,
    name,
    parameters,
    memberCount: member.estimatedMemberCount,
    grant: () => member.rightIn(groupspec, 'publish'),
    groupNow: () => member.now()
  })
  return new GroupPublisher({ group, member, name, published, bufferTime, parameters })
}

interface GroupPublisherInit {
  readonly group: NetGroup
  readonly member: GroupMember
  readonly name: string
  readonly published: PublishedStream
  readonly bufferTime: number
  readonly parameters: Partial<MulticastParameters>
}

/** A stream that is published in a group. */
export class GroupPublisher<H> extends NetStream implements NetStreamPublisher<H> {
  readonly name: string
  bufferTime: number
  readonly peerStreams: readonly { readonly farID: string }[] = Object.freeze([])
  readonly #init: GroupPublisherInit
  readonly #counts: StreamCounts
  readonly #clock: Clock
  #writable: WritableStream<Uint8Array> | undefined
  #closing: Promise<void> | undefined

  constructor(init: GroupPublisherInit) {
    super(init.member.log)
    this.#init = init
    this.name = init.name
    this.bufferTime = init.bufferTime
    this.#clock = init.member.streams.runner?.host.clock as Clock
    this.#counts = new StreamCounts(this.#clock)
    init.group.addEventListener('NetGroup.Connect.Closed', this.#onGroupClosed)
  }

  get info(): NetStreamInfo {
    return this.#counts.info([], 0)
  }

  get multicastInfo(): NetStreamMulticastInfo {
    return multicastInfoOf(this.#init.published.carried, this.#clock.now())
  }

  async write(frame: MediaFrame): Promise<void> {
    checkFrame(frame)
    this.#requireOpen('write')
    const { kind, data, keyframe = false } = frame
    checkFrameSize(kind === 'data' ? data.byteLength + 1 : data.byteLength, `stream "${this.name}"`)
    this.#counts.add(frame)
    const sent = kind === 'data' ? wrapData(data, false) : data
    await this.#send({ kind, data: sent, keyframe, timestamp: Math.round(frame.timestamp) })
    await this.#untilRoom()
  }

  send<K extends keyof H & string>(handlerName: K, ...args: unknown[]): boolean {
    checkCommand(handlerName)
    this.#requireOpen('send')
    const data = wrapData(encodeValue([handlerName, ...args]), true)
    checkFrameSize(data.byteLength, `stream "${this.name}"`)
    this.#send({ kind: 'data', data, keyframe: false, timestamp: this.#nowUs() }).catch(() => {})
    return this.#hasRoom
  }

  get writable(): WritableStream<Uint8Array> {
    this.#writable ??= new WritableStream<Uint8Array>({
      write: async chunk => await this.write({ kind: 'data', data: chunk, timestamp: this.#nowUs() }),
      close: () => this.close(),
      abort: () => this.close()
    })
    return this.#writable
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { group, published } = this.#init
    group.removeEventListener('NetGroup.Connect.Closed', this.#onGroupClosed)
    await published.close()
    await this.#untilGone()
    published.drop()
    this.endStatuses()
  }

  readonly #onGroupClosed = (): void => {
    this.#closing ??= Promise.resolve()
    this.#init.published.drop()
    this.endStatuses()
  }

  /** Those who are fed from here have all of it, or take too long; and whoever has only just begun to look for it has had the time to ask. */
  async #untilGone(): Promise<void> {
    const { member, published } = this.#init
    const startMs = this.#clock.now()
    const isOver = (): boolean => {
      const sinceMs = this.#clock.now() - startMs
      return sinceMs >= FAREWELL_MS || (sinceMs >= LAST_ASK_MS && published.carried.isSettled)
    }
    while (member.links.size > 0 && !isOver()) await this.#pause(LOOK_MS)
  }

  async #untilRoom(): Promise<void> {
    while (!this.#hasRoom && this.#closing === undefined) await this.#pause(LOOK_MS)
  }

  get #hasRoom(): boolean {
    return this.#init.published.carried.waitMs < ROOM_MS
  }

  async #send(frame: Required<MediaFrame>): Promise<void> {
    await this.#init.published.write(frame)
  }

  #pause(ms: number): Promise<void> {
    return new Promise(resolve => this.#clock.setTimer(resolve, ms))
  }

  #nowUs(): number {
    return Math.round(this.#clock.now() * 1_000)
  }

  #requireOpen(what: string): void {
    if (this.#closing !== undefined)
      throw new NetGroupError('CLOSED', `Cannot ${what} to stream "${this.name}": it was closed`, {})
  }
}
