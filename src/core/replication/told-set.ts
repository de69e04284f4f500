import { MAX_RANGES } from '../../wire/limits.ts'
import { RangeSet } from './range-set.ts'
import type { SetChange } from './replication-engine.ts'

/** Room that there must be before what did not fit is looked for again: the look costs as much as the set has ranges. Guess. */
const ROOM = 256

/**
 * A set of the own member and what neighbors are told of it: {@link MAX_RANGES} ranges at most. What would be one more is told once others have grown together;
 * of a range that falls in two beyond the bound the shortest of all is taken back.
 */
export class ToldSet {
  readonly all: RangeSet = new RangeSet()
  readonly told: RangeSet = new RangeSet()
  #added = new RangeSet()
  #removed = new RangeSet()
  /** Some of it is not told. */
  #isPartial = false

  add(start: number, end: number): void {
    this.all.add(start, end)
    if (this.told.rangesWith(start, end) > MAX_RANGES) this.#isPartial = true
    else this.#tell(start, end)
  }

  remove(start: number, end: number): void {
    this.all.remove(start, end)
    this.told.remove(start, end)
    this.#added.remove(start, end)
    this.#removed.add(start, end)
    if (this.told.ranges <= MAX_RANGES) return
    this.#isPartial = true
    for (const [from, to] of this.told.keepLongest(MAX_RANGES)) {
      this.#added.remove(from, to)
      this.#removed.add(from, to)
    }
  }

  /** What is out of the set needs no word of its own: it follows from something else that is told. */
  leaveUnsaid(other: RangeSet): void {
    if (!this.#removed.isEmpty) this.#removed.removeAll(other)
  }

  /** What has not been told yet as an addition. */
  get news(): RangeSet {
    return this.#added
  }

  /** Is there anything to tell since the last {@link takeChange}? */
  get hasChanged(): boolean {
    return !this.#added.isEmpty || !this.#removed.isEmpty
  }

  /** What has changed since the last time; the whole, when that is shorter. */
  takeChange(): SetChange {
    if (this.#isPartial && this.told.ranges <= MAX_RANGES - ROOM) this.#tellRest()
    const change: SetChange = { isWhole: false, added: this.#added, removed: this.#removed }
    this.#added = new RangeSet()
    this.#removed = new RangeSet()
    return change.added.ranges + change.removed.ranges > this.told.ranges ? this.whole() : change
  }

  /** All that is told. */
  whole(): SetChange {
    return { isWhole: true, added: this.told.copy(), removed: new RangeSet() }
  }

  #tell(start: number, end: number): void {
    this.told.add(start, end)
    this.#added.add(start, end)
    this.#removed.remove(start, end)
  }

  #tellRest(): void {
    this.#isPartial = false
    for (const [start, end] of this.all.minus(this.told)) {
      if (this.told.rangesWith(start, end) <= MAX_RANGES) this.#tell(start, end)
      else this.#isPartial = true
    }
  }
}
