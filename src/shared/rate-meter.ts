/** Rates are means over this many ms. The original averages "over a few seconds" as well. */
const WINDOW_MS = 4_000
const BUCKET_MS = 500

/** How many bytes per second went by, over the last few seconds. */
export class RateMeter {
  readonly #buckets = new Map<number, number>()

  add(bytes: number, nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS)
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + bytes)
    this.#forget(bucket)
  }

  /** Bytes per second. */
  rate(nowMs: number): number {
    this.#forget(Math.floor(nowMs / BUCKET_MS))
    let bytes = 0
    for (const inBucket of this.#buckets.values()) bytes += inBucket
    return (bytes * 1_000) / WINDOW_MS
  }

  #forget(bucket: number): void {
    for (const old of this.#buckets.keys()) {
      if (old > bucket - WINDOW_MS / BUCKET_MS) return
      this.#buckets.delete(old)
    }
  }
}
