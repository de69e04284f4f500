import type { Clock } from '../net/clock.ts'
import type { CarriedStream } from '../net/multicast/carried-stream.ts'
import { RateMeter } from '../shared/rate-meter.ts'
import type { MediaFrame } from './net-stream.ts'

/** The original's NetStreamInfo by its names: bytes, bytes per second, seconds, frames, ms. */
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
  droppedFrames = 0
  #maxBytesPerSecond = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add({ kind, data }: MediaFrame): void {
    this.#bytes[kind] += data.byteLength
    this.#rates[kind].add(data.byteLength, this.#clock.now())
    this.#maxBytesPerSecond = Math.max(this.#maxBytesPerSecond, this.#rate)
  }

  /** @param waiting frames that wait to be read, or sent */
  info(waiting: Iterable<MediaFrame>, rttMs: number): NetStreamInfo {
    const frames = [...waiting]
    const perKind = KINDS.flatMap(kind => {
      const ofKind = frames.filter(frame => frame.kind === kind)
      const [first, last] = [ofKind[0], ofKind.at(-1)]
      const lengthUs = first === undefined || last === undefined ? 0 : last.timestamp - first.timestamp
      return [
        [`${kind}BytesPerSecond`, this.#rates[kind].rate(this.#clock.now())],
        [`${kind}ByteCount`, this.#bytes[kind]],
        [`${kind}BufferByteLength`, ofKind.reduce((sum, { data }) => sum + data.byteLength, 0)],
        [`${kind}BufferLength`, lengthUs / 1_000_000]
      ] as [string, number][]
    })
    return Object.freeze({
      currentBytesPerSecond: this.#rate,
      byteCount: KINDS.reduce((sum, kind) => sum + this.#bytes[kind], 0),
      maxBytesPerSecond: this.#maxBytesPerSecond,
      playbackBytesPerSecond: this.#rate,
      droppedFrames: this.droppedFrames,
      SRTT: rttMs,
      ...Object.fromEntries(perKind)
    })
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
