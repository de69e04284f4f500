const LABEL_WIDTH = 44
const VALUE_WIDTH = 16

/** A figure and what it is. */
export type Figure = readonly [label: string, value: string]

/** Figures under each other, values aligned on the right. */
export function figureLines(figures: readonly Figure[]): string {
  return figures
    .map(([label, value]) => `   ${label.padEnd(LABEL_WIDTH)}${value.padStart(VALUE_WIDTH)}`)
    .join('\n')
}

/** Milliseconds, with a decimal while they are few. */
export function milliseconds(ms: number): string {
  return `${ms < 100 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en')} ms`
}

/** The value in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low, high] = [sorted[middle - 1], sorted[middle]]
  if (high === undefined) return Number.NaN
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2
}
