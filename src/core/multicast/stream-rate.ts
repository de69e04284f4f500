/** Over how long the rate is measured, in ms. Guess: five keyframes or so. */
const WINDOW_MS = 10_000
const BUCKET_MS = 500
const BUCKETS = WINDOW_MS / BUCKET_MS

/** For how long of the stream what was assumed before counts as much as what is seen, in ms: the first seconds may have one keyframe or two. Guess. */
const ASSUMED_MS = 2_000

/** From when on a viewer's own measure counts, in ms. Guess. */
const VIEWER_ENOUGH_MS = 5_000

/** What a member is told may differ from what it sees itself by so many times, either way. Guess. */
const MAX_DIFFERENCE = 1.5

/** What is assumed of a stream of which nothing is known, in kbit/s. Guess: too much gives too few slots at first, too little would have to be taken back. */
const FIRST_KBPS = 2_000

/** What a fragment is taken to have until one has come, in bytes. Guess. */
const FIRST_BYTES = 4_096

/** What each fragment takes beyond its bytes: its length on the stream, and noise, yamux and TCP around it. Guess, on the safe side. */
export const AROUND_FRAGMENT_BYTES = 16

/** How much the stream takes, fragments with all around them. The publisher measures it, others are told: what one of them sees is too little to count slots by. */
export class StreamRate {
  readonly #isPublisher: boolean
  readonly #assumedKbps: number
  /** By half second: by how much numbers have risen, and what has come. */
  readonly #risen = new Float64Array(BUCKETS)
  readonly #fragments = new Float64Array(BUCKETS)
  readonly #bytes = new Float64Array(BUCKETS)
  #bucket = 0
  #sinceMs: number | undefined
  #highest = 0
  #meanBytes = FIRST_BYTES
  #toldKbps: number | undefined

  /** @param bitsPerSecond what the publisher means to send */
  constructor(isPublisher: boolean, bitsPerSecond?: number) {
    this.#isPublisher = isPublisher
    this.#assumedKbps = bitsPerSecond === undefined ? FIRST_KBPS : bitsPerSecond / 1_000
  }

  /** One fragment more of the stream, as it runs: no backlog. */
  add(number: number, bytes: number, nowMs: number): void {
    if (this.#sinceMs === undefined) {
      this.#sinceMs = nowMs
      this.#highest = number - 1
    }
    this.#turn(nowMs)
    const at = this.#bucket % BUCKETS
    this.#bytes[at] = (this.#bytes[at] as number) + bytes + AROUND_FRAGMENT_BYTES
    this.#fragments[at] = (this.#fragments[at] as number) + 1
    if (number <= this.#highest) return
    this.#risen[at] = (this.#risen[at] as number) + number - this.#highest
    this.#highest = number
  }

  /** What a neighbor says that is nearer to the publisher. */
  onTold(kbps: number): void {
    if (kbps > 0) this.#toldKbps = kbps
  }

  /** Bytes of a fragment in the mean. */
  get meanBytes(): number {
    return this.#meanBytes
  }

  kbps(nowMs: number): number {
    const seenKbps = this.#seenKbps(nowMs)
    if (this.#isPublisher) return this.#blended(seenKbps, nowMs)
    const toldKbps = this.#toldKbps ?? FIRST_KBPS
    if (this.#seenMs(nowMs) < VIEWER_ENOUGH_MS) return toldKbps
    return Math.min(Math.max(toldKbps, seenKbps / MAX_DIFFERENCE), seenKbps * MAX_DIFFERENCE)
  }

  #blended(seenKbps: number, nowMs: number): number {
    const seenMs = this.#seenMs(nowMs)
    if (seenMs >= WINDOW_MS) return seenKbps
    return (seenKbps * seenMs + this.#assumedKbps * ASSUMED_MS) / (seenMs + ASSUMED_MS)
  }

  #seenMs(nowMs: number): number {
    return this.#sinceMs === undefined ? 0 : nowMs - this.#sinceMs
  }

  #seenKbps(nowMs: number): number {
    this.#turn(nowMs)
    const fragments = sum(this.#fragments)
    if (fragments > 0) this.#meanBytes = sum(this.#bytes) / fragments
    // The current bucket is not full yet.
    const overMs = Math.min(Math.max(this.#seenMs(nowMs), 1), WINDOW_MS - BUCKET_MS + (nowMs % BUCKET_MS))
    return Math.max(1, (8 * sum(this.#risen) * this.#meanBytes) / overMs)
  }

  #turn(nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS)
    for (let i = Math.max(this.#bucket + 1, bucket - BUCKETS + 1); i <= bucket; i++)
      for (const buckets of [this.#risen, this.#fragments, this.#bytes]) buckets[i % BUCKETS] = 0
    this.#bucket = Math.max(this.#bucket, bucket)
  }
}

function sum(values: Float64Array): number {
  let all = 0
  for (const value of values) all += value
  return all
}
