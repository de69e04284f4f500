import type { Logger } from '@libp2p/interface'
import { MAX_BUFFERED_STATUSES } from '../wire/limits.ts'
import { STATUS_TABLE, type StatusInfo } from './status.ts'

/** The original's event. `info` is the original's name for what happened, `detail` the DOM's; they are the same object. */
export class NetStatusEvent<Info = unknown> extends CustomEvent<Info> {
  /** The type under which every status is dispatched once more. */
  static readonly NET_STATUS: 'netStatus' = 'netStatus'

  get info(): Info {
    return this.detail
  }
}

/** The events of a status map: one per code, and `netStatus` for all. */
export type Events<T> = { [C in keyof T]: NetStatusEvent<StatusInfo<T, C>> } & {
  netStatus: NetStatusEvent<StatusInfo<T>>
}

/** A listener for one event of a status map. */
export type StatusListener<T, C extends keyof Events<T>> =
  | ((event: Events<T>[C]) => void)
  | { handleEvent(event: Events<T>[C]): void }

/** What can be given to stop something. */
export interface AbortOptions {
  /** Stops it; the promise rejects with the signal's reason. */
  signal?: AbortSignal
}

/** What `statuses()` is to give. */
export interface StatusesOptions<C> extends AbortOptions {
  /** Only this code, or these. @default all */
  code?: C | readonly C[]
  /** How many wait for a slow reader before it throws. @default {@link MAX_BUFFERED_STATUSES} */
  maxBuffered?: number
}

/**
 * An EventTarget whose event types are status codes. A listener that throws, or whose promise rejects, harms nothing: the error is reported and
 * the others go on.
 */
export interface StatusTarget<T> extends EventTarget {
  addEventListener<C extends keyof Events<T> & string>(
    code: C,
    listener: StatusListener<T, C> | null,
    options?: boolean | AddEventListenerOptions
  ): void
  removeEventListener<C extends keyof Events<T> & string>(
    code: C,
    listener: StatusListener<T, C> | null,
    options?: boolean | EventListenerOptions
  ): void
  /** Statuses from the call on, not from the first `next()`; ends with `close()`; throws `signal.reason` on abort; `break` unsubscribes. */
  statuses<C extends keyof T = keyof T>(options?: StatusesOptions<C>): AsyncIterable<StatusInfo<T, C>>
  /** `useSyncExternalStore`'s first argument: calls back after any change of a property; answers how to stop it. Bound. */
  readonly subscribe: (onChange: () => void) => () => void
  [Symbol.asyncDispose](): Promise<void>
}

type AnyListener = ((event: Event) => void) | { handleEvent(event: Event): void }

/** A status as it is passed around in here. Not typed by the map, so that a `NetGroup<Chat>` is a `NetGroup<unknown>` too. */
interface AnyInfo {
  readonly code: string
}

/** What the classes of the API inherit. Subclasses call `dispatchStatus`, `changed` and `endStatuses`. */
export abstract class StatusSource<T> extends EventTarget implements StatusTarget<T> {
  readonly #log: Logger
  readonly #readers = new Set<StatusReader>()
  readonly #observers = new Set<() => void>()
  readonly #wrapped = new WeakMap<object, (event: Event) => void>()
  readonly #onStatus: ((info: AnyInfo) => void) | undefined
  /** Types that were ever listened to: for others no event is made. */
  readonly #heard = new Set<string>()
  #held: AnyInfo[] | undefined = []
  #ended = false

