// Runs one job after the other, as they come from the main process.
import type { Job, Outcome } from './job.ts'
import { scenarioOf } from './scenarios.ts'

process.on('message', (job: Job) => {
  const startMs = Date.now()
  const figures = scenarioOf(job.scenario).run(job.size, job.seed)
  const outcome: Outcome = {
    ...job,
    figures,
    tookS: (Date.now() - startMs) / 1_000,
    memoryMiB: Math.round(process.memoryUsage().rss / 2 ** 20)
  }
  process.send?.(outcome)
})
