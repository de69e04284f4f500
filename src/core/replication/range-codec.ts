import { MAX_INDEX, RangeSet } from './range-set.ts'

/** A set as frames have it: for each range how many indices lie between it and the one before (the first: below it), and how many it holds besides its first. */
export function encodeRanges(set: RangeSet): number[] {
  const numbers: number[] = []
  let next = 0
  for (const [start, end] of set) {
    numbers.push(start - next, end - start)
    next = end + 1
  }
  return numbers
}

/** @throws RangeError when these numbers are no set, or not as {@link encodeRanges} writes it */
export function decodeRanges(numbers: readonly number[]): RangeSet {
  const set = new RangeSet()
  let next = 0
  for (let i = 0; i < numbers.length; i += 2) {
    const [gap, length = Number.NaN] = [numbers[i] as number, numbers[i + 1]]
    const [start, end] = [next + gap, next + gap + length]
    if (!(end <= MAX_INDEX) || (gap === 0 && i > 0))
      throw new RangeError(`Ranges of objects do not end in [${gap}, ${length}] behind ${next}`)
    set.add(start, end)
    next = end + 1
  }
  return set
}