  /** @param onStatus hears everything from the first moment, before any event */
  protected constructor(log: Logger, onStatus: ((info: StatusInfo<T>) => void) | undefined) {
    super()
    this.#log = log
    this.#onStatus = onStatus as ((info: AnyInfo) => void) | undefined
    // In a later task than the one in which the object is handed out, so that a listener added right after `await` misses nothing.
    setTimeout(() => this.#release(), 0)
  }

  override addEventListener<C extends keyof Events<T> & string>(
    code: C,
    listener: StatusListener<T, C> | null,
    options?: boolean | AddEventListenerOptions
  ): void {
    this.#heard.add(code)
    super.addEventListener(code, this.#wrap(listener as AnyListener | null), options)
  }

  override removeEventListener<C extends keyof Events<T> & string>(
    code: C,
    listener: StatusListener<T, C> | null,
    options?: boolean | EventListenerOptions
  ): void {
    super.removeEventListener(code, this.#wrap(listener as AnyListener | null), options)
  }

  statuses<C extends keyof T = keyof T>(options: StatusesOptions<C> = {}): AsyncIterable<StatusInfo<T, C>> {
    const reader = new StatusReader(options, done => this.#readers.delete(done))
    if (this.#ended) reader.end()
    else if (!reader.isDone) this.#readers.add(reader)
    return reader as unknown as AsyncIterable<StatusInfo<T, C>>
  }

  readonly subscribe = (onChange: () => void): (() => void) => {
    // Its own function each time, so that one callback may subscribe twice.
    const observer = (): void => onChange()
    this.#observers.add(observer)
    return () => this.#observers.delete(observer)
  }

  abstract [Symbol.asyncDispose](): Promise<void>

  /** Tells a status: first observers of properties, since the state has changed before, then listeners. */
  protected dispatchStatus<C extends keyof T & keyof typeof STATUS_TABLE>(
    code: C,
    fields: Omit<T[C], 'level'>
  ): void {
    if (this.#ended) return
    const { level } = STATUS_TABLE[code]
    const info: AnyInfo = Object.freeze({ code, level, ...fields })
    this.#guard(() => this.#onStatus?.(info))
    if (this.#held !== undefined) this.#held.push(info)
    else this.#deliver(info)
  }

  /** A property has changed. */
  protected changed(): void {
    for (const observer of [...this.#observers]) this.#guard(observer)
  }

  /** Nothing follows. What was held back is delivered before. */
  protected endStatuses(): void {
    this.#release()
    this.#ended = true
    for (const reader of [...this.#readers]) reader.end()
    this.#observers.clear()
  }

  #release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const info of held) this.#deliver(info)
  }

  #deliver(info: AnyInfo): void {
    if (this.#readers.size > 0) for (const reader of [...this.#readers]) reader.push(info)
    this.#dispatch(info.code, info)
    this.#dispatch(NetStatusEvent.NET_STATUS, info)
  }

  #dispatch(type: string, info: AnyInfo): void {
    if (this.#heard.has(type)) this.dispatchEvent(new NetStatusEvent(type, { detail: info }))
  }

  #wrap(listener: AnyListener | null): ((event: Event) => void) | null {
    if (listener === null || listener === undefined) return null
    const known = this.#wrapped.get(listener)
    if (known !== undefined) return known
    const wrapped = (event: Event): void =>
      this.#guard(() =>
        typeof listener === 'function' ? listener.call(this, event) : listener.handleEvent(event)
      )
    this.#wrapped.set(listener, wrapped)
    return wrapped
  }

  /** Runs code of the application. */
  #guard(run: () => unknown): void {
    const report = (error: unknown): void => {
      this.#log.error('a listener threw - %e', error)
      // Where there is one, the platform's own way to show what nobody caught, without ending anything.
      if (typeof reportError === 'function') reportError(error)
    }
    try {
      const result = run()
      if (result instanceof Promise) result.catch(report)
    } catch (error) {
      report(error)
    }
  }
}

/** One `statuses()` call. */
class StatusReader implements AsyncIterableIterator<AnyInfo> {
  readonly #codes: ReadonlySet<unknown> | undefined
  readonly #maxBuffered: number
  readonly #onDone: (reader: StatusReader) => void
  readonly #signal: AbortSignal | undefined
  readonly #buffer: AnyInfo[] = []
  readonly #waiting: PromiseWithResolvers<IteratorResult<AnyInfo>>[] = []
  #failure: { error: unknown } | undefined
  #done = false

  constructor(
    { code, maxBuffered, signal }: StatusesOptions<unknown>,
    onDone: (reader: StatusReader) => void
  ) {
    this.#codes = code === undefined ? undefined : new Set(Array.isArray(code) ? code : [code])
    this.#maxBuffered = maxBuffered ?? MAX_BUFFERED_STATUSES
    this.#onDone = onDone
    this.#signal = signal
    if (signal?.aborted === true) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Will nothing more be put in? */
  get isDone(): boolean {
    return this.#done
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  push(info: AnyInfo): void {
    if (this.#done || (this.#codes !== undefined && !this.#codes.has(info.code))) return
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) waiting.resolve({ value: info, done: false })
    else if (this.#buffer.length < this.#maxBuffered) this.#buffer.push(info)
    else
      this.#fail(
        new RangeError(
          `More than ${this.#maxBuffered} statuses wait to be read: read faster, or ask for fewer codes`
        )
      )
  }

  /** No more will come; what waits can still be read. */
  end(): void {
    this.#done = true
    this.#onDone(this)
    this.#signal?.removeEventListener('abort', this.#onAbort)
    for (const waiting of this.#waiting.splice(0)) waiting.resolve({ value: undefined, done: true })
  }

  next(): Promise<IteratorResult<AnyInfo>> {
    const info = this.#buffer.shift()
    if (info !== undefined) return Promise.resolve({ value: info, done: false })
    if (this.#failure !== undefined) {
      const { error } = this.#failure
      this.#failure = undefined
      return Promise.reject(error)
    }
    if (this.#done) return Promise.resolve({ value: undefined, done: true })
    const waiting = Promise.withResolvers<IteratorResult<AnyInfo>>()
    this.#waiting.push(waiting)
    return waiting.promise
  }

  return(): Promise<IteratorResult<AnyInfo>> {
    this.#buffer.length = 0
    this.end()
    return Promise.resolve({ value: undefined, done: true })
  }

  readonly #onAbort = (): void => {
    this.#buffer.length = 0
    this.#fail(this.#signal?.reason)
  }

  #fail(error: unknown): void {
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) waiting.reject(error)
    else this.#failure = { error }
    this.end()
  }
}
