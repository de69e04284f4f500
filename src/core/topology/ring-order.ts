import type { Place } from '../../shared/ring.ts'

/** Things in the order of their places on the ring. */
export class RingOrder<T extends { readonly place: Place }> {
  readonly #items: T[] = []

  get size(): number {
    return this.#items.length
  }

  add(item: T): void {
    this.#items.splice(this.#indexFrom(item.place.fraction), 0, item)
  }

  remove(item: T): void {
    const index = this.#items.indexOf(item)
    if (index >= 0) this.#items.splice(index, 1)
  }

  /** In increasing direction from the lowest address. Not to be changed. */
  get items(): readonly T[] {
    return this.#items
  }

  /**
   * The first ones from a place on, nearest first.
   *
   * @param step 1: in increasing direction, −1: in decreasing direction. What is at the very place is the first in increasing direction
   */
  from(place: Place, step: 1 | -1, count: number, accept: (item: T) => boolean = () => true): T[] {
    const found: T[] = []
    const size = this.#items.length
    const start = this.#indexFrom(place.fraction)
    for (let i = 0; i < size && found.length < count; i++) {
      const item = this.#items[(start + (step === 1 ? i : size - 1 - i)) % size] as T
      if (accept(item)) found.push(item)
    }
    return found
  }

  /** One at random of those whose way from this place is in [from, to), as fractions of the ring, in either direction. */
  pick(
    place: Place,
    from: number,
    to: number,
    random: () => number,
    accept: (item: T) => boolean
  ): T | undefined {
    const ahead = this.#between(place.fraction + from, place.fraction + to)
    const behind = this.#between(place.fraction - to, place.fraction - from)
    const total = ahead.count + behind.count
    const first = Math.floor(random() * total)
    for (let i = 0; i < total; i++) {
      const index = (first + i) % total
      const at = index < ahead.count ? ahead.start + index : behind.start + index - ahead.count
      const item = this.#items[at % this.#items.length] as T
      if (accept(item)) return item
    }
    return undefined
  }

  /** Where the arc begins in {@link items}, and how many are on it. */
  #between(from: number, to: number): { start: number; count: number } {
    const start = this.#indexFrom(modulo(from))
    const end = this.#indexFrom(modulo(to))
    const wraps = modulo(from) > modulo(to)
    return { start, count: wraps ? this.#items.length - start + end : end - start }
  }

  /** The index of the first item at or after a fraction. */
  #indexFrom(fraction: number): number {
    let low = 0
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#items[middle] as T).place.fraction < fraction) low = middle + 1
      else high = middle
    }
    return low
  }
}

function modulo(fraction: number): number {
  return fraction - Math.floor(fraction)
}
