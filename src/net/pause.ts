import type { Clock } from './clock.ts'

/** Resolves after so many ms. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise(resolve => void clock.setTimer(resolve, ms))
}
