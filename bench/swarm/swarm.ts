// Groups of up to ten thousand members in the simulator, with the library's own engines: a table, a JSON file, and exit code 1 when a bar of issues 4 and 5 is not met.
//
// `--help` says how it is used.
//
// Medians and worst values over the seeds. Nothing in the figures depends on the machine.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Job, Outcome } from './job.ts'
import { SCENARIOS, scenarioOf } from './scenarios.ts'
import { failuresOf, tableOf } from './table.ts'
import { runJobs } from './workers.ts'

/** Seeds when none are asked for, and how many of them in large groups. */
const SEEDS = '1-20'
const LARGE_SIZE = 1_000
const LARGE_SEEDS = 3

const USAGE = `npm run bench:swarm                                     everything: seeds 1–20, fewer in what takes long: 1–3 where there are more than 1,000 members
npm run bench:swarm -- ring partition --seeds 1-5,9 --n 100,1000 --json swarm.json
npm run bench:swarm -- --list                           the scenarios
`

/** Processes side by side. */
const PROCESSES = 2

function numbersOf(text: string): number[] {
  return text.split(',').flatMap(part => {
    const [from = Number.NaN, to = from] = part.split('-').map(Number)
    if (!Number.isInteger(from) || !Number.isInteger(to)) throw new Error(`${part} is no number and no range`)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}

function jobsOf(names: readonly string[], seeds: string | undefined, sizes: string | undefined): Job[] {
  const scenarios = names.length === 0 ? SCENARIOS : names.map(scenarioOf)
  return scenarios.flatMap(scenario =>
    (sizes === undefined ? scenario.sizes : numbersOf(sizes)).flatMap(size => {
      const all = numbersOf(seeds ?? SEEDS)
      const maxSeeds = scenario.maxSeeds?.(size) ?? (size > LARGE_SIZE ? LARGE_SEEDS : all.length)
      const chosen = seeds === undefined ? all.slice(0, maxSeeds) : all
      return chosen.map(seed => ({ scenario: scenario.name, size, seed }))
    })
  )
}

/** Prints a group of runs when the last of them is there. */
function printerOf(jobs: readonly Job[]): (outcome: Outcome) => void {
  const outcomes: Outcome[] = []
  return outcome => {
    outcomes.push(outcome)
    const isSame = (job: Job): boolean => job.scenario === outcome.scenario && job.size === outcome.size
    const done = outcomes.filter(isSame)
    if (done.length === jobs.filter(isSame).length)
      console.log(`${tableOf(scenarioOf(outcome.scenario), outcome.size, done)}\n`)
  }
}

interface Asked {
  readonly jobs: readonly Job[]
  readonly json: string | undefined
  readonly isHelp: boolean
  readonly isList: boolean
}

/** @throws Error that says what is wrong with them */
function askedOf(args: readonly string[]): Asked {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seeds: { type: 'string' },
      n: { type: 'string' },
      json: { type: 'string' },
      list: { type: 'boolean' },
      help: { type: 'boolean' }
    }
  })
  const jobs = jobsOf(positionals, values.seeds ?? process.env['SEED'], values.n)
  return { jobs, json: values.json, isHelp: values.help === true, isList: values.list === true }
}

/** What was asked for; undefined: that cannot be done, and why has been said. */
function askedOrComplain(args: readonly string[]): Asked | undefined {
  try {
    return askedOf(args)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`)
    process.exitCode = 2
    return undefined
  }
}

async function main(): Promise<void> {
  const asked = askedOrComplain(process.argv.slice(2))
  if (asked === undefined) return
  if (asked.isHelp) console.log(USAGE)
  else if (asked.isList)
    for (const { name, about, sizes } of SCENARIOS) console.log(`${name}: ${about} (N = ${sizes.join(', ')})`)
  else await run(asked)
}

async function run({ jobs, json }: Asked): Promise<void> {
  const outcomes = await runJobs(jobs, PROCESSES, printerOf(jobs))
  const failures = SCENARIOS.flatMap(scenario =>
    failuresOf(
      scenario,
      outcomes.filter(outcome => outcome.scenario === scenario.name)
    )
  )
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ node: process.version, outcomes, failures }, undefined, 2)}\n`)
  for (const failure of failures) console.log(`MISSED ${failure}`)
  console.log(`${outcomes.length} runs, ${failures.length} bars missed`)
  process.exitCode = failures.length === 0 ? 0 : 1
}

await main()
