/** The largest index of an object: 2^53 − 1, the largest integer that a number holds with all below it. */
export const MAX_INDEX: number = Number.MAX_SAFE_INTEGER

/** From this many ranges on two sets are merged at once instead of one range after the other. Guess. */
const MERGED_RANGES = 8

/** Do these two make a range: whole numbers from 0 to {@link MAX_INDEX}, the first not above the second? */
export function isRange(start: number, end: number): boolean {
  return Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end
}

/**
 * A set of indices from 0 to {@link MAX_INDEX}, as ranges (both ends in it): sorted, disjoint and not touching. A range costs the same whatever its length.
 * It has no bound of its own: whoever lets a neighbor fill one asks {@link ranges}. Arguments are not checked: {@link isRange}.
 */
export class RangeSet implements Iterable<readonly [start: number, end: number]> {
  /** Start, end, start, end … */
  #bounds: number[] = []
  #count = 0

  /** A set of these ranges. */
  static of(...ranges: readonly (readonly [start: number, end: number])[]): RangeSet {
    const set = new RangeSet()
    for (const [start, end] of ranges) set.add(start, end)
    return set
  }

  /** How many indices there are in it. */
  get count(): number {
    return this.#count
  }

  /** How many ranges it takes: what it costs. */
  get ranges(): number {
    return this.#bounds.length / 2
  }

  get isEmpty(): boolean {
    return this.#bounds.length === 0
  }

  has(index: number): boolean {
    const at = this.#endingBefore(index)
    return at < this.ranges && this.#start(at) <= index
  }

