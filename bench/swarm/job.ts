import type { Figures } from './scenario.ts'

/** One run of a scenario. */
export interface Job {
  readonly scenario: string
  readonly size: number
  readonly seed: number
}

/** What came of it. */
export interface Outcome extends Job {
  readonly figures: Figures
  /** What this machine took, which no bar is set on: seconds, and MiB of memory at the end. */
  readonly tookS: number
  readonly memoryMiB: number
}
