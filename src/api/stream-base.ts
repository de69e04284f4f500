import type { Logger } from '@libp2p/interface'
import {
  DEFAULT_MULTICAST_PARAMETERS,
  type MulticastParameters
} from '../core/multicast/multicast-parameters.ts'
import { NetStream, type StreamOptions } from './net-stream.ts'
import { bufferTimeOf, parametersOf } from './stream-arguments.ts'

/** What is set on a stream, however it is carried. */
export abstract class StreamBase<H> extends NetStream<H> {
  readonly name: string
  declare multicastWindowDuration: number
  declare multicastRelayMarginDuration: number
  declare multicastFetchPeriod: number
  declare multicastAvailabilityUpdatePeriod: number
  declare multicastAvailabilitySendToAll: boolean
  declare multicastPushNeighborLimit: number
  #bufferTime: number
  #parameters: Partial<MulticastParameters>

  static {
    for (const name of Object.keys(DEFAULT_MULTICAST_PARAMETERS) as (keyof MulticastParameters)[])
      Object.defineProperty(StreamBase.prototype, name, {
        configurable: true,
        get(this: StreamBase<object>) {
          return this.#parameters[name] ?? this.announced[name] ?? DEFAULT_MULTICAST_PARAMETERS[name]
        },
        set(this: StreamBase<object>, value: unknown) {
          const changed = parametersOf({ [name]: value } as Partial<MulticastParameters>)
          this.#parameters = { ...this.#parameters, ...changed }
          this.onParameters(changed)
        }
      })
  }

  /** @throws RangeError, TypeError for options that cannot be */
  protected constructor(log: Logger, name: string, options: StreamOptions) {
    super(log)
    this.name = name
    this.#bufferTime = bufferTimeOf(options)
    this.#parameters = parametersOf(options)
  }

  get bufferTime(): number {
    return this.#bufferTime
  }

  set bufferTime(bufferTime: number) {
    this.#bufferTime = bufferTimeOf({ bufferTime })
  }

  /** What was set here. */
  protected get parameters(): Partial<MulticastParameters> {
    return this.#parameters
  }

  /** What the publisher has announced, at a player. */
  protected get announced(): Partial<MulticastParameters> {
    return {}
  }

  /** These are in force from now on. */
  protected onParameters(_changed: Partial<MulticastParameters>): void {}
}