  /** Adds all indices from start to end. */
  add(start: number, end: number): void {
    const bounds = this.#bounds
    const first = this.#endingBefore(start - 1)
    const last = this.#startingUpTo(end + 1, first)
    if (first === last) {
      bounds.splice(2 * first, 0, start, end)
      this.#count += end - start + 1
      return
    }
    const from = Math.min(start, this.#start(first))
    const to = Math.max(end, this.#end(last - 1))
    this.#count += to - from + 1 - this.#countOf(first, last)
    bounds[2 * first] = from
    bounds[2 * first + 1] = to
    if (last - first > 1) bounds.splice(2 * first + 2, 2 * (last - first - 1))
  }

  /** Takes out all indices from start to end. */
  remove(start: number, end: number): void {
    const bounds = this.#bounds
    const first = this.#endingBefore(start)
    const last = this.#startingUpTo(end, first)
    if (first === last) return
    const [from, to] = [this.#start(first), this.#end(last - 1)]
    const left = Math.max(0, start - from)
    const right = Math.max(0, to - end)
    this.#count -= this.#countOf(first, last) - left - right
    if (left > 0 && right > 0) bounds.splice(2 * first, 2 * (last - first), from, start - 1, end + 1, to)
    else if (left > 0) bounds.splice(2 * first, 2 * (last - first), from, start - 1)
    else if (right > 0) bounds.splice(2 * first, 2 * (last - first), end + 1, to)
    else bounds.splice(2 * first, 2 * (last - first))
  }

  /** Adds what is in the other one. */
  addAll(other: RangeSet): void {
    const { ranges } = other
    if (ranges < MERGED_RANGES) for (let i = 0; i < ranges; i++) this.add(other.#start(i), other.#end(i))
    else this.#take(united(this.#bounds, other.#bounds))
  }

  /** Takes out what is in the other one. */
  removeAll(other: RangeSet): void {
    const { ranges } = other
    if (ranges < MERGED_RANGES) for (let i = 0; i < ranges; i++) this.remove(other.#start(i), other.#end(i))
    else this.#take(this.minus(other).#bounds)
  }

  /** What is in both: a new set. Cheapest from the one with fewer ranges. */
  intersect(other: RangeSet): RangeSet {
    const common = new RangeSet()
    for (let i = 0; i < this.ranges; i++) {
      const [start, end] = [this.#start(i), this.#end(i)]
      let at = other.#endingBefore(start)
      for (; at < other.ranges && other.#start(at) <= end; at++)
        common.#append(Math.max(start, other.#start(at)), Math.min(end, other.#end(at)))
    }
    return common
  }

  /** Is all of this in the other one? */
  isWithin(other: RangeSet): boolean {
    for (let i = 0; i < this.ranges; i++) {
      const at = other.#endingBefore(this.#start(i))
      if (at >= other.ranges || other.#start(at) > this.#start(i) || other.#end(at) < this.#end(i))
        return false
    }
    return true
  }

  /** What is in this one and not in the other: a new set. */
  minus(other: RangeSet): RangeSet {
    const rest = new RangeSet()
    let at = other.#endingBefore(this.#bounds[0] ?? 0)
    for (const [start, end] of this) {
      while (at < other.ranges && other.#end(at) < start) at += 1
      let from = start
      for (let i = at; i < other.ranges && other.#start(i) <= end; i++) {
        if (other.#start(i) > from) rest.#append(from, other.#start(i) - 1)
        from = other.#end(i) + 1
      }
      if (from <= end) rest.#append(from, end)
    }
    return rest
  }

  copy(): RangeSet {
    const set = new RangeSet()
    set.#bounds = this.#bounds.slice()
    set.#count = this.#count
    return set
  }

  clear(): void {
    this.#take([])
  }

  /** How many ranges it would take with this one added. */
  rangesWith(start: number, end: number): number {
    const first = this.#endingBefore(start - 1)
    return this.ranges - (this.#startingUpTo(end + 1, first) - first) + 1
  }

  /** Leaves this many ranges at most: the longest. @returns what it has taken out */
  keepLongest(maxRanges: number): RangeSet {
    if (this.ranges <= maxRanges) return new RangeSet()
    const all = [...this]
    const kept = [...all].sort(([a, b], [c, d]) => d - c - (b - a)).slice(0, maxRanges)
    const before = this.copy()
    this.#take(kept.sort(([a], [b]) => a - b).flat())
    return before.minus(this)
  }

  /** The indices at these positions, counted from 0 in the order of the indices. @param ranks rising, below {@link count} */
  pick(ranks: readonly number[]): number[] {
    const picked: number[] = []
    let at = 0
    let before = 0
    for (const rank of ranks) {
      while (at < this.ranges && before + this.#countOf(at, at + 1) <= rank) {
        before += this.#countOf(at, at + 1)
        at += 1
      }
      picked.push(this.#start(at) + rank - before)
    }
    return picked
  }

  /** All indices, rising. There may be very many. */
  *indices(): Generator<number, void> {
    for (const [start, end] of this) for (let index = start; index <= end; index++) yield index
  }

  /** All ranges, rising. The set must not be changed meanwhile. */
  *[Symbol.iterator](): Generator<readonly [start: number, end: number], void> {
    for (let i = 0; i < this.ranges; i++) yield [this.#start(i), this.#end(i)]
  }

  #start(range: number): number {
    return this.#bounds[2 * range] as number
  }

  #end(range: number): number {
    return this.#bounds[2 * range + 1] as number
  }

  /** How many ranges end before this index: the number of the first that does not. */
  #endingBefore(index: number): number {
    const bounds = this.#bounds
    let low = 0
    let high = bounds.length >> 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((bounds[2 * middle + 1] as number) < index) low = middle + 1
      else high = middle
    }
    return low
  }

  /** How many ranges begin at this index or before, when that is known of so many. */
  #startingUpTo(index: number, known: number): number {
    const bounds = this.#bounds
    let at = known
    while (2 * at < bounds.length && (bounds[2 * at] as number) <= index) at += 1
    return at
  }

  /** Indices in the ranges with these numbers, the last one excluded. */
  #countOf(first: number, last: number): number {
    let count = 0
    for (let i = first; i < last; i++) count += this.#end(i) - this.#start(i) + 1
    return count
  }

  /** A range behind all others. */
  #append(start: number, end: number): void {
    this.#bounds.push(start, end)
    this.#count += end - start + 1
  }

  #take(bounds: number[]): void {
    this.#bounds = bounds
    this.#count = this.#countOf(0, this.ranges)
  }
}

/** Both, as bounds. */
function united(a: readonly number[], b: readonly number[]): number[] {
  const all: number[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const isFromA = j >= b.length || (i < a.length && (a[i] as number) <= (b[j] as number))
    const [bounds, at] = isFromA ? [a, i] : [b, j]
    const [start, end] = [bounds[at] as number, bounds[at + 1] as number]
    if (isFromA) i += 2
    else j += 2
    const last = all.length - 1
    if (last >= 0 && start <= (all[last] as number) + 1) all[last] = Math.max(all[last] as number, end)
    else all.push(start, end)
  }
  return all
}
