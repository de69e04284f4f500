import { NetGroupError } from '../core/errors.ts'
import { wrapData } from '../core/multicast/data-frame.ts'
import type { MulticastParameters } from '../core/multicast/multicast-parameters.ts'
import type { Clock } from '../net/clock.ts'
import type { GroupMember } from '../net/group-member.ts'
import { PublishedStream } from '../net/multicast/published-stream.ts'
import { encodeValue } from '../net/value.ts'
import { MAX_STREAM_FRAME_BYTES, MAX_STREAMS, MAX_STREAMS_PER_PUBLISHER } from '../wire/limits.ts'
import type { NetGroup } from './net-group.ts'
import { groupspecOfGroup } from './net-group.ts'
import type { MediaFrame, NetStreamPublisher, StreamOptions } from './net-stream.ts'
import { checkCommand } from './remote-command.ts'
import type { AbortOptions } from './status-target.ts'
import { bufferTimeOf, checkFrame, checkFrameSize, openStreams, parametersOf } from './stream-arguments.ts'
import { StreamBase } from './stream-base.ts'
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
  // Before it is announced: nobody could end it.
  bufferTimeOf(options)
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
  const groupspec = groupspecOfGroup(group)
  const published = await PublishedStream.start({
    runner,
    name,
    parameters: parametersOf(options),
    grant: () => member.rightIn(groupspec, 'publish'),
    groupNow: () => member.now(),
    check
  })
  return new GroupPublisher({ group, member, name, published, options })
}

interface GroupPublisherInit {
  readonly group: NetGroup
  readonly member: GroupMember
  readonly name: string
  readonly published: PublishedStream
  readonly options: StreamOptions
}

/** A stream that is published in a group. */
export class GroupPublisher<H> extends StreamBase<H> implements NetStreamPublisher<H> {
  readonly peerStreams: readonly { readonly farID: string }[] = Object.freeze([])
  readonly #init: GroupPublisherInit
  readonly #counts: StreamCounts
  readonly #clock: Clock
  #writable: WritableStream<Uint8Array> | undefined
  #closing: Promise<void> | undefined

  constructor(init: GroupPublisherInit) {
    super(init.member.log, init.name, init.options)
    this.#init = init
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
    const { kind, keyframe = false } = frame
    this.#checkSize(frame.data, kind)
    this.#counts.add(frame)
    // Signing takes a while, and the application may write the next frame to the same place. A slice of a Buffer would be a view.
    const data = kind === 'data' ? wrapData(frame.data, false) : new Uint8Array(frame.data)
    await this.#init.published.write({ kind, data, keyframe, timestamp: Math.round(frame.timestamp) })
  }

  send<K extends keyof H & string>(handlerName: K, ...args: unknown[]): boolean {
    checkCommand(handlerName)
    this.#requireOpen('send')
    const call = { kind: 'data', keyframe: false, timestamp: this.#nowUs() } as const
    const data = encodeValue([handlerName, ...args])
    this.#checkSize(data, 'data')
    this.#counts.add({ ...call, data })
    this.#init.published.write({ ...call, data: wrapData(data, true) }).catch(() => {})
    return this.#init.published.hasRoom
  }

  get writable(): WritableStream<Uint8Array> {
    this.#writable ??= new WritableStream<Uint8Array>({
      write: async chunk => await this.write({ kind: 'data', data: chunk, timestamp: this.#nowUs() }),
      close: () => this.close(),
      abort: () => this.#abort()
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

  /** Its source has failed: it is over, and who plays it is to see that it is not whole. */
  async #abort(): Promise<void> {
    if (this.#closing !== undefined) return
    this.#init.group.removeEventListener('NetGroup.Connect.Closed', this.#onGroupClosed)
    this.#closing = this.#init.published.abort()
    await this.#closing
    this.endStatuses()
  }

  readonly #onGroupClosed = (): void => {
    this.#closing ??= Promise.resolve()
    const { member, published } = this.#init
    const { runner } = member.streams
    // Another NetGroup may hold the membership: then nobody has said its last words.
    const end = runner?.lastWords.get(published)
    if (end !== undefined) runner?.directory.say(end)
    published.drop()
    this.endStatuses()
  }

  protected override onParameters(changed: Partial<MulticastParameters>): void {
    this.#init.published.set(changed)
  }

  /** A frame of data travels with a byte before it. */
  #checkSize({ byteLength }: Uint8Array, kind: MediaFrame['kind']): void {
    checkFrameSize(byteLength, `stream "${this.name}"`, MAX_STREAM_FRAME_BYTES - (kind === 'data' ? 1 : 0))
  }

  #nowUs(): number {
    return Math.round(this.#clock.now() * 1_000)
  }

  #requireOpen(what: string): void {
    if (this.#closing !== undefined)
      throw new NetGroupError('CLOSED', `Cannot ${what} to stream "${this.name}": it was closed`, {})
  }
}
