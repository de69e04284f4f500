// One relay process and 500 registered idle members: what a member costs it, and how fast it answers.
//
//   npm run bench:relay              all bars
//   MEMBERS=1000 npm run bench:relay
//
// The relay is a process of its own on the built package; the members are real nodes (TCP, noise, yamux, identify, a reservation, the rendezvous client) in three others.
//
// Memory is the relay's resident set, after garbage collections. What a member costs is its growth from the first hundred to all of them, per member. The growth from none is told
// beside it, and is larger: with the first ones V8's young generation grows to its full 32 MB and stays there, and code is compiled, once for whatever number. What is in use (heap
// and buffers) is told too.
//
// Discovers are asked by other clients while all are registered, one stream each, and answered with 100 registrations, the most there are in an answer; their time is from asking to
// having decoded.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { median, percentile } from '../support/median.ts'
import { measureDiscovers } from './relay-discovers.ts'

const MEMBERS = Number(process.env['MEMBERS'] ?? 500)
const FIRST_MEMBERS = 100
const LOADERS = 2
const GROUP_SIZE = 100
const WARM_UP_MEMBERS = 40
/** Identify pushes and handshakes are over, and pings and polls have gone round. */
const IDLE_MS = 15_000
const BARS = { errors: 0, discoverP95Ms: 50, kilobytesPerMember: 100 }

interface RelayFigures extends NodeJS.MemoryUsage {
  /** Before the collections. */
  readonly rssBefore: number
  /** Heap and buffers. */
  readonly used: number
  /** How long its main thread has run, and stood in the queue for a processor. */
  readonly ranMs: number
  readonly waitedMs: number
  readonly reservations: number
  readonly registrations: number
}

function path(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

async function answerOf<T>(process: ChildProcess, question?: string): Promise<T> {
  const answer = once(process, 'message')
  if (question !== undefined) process.send(question)
  const [message] = await Promise.race([answer, once(process, 'exit').then(() => [undefined])])
  if (message === undefined) throw new Error('A process of the benchmark ended')
  return message as T
}

function startMembers(relay: string, first: number, count: number): ChildProcess {
  const args = [relay, String(first), String(count), String(GROUP_SIZE)]
  return fork(path('relay-members.ts'), args, { execArgv: ['--import', 'tsx'] })
}

async function end(processes: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    processes.map(async process => {
      const ended = once(process, 'exit')
      process.send('end')
      await ended
    })
  )
}

async function wait(ms: number): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, ms))
}

async function measure(relay: ChildProcess): Promise<object> {
  const { address } = await answerOf<{ address: string }>(relay)
  const start = await answerOf<RelayFigures>(relay, 'figures')
  const warmUp = startMembers(address, MEMBERS, WARM_UP_MEMBERS)
  await answerOf(warmUp)
  await end([warmUp])
  await wait(IDLE_MS)
  const before = await answerOf<RelayFigures>(relay, 'figures')

  const startedAtMs = performance.now()
  const early = startMembers(address, 0, FIRST_MEMBERS)
  await answerOf(early)
  await wait(IDLE_MS)
  const first = await answerOf<RelayFigures>(relay, 'figures')
  const share = Math.ceil((MEMBERS - FIRST_MEMBERS) / LOADERS)
  const later = Array.from({ length: LOADERS }, (_, i) => {
    const number = FIRST_MEMBERS + i * share
    return startMembers(address, number, Math.min(share, MEMBERS - number))
  })
  await Promise.all(later.map(loader => answerOf(loader)))
  const loaders = [early, ...later]
  const joinMs = performance.now() - startedAtMs - IDLE_MS
  await wait(IDLE_MS)
  const after = await answerOf<RelayFigures>(relay, 'figures')
  const discovers = await measureDiscovers(address, Math.floor(MEMBERS / GROUP_SIZE) || 1)
  const last = await answerOf<RelayFigures>(relay, 'figures')
  const told = await Promise.all(loaders.map(loader => answerOf<{ errors: number }>(loader, 'errors')))
  await end(loaders)

  const errors = told.reduce((sum, one) => sum + one.errors, 0) + discovers.errors
  const missing = 2 * MEMBERS - last.reservations - last.registrations
  const perMember = (key: keyof NodeJS.MemoryUsage | 'rssBefore' | 'used', since = before): number => {
    const members = since === before ? MEMBERS : MEMBERS - FIRST_MEMBERS
    return Math.round((after[key] - since[key]) / members / 102.4) / 10
  }
  const figures = {
    members: MEMBERS,
    errors: errors + missing,
    joinSeconds: Math.round(joinMs / 100) / 10,
    discovers: discovers.times.length,
    discoverP50Ms: Math.round(median(discovers.times) * 10) / 10,
    discoverP95Ms: Math.round(percentile(discovers.times, 0.95) * 10) / 10,
    discoversRanMs: Math.round(last.ranMs - after.ranMs),
    discoversWaitedForProcessorMs: Math.round(last.waitedMs - after.waitedMs),
    kilobytesPerMember: perMember('rss', first),
    usedKilobytesPerMember: perMember('used', first),
    fromNoneKilobytesPerMember: perMember('rss'),
    fromNoneUncollectedKilobytesPerMember: perMember('rssBefore'),
    fromNoneUsedKilobytesPerMember: perMember('used'),
    startMegabytes: Math.round(start.rss / 2 ** 20),
    noneMegabytes: Math.round(before.rss / 2 ** 20),
    firstMegabytes: Math.round(first.rss / 2 ** 20),
    allMegabytes: Math.round(after.rss / 2 ** 20)
  }
  return figures
}

const relay = fork(path('relay-process.js'), [], {
  execArgv: ['--expose-gc', ...(process.env['RELAY_FLAGS']?.split(' ') ?? [])]
})
const figures = (await measure(relay)) as Record<keyof typeof BARS, number>
relay.disconnect()
console.table(figures)
const met = Object.fromEntries(
  Object.entries(BARS).map(([name, bar]) => [name, figures[name as keyof typeof BARS] <= bar])
)
console.log(JSON.stringify({ bench: 'relay', ...figures, bars: BARS, met }))
process.exit(Object.values(met).every(Boolean) ? 0 : 1)
