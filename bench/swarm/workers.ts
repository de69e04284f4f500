import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Job, Outcome } from './job.ts'

/** Memory for each process's heap, in MiB, at most: two with 10,000 members each stay within 8 GiB; 5,000 viewers of a stream take 4.8. */
const HEAP_MIB = 6_000

/** Runs jobs in processes side by side, the large ones first. @param onOutcome told of each as it comes */
export async function runJobs(
  jobs: readonly Job[],
  processes: number,
  onOutcome: (outcome: Outcome) => void
): Promise<Outcome[]> {
  const left = [...jobs].sort((a, b) => b.size - a.size)
  const outcomes: Outcome[] = []
  const work = async (): Promise<void> => {
    if (left.length === 0) return
    const worker = startWorker()
    for (let job = left.shift(); job !== undefined; job = left.shift()) {
      const outcome = await ask(worker, job)
      outcomes.push(outcome)
      onOutcome(outcome)
    }
    worker.disconnect()
  }
  await Promise.all(Array.from({ length: processes }, work))
  return outcomes
}

function startWorker(): ChildProcess {
  return fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx', `--max-old-space-size=${HEAP_MIB}`]
  })
}

async function ask(worker: ChildProcess, job: Job): Promise<Outcome> {
  // Listeners that are not called are taken away: a worker does many jobs.
  const done = new AbortController()
  const options = { signal: done.signal }
  const answer = once(worker, 'message', options)
  const end = once(worker, 'exit', options).then(() => [undefined])
  // The one that loses is aborted, and nobody waits for it.
  for (const each of [answer, end]) each.catch(() => {})
  worker.send(job)
  const [outcome] = await Promise.race([answer, end])
  done.abort()
  if (outcome === undefined)
    throw new Error(`${job.scenario}, N = ${job.size}, seed ${job.seed}: the process ended`)
  return outcome as Outcome
}
