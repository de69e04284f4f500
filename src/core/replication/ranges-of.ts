import { MAX_INDEX } from './range-set.ts'

/** Indices as ranges, both ends included. @param indices rising */
export function rangesOf(indices: Iterable<number>): [start: number, end: number][] {
  const ranges: [start: number, end: number][] = []
  let last: [start: number, end: number] | undefined
  for (const index of indices) {
    if (last !== undefined && index <= last[1] + 1) last[1] = index
    else {
      last = [index, index]
      ranges.push(last)
    }
  }
  return ranges
}

/** @throws RangeError for what is no index of an object */
export function checkIndex(index: number): void {
  if (!Number.isInteger(index) || index < 0 || index > MAX_INDEX)
    throw new RangeError(`There is no object ${index}: an index is a whole number from 0 to 2^53 − 1`)
}
