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

/** What has come: by how much numbers have risen, fragments, and their bytes. */
interface Counts {
  risen: number
  fragments: number
  bytes: number
}

/** How much the stream takes, fragments with all around them. The publisher measures it, others are told: what one of them sees is too little to count slots by. */
export class StreamRate {
  readonly #isPublisher: boolean
  readonly #assumedKbps: number
  /** By half second, and in all of them: it is asked for far more often than anything comes. */
  readonly #buckets: Counts[] = Array.from({ length: BUCKETS }, nothing)
  readonly #all: Counts = nothing()
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
    const risen = Math.max(0, number - this.#highest)
    this.#highest += risen
    for (const counts of [this.#all, this.#buckets[this.#bucket % BUCKETS] as Counts]) {
      counts.risen += risen
      counts.fragments += 1
      counts.bytes += bytes + AROUND_FRAGMENT_BYTES
    }
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
    const { risen, fragments, bytes } = this.#all
    if (fragments > 0) this.#meanBytes = bytes / fragments
    // The current bucket is not full yet.
    const overMs = Math.min(Math.max(this.#seenMs(nowMs), 1), WINDOW_MS - BUCKET_MS + (nowMs % BUCKET_MS))
    return Math.max(1, (8 * risen * this.#meanBytes) / overMs)
  }

  #turn(nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS)
    for (let i = Math.max(this.#bucket + 1, bucket - BUCKETS + 1); i <= bucket; i++) {
      const { risen, fragments, bytes } = this.#buckets[i % BUCKETS] as Counts
      this.#all.risen -= risen
      this.#all.fragments -= fragments
      this.#all.bytes -= bytes
      this.#buckets[i % BUCKETS] = nothing()
    }
    this.#bucket = Math.max(this.#bucket, bucket)
  }
}

function nothing(): Counts {
  return { risen: 0, fragments: 0, bytes: 0 }
}
