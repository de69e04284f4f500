import type { SimGroup, SimJoin } from './sim-group.ts'

/** How members come and go. */
export interface Churn {
  /** Members that are replaced in a minute, as a part of all: 0.1 is one in ten. */
  readonly perMinute: number
  readonly durationMs: number
  /** How many of those that go do so without a word; the others leave. @default 1 */
  readonly killed?: number
  readonly how?: SimJoin
}

/** For a while, members go at random moments and others come in their place. Begins now; time is let pass by the caller. */
export function churn(group: SimGroup, { perMinute, durationMs, killed = 1, how = {} }: Churn): void {
  const { queue } = group.network
  const replacements = Math.round((group.members.size * perMinute * durationMs) / 60_000)
  const replaceOne = (): void => {
    const [gone] = group.sample(1)
    if (gone === undefined) return
    if (group.random() < killed) group.kill([gone])
    else group.leave(gone)
    group.join(how)
  }
  for (let i = 0; i < replacements; i++) queue.after(group.random() * durationMs, replaceOne)
}
