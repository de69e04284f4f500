/** How finely the oldest is forgotten, in ms. */
const BUCKET_MS = 1_000

/** The least and the greatest of what was added within a while. */
export class SlidingExtremes {
  readonly #windowMs: number
  readonly #buckets = new Map<number, { min: number; max: number }>()

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  add(value: number, nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS)
    const { min, max } = this.#buckets.get(bucket) ?? { min: value, max: value }
    this.#buckets.set(bucket, { min: Math.min(min, value), max: Math.max(max, value) })
    for (const old of this.#buckets.keys()) {
      if (old > bucket - this.#windowMs / BUCKET_MS) return
      this.#buckets.delete(old)
    }
  }

  clear(): void {
    this.#buckets.clear()
  }

  /** Infinity when there is nothing. */
  get min(): number {
    return Math.min(...[...this.#buckets.values()].map(({ min }) => min))
  }

  /** -Infinity when there is nothing. */
  get max(): number {
    return Math.max(...[...this.#buckets.values()].map(({ max }) => max))
  }
}
