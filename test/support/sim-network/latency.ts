import { mixed } from './seed.ts'

/** How long a byte takes from one node to another, one way, in ms: the same each time and in both directions. Nodes are numbers in the order of their coming. */
export type Latency = (a: number, b: number) => number

/** The same between all. */
export function fixedLatency(ms: number): Latency {
  return () => ms
}

/** Each pair has its own, evenly spread. */
export function uniformLatency(seed: number, minMs: number, maxMs: number): Latency {
  return (a, b) => minMs + (maxMs - minMs) * ofPair(seed, a, b)
}

/** The regions of {@link regionLatency}, in the order of its matrix. */
export const REGIONS = [
  'Europe',
  'America, east',
  'America, west',
  'South America',
  'Africa',
  'India',
  'East Asia',
  'Australia'
] as const

/**
 * One way, in ms. Issue 4 gives about 70 between Europe and the American east coast, and 220 between Australia and Africa; the rest are guesses in the same
 * proportion to distance and cables.
 */
const REGION_MS: readonly (readonly number[])[] = [
  [12, 70, 90, 110, 75, 70, 125, 150],
  [70, 12, 35, 70, 115, 105, 100, 110],
  [90, 35, 12, 95, 150, 120, 70, 85],
  [110, 70, 95, 15, 170, 160, 145, 160],
  [75, 115, 150, 170, 20, 130, 180, 220],
  [70, 105, 120, 160, 130, 15, 65, 95],
  [125, 100, 70, 145, 180, 65, 15, 75],
  [150, 110, 85, 160, 220, 95, 75, 12]
]

/** By how much pairs of the same two regions differ, either way. Guess. */
const REGION_JITTER = 0.15

/** Which of the {@link REGIONS} a node is in. */
export function regionOf(seed: number, node: number): number {
  return Math.floor(mixed(seed, node) * REGIONS.length)
}

/** Nodes are spread evenly over eight regions; each pair differs a little from others of its regions. */
export function regionLatency(seed: number): Latency {
  return (a, b) => {
    const base = REGION_MS[regionOf(seed, a)]?.[regionOf(seed, b)] ?? 0
    return base * (1 + REGION_JITTER * (2 * ofPair(seed, a, b) - 1))
  }
}

function ofPair(seed: number, a: number, b: number): number {
  return mixed(seed, Math.min(a, b), Math.max(a, b) + 1)
}
