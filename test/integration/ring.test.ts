// Issue "3 of 5", line 6: the ring over real sockets.
import { fileURLToPath } from 'node:url'
import { GroupSpecifier } from 'netgroup'
import { afterEach, expect, test } from 'vitest'
import { CliProcess, killCliProcesses } from '../support/cli-process.ts'
import { addressOf, rowsOf, startRelay, timeOf } from '../support/peer-process.ts'

const PROCESSES = 6
const MEMBERS_EACH = 5
const RING_RIGHT_MS = 15_000

const RING_PEERS = fileURLToPath(new URL('../support/ring-peers.js', import.meta.url))

afterEach(killCliProcesses)

interface Sent {
  readonly from: string
  readonly to: string
  readonly result: string
  readonly deliveredTo?: string
  readonly hops?: number
  readonly ms: number
}

test('thirty members in six processes, through one relay: the ring is right within 15 s, and each reaches each', async () => {
  const relay = startRelay()
  const address = await addressOf(relay)
  const groupspec = new GroupSpecifier(`ring ${Math.random()}`, {
    routingEnabled: true,
    postingEnabled: true
  }).toString()
  const processes = Array.from(
    { length: PROCESSES },
    () =>
      new CliProcess([String(MEMBERS_EACH), groupspec, address], {
        command: [process.execPath, RING_PEERS],
        env: {}
      })
  )
  const joined = await Promise.all(processes.map(each => each.waitForRow('Joined', () => true, 60_000)))
  const lastJoinMs = Math.max(...joined.map(timeOf))
  const ring = processes
    .flatMap(each => rowsOf(each, 'Member'))
    .sort((a, b) => (String(a['groupAddress']) < String(b['groupAddress']) ? -1 : 1))
    .map(row => String(row['peerID']))
  expect(ring).toHaveLength(PROCESSES * MEMBERS_EACH)

  const rightAtMs = await Promise.all(
    ring.map(async (peer, at) => {
      const wanted = [ring.at(at - 1), ring[(at + 1) % ring.length]]
      const row = await processOf(processes, peer).waitForRow(
        'Neighbors',
        ({ peerID, neighbors }) =>
          peerID === peer && wanted.every(each => (neighbors as unknown[]).includes(each)),
        60_000
      )
      return timeOf(row)
    })
  )
  const afterMs = Math.max(...rightAtMs) - lastJoinMs
  console.log(`the ring was right ${Math.round(afterMs)} ms after the last of 30 members had joined`)
  expect(afterMs).toBeLessThanOrEqual(RING_RIGHT_MS)

  for (const each of processes) each.type(JSON.stringify(ring))
  const rows = await Promise.all(processes.map(each => each.waitForRow('Sent', () => true, 60_000)))
  const sent = rows.flatMap(row => row['results'] as Sent[])
  expect(sent).toHaveLength(ring.length * (ring.length - 1))
  const lost = sent.filter(({ result, deliveredTo, to }) => result !== 'sent' || deliveredTo !== to)
  expect(lost, JSON.stringify(lost)).toEqual([])
  const hops = sent.map(each => each.hops ?? 0)
  const times = sent.map(({ ms }) => ms).sort((a, b) => a - b)
  console.log(
    `870 messages with receipts: hops mean ${(hops.reduce((sum, each) => sum + each, 0) / hops.length).toFixed(2)}, ` +
      `at most ${Math.max(...hops)}; median ${times[times.length >> 1]?.toFixed(0)} ms, slowest ${times.at(-1)?.toFixed(0)} ms`
  )
  for (const each of [...processes, relay]) each.endInput()
  for (const each of [...processes, relay]) {
    const { exitCode, stderr } = await each.ended
    expect(exitCode, stderr).toBe(0)
  }
}, 180_000)

function processOf(processes: readonly CliProcess[], peer: string): CliProcess {
  const owner = processes.find(each => rowsOf(each, 'Member').some(row => row['peerID'] === peer))
  if (owner === undefined) throw new Error(`Nobody has ${peer}`)
  return owner
}
