/** A set that forgets: what is older than its lifetime, and the oldest when it is full. */
export class ExpiringSet {
  readonly #lifetimeMs: number
  readonly #maxSize: number
  readonly #addedAtMs = new Map<string, number>()

  constructor(lifetimeMs: number, maxSize: number) {
    this.#lifetimeMs = lifetimeMs
    this.#maxSize = maxSize
  }

  /** Is it in there, and not too old? */
  has(key: string, nowMs: number): boolean {
    const addedAtMs = this.#addedAtMs.get(key)
    return addedAtMs !== undefined && nowMs - addedAtMs < this.#lifetimeMs
  }

  /** Puts it in as of now; what has expired goes. */
  add(key: string, nowMs: number): void {
    this.#addedAtMs.delete(key)
    this.#addedAtMs.set(key, nowMs)
    for (const [oldest, addedAtMs] of this.#addedAtMs) {
      if (nowMs - addedAtMs < this.#lifetimeMs && this.#addedAtMs.size <= this.#maxSize) break
      this.#addedAtMs.delete(oldest)
    }
  }

  get size(): number {
    return this.#addedAtMs.size
  }
}
