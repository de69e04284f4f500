/** What a figure must not pass. */
export interface Bar {
  readonly atMost?: number
  readonly atLeast?: number
  /** What the issue asks for, where the bar is what is reached so far: docs/KNOWN-GAPS.md. */
  readonly goal?: number
}

/** What a run found, by name; units are in the names. */
export type Figures = Readonly<Record<string, number>>

/** Something that happens to a group of some size, and what is measured of it. Figures count bytes, hops, members and virtual time: they are the same on any machine. */
export interface Scenario {
  readonly name: string
  /** What happens, in a line. */
  readonly about: string
  /** Group sizes when none are asked for. */
  readonly sizes: readonly number[]
  /** With how many seeds when none are asked for, where that is fewer than usual: what takes minutes. */
  readonly maxSeeds?: (size: number) => number
  /** Figures that a bar is set on; the others only tell. Bars are those of issues 4 and 5, "Must hold". */
  readonly bars: (size: number) => Readonly<Record<string, Bar>>
  readonly run: (size: number, seed: number) => Figures
}

/** Does a figure keep within its bar? What was never reached is NaN, and does not. */
export function holds(value: number, { atMost, atLeast }: Bar): boolean {
  if (atMost !== undefined && !(value <= atMost)) return false
  return atLeast === undefined || value >= atLeast
}
