// What NetStream is given, checked.
import { NetGroupError } from '../core/errors.ts'
import type { MulticastParameters } from '../core/multicast/multicast-parameters.ts'
import type { GroupMember } from '../net/group-member.ts'
import type { StreamsRunner } from '../net/multicast/streams-runner.ts'
import { MAX_STREAM_DURATION_MS, MAX_STREAM_FRAME_BYTES, MAX_STREAM_NAME_BYTES } from '../wire/limits.ts'
import { memberOf, NetGroup } from './net-group.ts'
import type { MediaFrame, PlayOptions, StreamOptions } from './net-stream.ts'

const MAX_DURATION_S = MAX_STREAM_DURATION_MS / 1_000
/** They travel in whole ms. */
const MIN_DURATION_S = 0.001

const DURATIONS = [
  'multicastWindowDuration',
  'multicastRelayMarginDuration',
  'multicastFetchPeriod',
  'multicastAvailabilityUpdatePeriod'
] as const

/** The membership and its streams. @throws RangeError, NetGroupError CLOSED, CAPABILITY_DISABLED */
export function openStreams(
  group: NetGroup,
  name: string,
  doing: 'publish' | 'play'
): { readonly member: GroupMember; readonly runner: StreamsRunner } {
  if (!(group instanceof NetGroup))
    throw new TypeError(
      `Cannot ${doing} stream ${JSON.stringify(name)}: give a NetGroup, from NetGroup.join()`
    )
  const member = memberOf(group)
  const cannot = `Cannot ${doing} stream ${JSON.stringify(name)} in group "${member.groupspec.name}"`
  checkStreamName(name, cannot)
  if (!group.connection.groups.includes(group) || member.isClosed)
    throw new NetGroupError('CLOSED', `${cannot}: it was closed`, {})
  const { runner } = member.streams
  if (runner === undefined)
    throw new NetGroupError('CAPABILITY_DISABLED', `${cannot}: multicast is not enabled in its groupspec`, {
      capability: 'multicastEnabled'
    })
  return { member, runner }
}

/** @param cannot what cannot be done, for the error @throws RangeError */
export function checkStreamName(name: unknown, cannot: string): void {
  const bytes = typeof name === 'string' ? new TextEncoder().encode(name).byteLength : 0
  if (bytes < 1 || bytes > MAX_STREAM_NAME_BYTES)
    throw new RangeError(`${cannot}: give a name of 1 to ${MAX_STREAM_NAME_BYTES} bytes`)
}

/** What of the options is multicast's. @throws RangeError, TypeError */
export function parametersOf(options: Partial<MulticastParameters>): Partial<MulticastParameters> {
  const parameters: { -readonly [K in keyof MulticastParameters]?: MulticastParameters[K] } = {}
  for (const name of DURATIONS) {
    const value = options[name]
    if (value === undefined) continue
    if (!(typeof value === 'number' && value >= MIN_DURATION_S && value <= MAX_DURATION_S))
      throw new RangeError(
        `Cannot use ${name} ${String(value)}: give seconds, ${MIN_DURATION_S} to ${MAX_DURATION_S}`
      )
    parameters[name] = value
  }
  const { multicastPushNeighborLimit: limit, multicastAvailabilitySendToAll: toAll } = options
  if (limit !== undefined) {
    if (!Number.isInteger(limit) || limit < 0)
      throw new RangeError(`Cannot use multicastPushNeighborLimit ${limit}: give an integer from 0`)
    parameters.multicastPushNeighborLimit = limit
  }
  if (toAll !== undefined) {
    if (typeof toAll !== 'boolean')
      throw new TypeError(`Cannot use multicastAvailabilitySendToAll ${String(toAll)}: give true or false`)
    parameters.multicastAvailabilitySendToAll = toAll
  }
  return parameters
}

/** @throws RangeError */
export function bufferTimeOf({ bufferTime = 0.1 }: StreamOptions): number {
  if (!(typeof bufferTime === 'number' && bufferTime >= 0 && bufferTime <= MAX_DURATION_S))
    throw new RangeError(`Cannot use bufferTime ${bufferTime}: give seconds, 0 to ${MAX_DURATION_S}`)
  return bufferTime
}

/** @throws TypeError */
export function gapsOf({ gaps = 'fail' }: PlayOptions<object>): 'fail' | 'skip' {
  if (gaps !== 'fail' && gaps !== 'skip')
    throw new TypeError(`Cannot use gaps ${JSON.stringify(gaps)}: give 'fail' or 'skip'`)
  return gaps
}

/** Which kinds of frames are never left out: all, where the options say nothing, as in the original. @throws TypeError */
export function reliabilityOf(options: StreamOptions): Readonly<Record<MediaFrame['kind'], boolean>> {
  const of = (name: 'audioReliable' | 'videoReliable' | 'dataReliable'): boolean => {
    const value = options[name] ?? true
    if (typeof value !== 'boolean')
      throw new TypeError(`Cannot use ${name} ${String(value)}: give true or false`)
    return value
  }
  return { audio: of('audioReliable'), video: of('videoReliable'), data: of('dataReliable') }
}

/** @throws TypeError, RangeError */
export function checkFrame(frame: MediaFrame): void {
  const { kind, timestamp, data } = frame ?? {}
  if (kind !== 'audio' && kind !== 'video' && kind !== 'data')
    throw new TypeError(
      `Cannot send a frame of kind ${JSON.stringify(kind)}: give 'audio', 'video' or 'data'`
    )
  if (!(data instanceof Uint8Array))
    throw new TypeError('Cannot send a frame without data: give a Uint8Array')
  if (typeof timestamp !== 'number' || !Number.isSafeInteger(Math.round(timestamp)) || timestamp < 0)
    throw new RangeError(`Cannot send a frame at ${String(timestamp)}: give µs from 0, as a number`)
}

/** @param where the stream, for the error @throws NetGroupError MESSAGE_TOO_LARGE */
export function checkFrameSize(
  bytes: number,
  where: string,
  maxBytes: number = MAX_STREAM_FRAME_BYTES
): void {
  if (bytes <= maxBytes) return
  throw new NetGroupError(
    'MESSAGE_TOO_LARGE',
    `Cannot send a frame of ${bytes} bytes in ${where}: at most ${maxBytes} are possible`,
    { bytes, maxBytes }
  )
}

/** @param what e.g. `receiveAudio` @throws TypeError */
export function checkFlag(flag: unknown, what: string): void {
  if (typeof flag !== 'boolean')
    throw new TypeError(`Cannot use ${what}(${String(flag)}): give true or false`)
}
