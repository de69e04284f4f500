import { NetGroupError } from '../core/errors.ts'
import type { Clock } from '../net/clock.ts'
import type { DirectFrame } from '../net/direct/direct-frame.ts'
import { DirectPublication } from '../net/direct/direct-publication.ts'
import { DirectStreams } from '../net/direct/direct-streams.ts'
import type { GroupHost } from '../net/group-host.ts'
import { encodeValue } from '../net/value.ts'
import { closeBefore, coreOf, type NetConnection } from './net-connection.ts'
import type { MediaFrame, NetStreamPublisher, PublishDirectOptions } from './net-stream.ts'
import { checkCommand } from './remote-command.ts'
import type { AbortOptions } from './status-target.ts'
import { checkFrame, checkFrameSize, checkStreamName, reliabilityOf } from './stream-arguments.ts'
import { StreamBase } from './stream-base.ts'
import {
  multicastInfoOf,
  type NetStreamInfo,
  type NetStreamMulticastInfo,
  StreamCounts
} from './stream-info.ts'
import { withSignal } from './with-signal.ts'

/** How long those who play have for the rest when the stream is closed, in ms; and when the connection is. Guess. */
const FAREWELL_MS = 10_000
const HURRIED_FAREWELL_MS = 2_000

/** What {@link NetStream.publishDirect} does. */
export async function publishDirect(
  connection: NetConnection,
  name: string,
  options: PublishDirectOptions
): Promise<DirectPublisher<object>> {
  options.signal?.throwIfAborted()
  const doing = `publish direct stream ${JSON.stringify(name)}`
  const { host } = coreOf(connection, doing)
  checkStreamName(name, `Cannot ${doing}`)
  const { onPeerConnect } = options
  if (onPeerConnect !== undefined && typeof onPeerConnect !== 'function')
    throw new TypeError(`Cannot ${doing} with onPeerConnect ${String(onPeerConnect)}: give a function`)
  const publisher = new DirectPublisher<object>(connection, host, name, options)
  try {
    await publisher.open()
  } catch (error) {
    await publisher.close()
    if (!(error instanceof RangeError)) throw error
    throw new RangeError(`Cannot ${doing}: ${error.message}`)
  }
  return publisher
}

/** A stream that is published to those who ask for it, each of whom gets it from here. */
export class DirectPublisher<H> extends StreamBase<H> implements NetStreamPublisher<H> {
  readonly #host: GroupHost
  readonly #clock: Clock
  readonly #publication: DirectPublication
  readonly #counts: StreamCounts
  readonly #reliable: ReturnType<typeof reliabilityOf>
  readonly #forget: () => void
  #peerStreams: readonly { readonly farID: string }[] | undefined
  #writable: WritableStream<Uint8Array> | undefined
  #closing: Promise<void> | undefined

  constructor(connection: NetConnection, host: GroupHost, name: string, options: PublishDirectOptions) {
    super(host.log, name, options)
    this.#host = host
    this.#clock = host.clock
    this.#counts = new StreamCounts(host.clock)
    this.#reliable = reliabilityOf(options)
    const { onPeerConnect } = options
    this.#publication = new DirectPublication({
      name,
      reliable: this.#reliable,
      accepts: farID => onPeerConnect?.(Object.freeze({ farID })) ?? true,
      onDropped: ({ kind }) => this.#counts.drop(kind),
      onJoined: farID => this.#onSubscriber('NetStream.Connect.Success', farID),
      onLeft: farID => this.#onSubscriber('NetStream.Connect.Closed', farID)
    })
    this.#forget = closeBefore(connection, () => this.#closeWithin(HURRIED_FAREWELL_MS))
  }

  /** Lets others in from now on. @internal */
  async open(): Promise<void> {
    await DirectStreams.of(this.#host).publish(this.#publication)
  }

  get info(): NetStreamInfo {
    const { subscribers } = this.#publication
    const [slowest] = [...subscribers].sort((a, b) => b.waitingBytes - a.waitingBytes)
    return this.#counts.info(slowest?.waiting ?? [], slowest?.rttMs ?? 0)
  }

  get multicastInfo(): NetStreamMulticastInfo {
    return multicastInfoOf(undefined, this.#clock.now())
  }

  get peerStreams(): readonly { readonly farID: string }[] {
    this.#peerStreams ??= Object.freeze(
      this.#publication.subscribers.map(({ peer }) => Object.freeze({ farID: peer }))
    )
    return this.#peerStreams
  }

  async write(frame: MediaFrame): Promise<void> {
    checkFrame(frame)
    this.#requireOpen('write')
    const { kind, keyframe = false } = frame
    // What is written may be used again when this resolves, and that may be before it is sent.
    // A Buffer's slice() would be the same bytes.
    const data = new Uint8Array(frame.data)
    this.#push({ kind, data, keyframe, timestamp: Math.round(frame.timestamp), isCall: false })
    if (this.#reliable[kind]) await this.#publication.untilRoom()
  }

  send<K extends keyof H & string>(handlerName: K, ...args: unknown[]): boolean {
    checkCommand(handlerName)
    this.#requireOpen('send')
    const data = encodeValue([handlerName, ...args])
    const call = { isCall: true, handler: handlerName } as const
    this.#push({ kind: 'data', data, keyframe: false, timestamp: this.#nowUs(), ...call })
    return !this.#publication.isBehind
  }

  get writable(): WritableStream<Uint8Array> {
    this.#writable ??= new WritableStream<Uint8Array>({
      write: async chunk => await this.write({ kind: 'data', data: chunk, timestamp: this.#nowUs() }),
      close: () => this.close(),
      abort: async () => await this.#abort()
    })
    return this.#writable
  }

  close({ signal }: AbortOptions = {}): Promise<void> {
    return withSignal(this.#closeWithin(FAREWELL_MS), signal)
  }

  /** The connection may be closed while this is: then there is less time. */
  async #closeWithin(ms: number): Promise<void> {
    this.#closing ??= this.#close(ms)
    if (ms === HURRIED_FAREWELL_MS) await this.#publication.close(ms)
    await this.#closing
  }

  /** What was written is not all there was to be: those who play it must not take it for the whole, so it is cut and not ended. */
  async #abort(): Promise<void> {
    this.#publication.cut('Its publisher gave it up')
    await this.#closeWithin(FAREWELL_MS)
  }

  async #close(ms: number): Promise<void> {
    DirectStreams.of(this.#host).remove(this.#publication)
    await this.#publication.close(ms)
    this.#forget()
    this.endStatuses()
  }

  #push(frame: DirectFrame): void {
    checkFrameSize(frame.data.byteLength, `direct stream "${this.name}"`)
    const receivers = this.#publication.push(frame)
    this.#counts.add(frame, receivers)
  }

  #onSubscriber(code: 'NetStream.Connect.Success' | 'NetStream.Connect.Closed', farID: string): void {
    this.#peerStreams = undefined
    this.changed()
    this.dispatchStatus(code, { farID })
  }

  #nowUs(): number {
    return Math.round(this.#clock.now() * 1_000)
  }

  #requireOpen(what: string): void {
    if (this.#closing !== undefined)
      throw new NetGroupError('CLOSED', `Cannot ${what} to direct stream "${this.name}": it was closed`, {})
  }
}
