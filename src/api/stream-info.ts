import type { Clock } from '../net/clock.ts'
import type { CarriedStream } from '../net/multicast/carried-stream.ts'
import { RateMeter } from '../shared/rate-meter.ts'
import type { MediaFrame } from './net-stream.ts'

/**
 * The counters of the original's NetStreamInfo by its names: bytes, bytes per second, seconds, frames, ms; loss rates from 0 to 1. Those are of frames here, which are left out whole, and of direct streams alone: in a
 * group nobody knows of what kind a frame was that did not come. At a player several in a row count as one. `SRTT` is 0 in a group, where a stream has no one path.
 */
export type NetStreamInfo = Readonly<Record<string, number>>

/** The original's NetStreamMulticastInfo by its names. What came from servers and IP multicast is always 0: there are none. */
export type NetStreamMulticastInfo = Readonly<Record<string, number>>

type Kind = MediaFrame['kind']
const KINDS: readonly Kind[] = ['audio', 'video', 'data']

/** Counts the frames of one stream. */
export class StreamCounts {
  readonly #clock: Clock
  readonly #bytes: Record<Kind, number> = { audio: 0, video: 0, data: 0 }
  readonly #rates: Record<Kind, RateMeter> = {
    audio: new RateMeter(),
    video: new RateMeter(),
    data: new RateMeter()
  }
  /** Frames that were to go to somebody, or to come, and those of them that were left out. */
  readonly #due: Record<Kind, number> = { audio: 0, video: 0, data: 0 }
  readonly #lost: Record<Kind, number> = { audio: 0, video: 0, data: 0 }
  #droppedFrames = 0
  #maxBytesPerSecond = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param receivers so many are to get it */
  add({ kind, data }: MediaFrame, receivers = 1): void {
    this.#due[kind] += receivers
    this.#bytes[kind] += data.byteLength
    this.#rates[kind].add(data.byteLength, this.#clock.now())
    this.#maxBytesPerSecond = Math.max(this.#maxBytesPerSecond, this.#rate)
  }

  /** One was left out that was counted as it came. @param kind if that is known */
  drop(kind?: Kind): void {
    this.#droppedFrames += 1
    if (kind !== undefined) this.#lost[kind] += 1
  }

  /** One that should have come before this was left out. */
  miss(kind: Kind): void {
    this.#due[kind] += 1
    this.drop(kind)
  }

  /** @param waiting frames that wait to be read, or sent */
  info(waiting: Iterable<MediaFrame>, rttMs: number): NetStreamInfo {
    const frames = [...waiting]
    const perKind = KINDS.flatMap(kind => {
      const ofKind = frames.filter(frame => frame.kind === kind)
      const [first] = ofKind
      let [from, to] = [first?.timestamp ?? 0, first?.timestamp ?? 0]
      for (const { timestamp } of ofKind) [from, to] = [Math.min(from, timestamp), Math.max(to, timestamp)]
      return [
        [`${kind}BytesPerSecond`, this.#rates[kind].rate(this.#clock.now())],
        [`${kind}ByteCount`, this.#bytes[kind]],
        [`${kind}BufferByteLength`, ofKind.reduce((sum, { data }) => sum + data.byteLength, 0)],
        [`${kind}BufferLength`, (to - from) / 1_000_000]
      ] as [string, number][]
    })
    return Object.freeze({
      currentBytesPerSecond: this.#rate,
      byteCount: KINDS.reduce((sum, kind) => sum + this.#bytes[kind], 0),
      maxBytesPerSecond: this.#maxBytesPerSecond,
      playbackBytesPerSecond: this.#rate,
      droppedFrames: this.#droppedFrames,
      SRTT: rttMs,
      audioLossRate: this.#lossRate('audio'),
      videoLossRate: this.#lossRate('video'),
      ...Object.fromEntries(perKind)
    })
  }

  #lossRate(kind: Kind): number {
    return this.#due[kind] === 0 ? 0 : this.#lost[kind] / this.#due[kind]
  }

  get #rate(): number {
    return KINDS.reduce((sum, kind) => sum + this.#rates[kind].rate(this.#clock.now()), 0)
  }
}

/** The counters of a stream that is carried, or of none. */
export function multicastInfoOf(carried: CarriedStream | undefined, nowMs: number): NetStreamMulticastInfo {
  const rates = carried?.rates
  return Object.freeze({
    sendDataBytesPerSecond: rates?.sendData.rate(nowMs) ?? 0,
    sendControlBytesPerSecond: rates?.sendControl.rate(nowMs) ?? 0,
    receiveDataBytesPerSecond: rates?.receiveData.rate(nowMs) ?? 0,
    receiveControlBytesPerSecond: rates?.receiveControl.rate(nowMs) ?? 0,
    bytesPushedToPeers: 0,
    fragmentsPushedToPeers: 0,
    bytesRequestedByPeers: 0,
    fragmentsRequestedByPeers: 0,
    bytesPushedFromPeers: 0,
    fragmentsPushedFromPeers: 0,
    bytesRequestedFromPeers: 0,
    fragmentsRequestedFromPeers: 0,
    ...carried?.counters,
    sendControlBytesPerSecondToServer: 0,
    receiveDataBytesPerSecondFromServer: 0,
    bytesReceivedFromServer: 0,
    fragmentsReceivedFromServer: 0,
    receiveDataBytesPerSecondFromIPMulticast: 0,
    bytesReceivedFromIPMulticast: 0,
    fragmentsReceivedFromIPMulticast: 0
  })
}
