import { RateMeter } from '../../shared/rate-meter.ts'
import type { Clock, Timer } from '../clock.ts'

/** How often progress is told at most, in ms. */
const PROGRESS_MS = 100

/** What is being done: others with the file are looked for, what is there is read, it is being fetched, all is there and others can have it. */
export type FileState = 'searching' | 'checking' | 'fetching' | 'complete'

/** How a file is doing. */
export interface FileProgress {
  /** That are here and right, of `totalBytes`; while a file is read to be shared, those that have been read. */
  readonly bytes: number
  /** 0 until it is known. */
  readonly totalBytes: number
  /** Neighbors that have something of it, or want something. */
  readonly peers: number
  readonly state: FileState
  /** The name that it is shared under; undefined until it is known. */
  readonly name: string | undefined
  /** That came from others in this fetch, wrong ones not counted. */
  readonly fetchedBytes: number
  /** That were wrong, and thrown away. */
  readonly rejectedBytes: number
  /** That others got from here. */
  readonly uploadedBytes: number
  /** What comes in, over the last seconds. */
  readonly bytesPerSecond: number
  /** What goes out, over the last seconds. */
  readonly uploadBytesPerSecond: number
}

/** How {@link ProgressMeter} is made. */
export interface ProgressMeterInit {
  readonly clock: Clock
  readonly peers: () => number
  readonly listener: ((progress: FileProgress) => void) | undefined
}

/** Counts what comes and goes, and tells it not too often. */
export class ProgressMeter {
  readonly #init: ProgressMeterInit
  readonly #in = new RateMeter()
  readonly #out = new RateMeter()
  #timer: Timer | undefined
  #toldAtMs = Number.NEGATIVE_INFINITY
  #isClosed = false
  state: FileState = 'searching'
  name: string | undefined
  totalBytes = 0
  bytes = 0
  fetchedBytes = 0
  rejectedBytes = 0
  uploadedBytes = 0

  constructor(init: ProgressMeterInit) {
    this.#init = init
  }

  onFetched(bytes: number): void {
    this.bytes += bytes
    this.fetchedBytes += bytes
    this.#in.add(bytes, this.#init.clock.now())
    this.touch()
  }

  onSent(bytes: number): void {
    this.uploadedBytes += bytes
    this.#out.add(bytes, this.#init.clock.now())
    this.touch()
  }

  /** Something has changed: told now or soon. */
  touch(): void {
    if (this.#isClosed || this.#timer !== undefined || this.#init.listener === undefined) return
    const { clock } = this.#init
    const afterMs = this.#toldAtMs + PROGRESS_MS - clock.now()
    if (afterMs > 0) this.#timer = clock.setTimer(() => this.tell(), afterMs)
    else this.tell()
  }

  /** Tells it now. */
  tell(): void {
    const { clock, listener, peers } = this.#init
    if (this.#isClosed || listener === undefined) return
    this.#timer?.cancel()
    this.#timer = undefined
    const nowMs = clock.now()
    this.#toldAtMs = nowMs
    const { state, name, totalBytes, bytes, fetchedBytes, rejectedBytes, uploadedBytes } = this
    const rates = { bytesPerSecond: this.#in.rate(nowMs), uploadBytesPerSecond: this.#out.rate(nowMs) }
    const counts = { bytes, totalBytes, fetchedBytes, rejectedBytes, uploadedBytes, ...rates }
    try {
      listener({ ...counts, peers: peers(), state, name })
    } catch {
      // What listens harms nothing.
    }
  }

  /** The last of it is told, if it was not yet. */
  close(): void {
    if (this.#timer !== undefined) this.tell()
    this.#isClosed = true
  }
}
