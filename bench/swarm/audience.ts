import type { Fragment } from '../../src/core/multicast/fragment.ts'
import { HEADER_BYTES, SIGNATURE_BYTES } from '../../src/core/multicast/fragment.ts'
import { percentile } from '../support/median.ts'
import type { StreamSource } from './stream-source.ts'

/** Frames must be there so long after they were published: the buffer of the issue. */
const BUFFER_MS = 3_000

/** From when on after joining frames count. */
const GRACE_MS = 1_500

/** Delays are counted in steps of so many ms. */
const STEP_MS = 5
const STEPS = 4_000

/** What one viewer has seen. */
class Viewer {
  readonly joinedMs: number
  leftMs = Number.POSITIVE_INFINITY
  startedMs: number | undefined
  /** By frame: fragments that have come. */
  readonly parts: Uint8Array
  /** By frame: was it complete in time? */
  readonly inTime: Uint8Array

  constructor(joinedMs: number, frames: number) {
    this.joinedMs = joinedMs
    this.parts = new Uint8Array(frames)
    this.inTime = new Uint8Array(frames)
  }
}

/** Everybody who watches, and how well. */
export class Audience {
  readonly #source: StreamSource
  readonly #frames: number
  readonly #now: () => number
  readonly #viewers = new Map<string, Viewer>()
  readonly #fragmentDelays = new Float64Array(STEPS)
  readonly #frameDelays = new Float64Array(STEPS)
  receivedBytes = 0
  usefulBytes = 0

  /** @param frames as many as will be published at most */
  constructor(source: StreamSource, frames: number, now: () => number) {
    this.#source = source
    this.#frames = frames
    this.#now = now
  }

  join(peer: string): void {
    this.#viewers.set(peer, new Viewer(this.#now(), this.#frames))
  }

  leave(peer: string): void {
    const viewer = this.#viewers.get(peer)
    if (viewer !== undefined) viewer.leftMs = this.#now()
  }

  readonly onReceived = (_peer: string, { bytes }: Fragment): void => {
    this.receivedBytes += bytes.byteLength - HEADER_BYTES - SIGNATURE_BYTES
  }

  readonly onDeliver = (peer: string, fragment: Fragment): void => {
    const viewer = this.#viewers.get(peer)
    const index = this.#source.frameOf[fragment.number]
    if (viewer === undefined || index === undefined) return
    this.usefulBytes += fragment.bytes.byteLength - HEADER_BYTES - SIGNATURE_BYTES
    const frame = this.#source.frames[index]
    if (frame === undefined) return
    const parts = (viewer.parts[index] ?? 0) + 1
    viewer.parts[index] = parts
    if (frame.atMs >= viewer.joinedMs + GRACE_MS) note(this.#fragmentDelays, this.#now() - frame.atMs)
    if (parts === frame.last - frame.first + 1) this.#onFrame(viewer, index, frame)
  }

  #onFrame(viewer: Viewer, index: number, { atMs, isKeyframe }: StreamSource['frames'][number]): void {
    const nowMs = this.#now()
    const delayMs = nowMs - atMs
    if (delayMs <= BUFFER_MS) viewer.inTime[index] = 1
    if (isKeyframe) viewer.startedMs ??= nowMs
    if (atMs < viewer.joinedMs + GRACE_MS) return
    note(this.#frameDelays, delayMs)
  }

  /** The part of frames that were there in time, of all and of each of those that watched any. */
  continuities(): number[] {
    const nowMs = this.#now()
    const all: number[] = []
    for (const viewer of this.#viewers.values()) {
      const [fromMs, toMs] = [viewer.joinedMs + GRACE_MS, Math.min(viewer.leftMs, nowMs) - BUFFER_MS]
      let [count, inTime] = [0, 0]
      for (const [index, { atMs }] of this.#source.frames.entries()) {
        if (atMs < fromMs || atMs > toMs) continue
        count += 1
        inTime += viewer.inTime[index] ?? 0
      }
      this.#counted += count
      this.#inTime += inTime
      if (count > 0) all.push(inTime / count)
    }
    return all
  }

  #counted = 0
  #inTime = 0

  /** Figures by name. */
  figures(): Record<string, number> {
    this.#counted = 0
    this.#inTime = 0
    const each = this.continuities()
    const beginMs = this.#source.frames[0]?.atMs ?? Number.NaN
    const late = [...this.#viewers.values()].filter(
      ({ joinedMs, leftMs }) => joinedMs > beginMs && Math.min(leftMs, this.#now()) - joinedMs > BUFFER_MS
    )
    const startups = late.map(({ joinedMs, startedMs }) => ((startedMs ?? Number.NaN) - joinedMs) / 1_000)
    return {
      continuity: (100 * this.#inTime) / this.#counted,
      worstViewer: 100 * Math.min(...each),
      viewersBelow99: each.filter(part => part < 0.99).length,
      payload: this.receivedBytes / this.usefulBytes,
      delayP50: delayOf(this.#fragmentDelays, 0.5),
      delayP95: delayOf(this.#fragmentDelays, 0.95),
      frameDelayP50: delayOf(this.#frameDelays, 0.5),
      frameDelayP95: delayOf(this.#frameDelays, 0.95),
      frameDelayP99: delayOf(this.#frameDelays, 0.99),
      ...(late.length > 0 && {
        late: late.length,
        startupP50: percentile(startups, 0.5),
        startupP95: percentile(startups, 0.95)
      })
    }
  }
}

function note(delays: Float64Array, delayMs: number): void {
  const step = Math.min(STEPS - 1, Math.round(delayMs / STEP_MS))
  delays[step] = (delays[step] as number) + 1
}

/** In seconds. */
function delayOf(delays: Float64Array, share: number): number {
  let all = 0
  for (const count of delays) all += count
  let below = 0
  for (const [step, count] of delays.entries()) {
    below += count
    if (below >= share * all) return (step * STEP_MS) / 1_000
  }
  return Number.NaN
}
