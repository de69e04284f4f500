import { NetGroupError } from '../core/errors.ts'
import { wrapData } from '../core/multicast/data-frame.ts'
import type { MulticastParameters } from '../core/multicast/multicast-parameters.ts'
import type { Clock } from '../net/clock.ts'
import type { GroupMember } from '../net/group-member.ts'
import { PublishedStream } from '../net/multicast/published-stream.ts'
import { encodeValue } from '../net/value.ts'
import { MAX_STREAMS, MAX_STREAMS_PER_PUBLISHER } from '../wire/limits.ts'
import type { NetGroup } from './net-group.ts'
import { groupspecOfGroup } from './net-group.ts'
import { type MediaFrame, NetStream, type NetStreamPublisher, type StreamOptions } from './net-stream.ts'
import { checkCommand } from './remote-command.ts'
import type { AbortOptions } from './status-target.ts'
import { bufferTimeOf, checkFrame, checkFrameSize, openStreams, parametersOf } from './stream-arguments.ts'
import {
  multicastInfoOf,
  type NetStreamInfo,
  type NetStreamMulticastInfo,
  StreamCounts
} from './stream-info.ts'
import { withSignal } from './with-signal.ts'

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
  const check = (): void => {
    options.signal?.throwIfAborted()
    openStreams(group, name, 'publish')
    if (!runner.directory.hasRoomFor(group.connection.nearID))
      throw new RangeError(
        `${cannot}: a member may publish ${MAX_STREAMS_PER_PUBLISHER} streams, and a group have ${MAX_STREAMS}. Close one`
      )
  }
  check()
  const parameters = parametersOf(options)
  const bufferTime = bufferTimeOf(options)
  const groupspec = groupspecOfGroup(group)
  const published = await PublishedStream.start({
    runner,
    name,
    parameters,
    grant: () => member.rightIn(groupspec, 'publish'),
    groupNow: () => member.now(),
    check
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

  close({ signal }: AbortOptions = {}): Promise<void> {
    this.#closing ??= this.#close()
    return withSignal(this.#closing, signal)
  }

  async #close(): Promise<void> {
    const { group, member, published } = this.#init
    group.removeEventListener('NetGroup.Connect.Closed', this.#onGroupClosed)
    await published.close()
    await member.streams.runner?.untilSettled(published.carried)
    published.drop()
    this.endStatuses()
  }

  readonly #onGroupClosed = (): void => {
    this.#closing ??= Promise.resolve()
    this.#init.published.drop()
    this.endStatuses()
  }

  get #hasRoom(): boolean {
    return this.#init.published.carried.hasRoom
  }

  async #send(frame: Required<MediaFrame>): Promise<void> {
    await this.#init.published.write(frame)
  }

  #nowUs(): number {
    return Math.round(this.#clock.now() * 1_000)
  }

  #requireOpen(what: string): void {
    if (this.#closing !== undefined)
      throw new NetGroupError('CLOSED', `Cannot ${what} to stream "${this.name}": it was closed`, {})
  }
}
