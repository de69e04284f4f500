import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { GroupSpecifier } from 'netgroup'
import { afterEach, expect, test } from 'vitest'
import { CliProcess, killCliProcesses } from '../support/cli-process.ts'
import type { Host } from '../support/lab/host.ts'
import { Lab } from '../support/lab/lab.ts'
import { whyNoLab } from '../support/lab/why-no-lab.ts'
import { leave, peerIDOf, rowsOf } from '../support/peer-process.ts'

const FILE_PEER = fileURLToPath(new URL('../support/file-peer.js', import.meta.url))

/** A slow uplink: so many bits per second, with a router before it that lets this many ms of them wait, as cheap ones do. */
const LINK_BITS_PER_S = 20e6
const ROUTER_QUEUE_MS = 200

const FILE_BYTES = 24 * 2 ** 20
const POSTS = 100
const POST_EVERY_MS = 40

/** The goal: so much later than on an idle link may the slowest twentieth of posts be, in ms. */
const MAX_ADDED_MS = 50

const why = await whyNoLab()
if (why !== undefined) console.log(`test/lab/replication-latency.test.ts is skipped: ${why}`)

afterEach(killCliProcesses)

async function slowDown({ namespace }: Host): Promise<void> {
  const tbf = `rate ${LINK_BITS_PER_S / 1e6}mbit burst 32kbit latency ${ROUTER_QUEUE_MS}ms`
  const words = `-n ${namespace.name} qdisc add dev eth0 root tbf ${tbf}`
  await promisify(execFile)('tc', words.split(' '))
}

function start(groupspec: string, { within }: Host): CliProcess {
  const [program = process.execPath, ...first] = [...within, process.execPath, FILE_PEER]
  return new CliProcess([groupspec], { command: [program, ...first] })
}

/** Both post at once. @returns the 95th percentile of the delays of all, and how many arrived */
async function chat(peers: readonly CliProcess[]): Promise<{ p95Ms: number; heard: number }> {
  const before = peers.map(peer => rowsOf(peer, 'Heard').length)
  const chatted = peers.map(peer => rowsOf(peer, 'Chatted').length)
  for (const peer of peers) peer.type(`chat ${POSTS} ${POST_EVERY_MS}`)
  for (const [i, peer] of peers.entries())
    await peer.waitForRow('Chatted', () => rowsOf(peer, 'Chatted').length > (chatted[i] ?? 0), 60_000)
  const delays = peers.flatMap((peer, i) =>
    rowsOf(peer, 'Heard')
      .slice(before[i])
      .map(row => Number(row['delayMs']))
  )
  const sorted = delays.sort((a, b) => a - b)
  return { p95Ms: sorted[Math.ceil(0.95 * sorted.length) - 1] ?? Number.NaN, heard: sorted.length }
}

test.skipIf(why !== undefined)(
  'while a fetch fills a link of 20 Mbit/s, chat over it is hardly later than on an idle one',
  { timeout: 180_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netgroup-latency-'))
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    const lan = await lab.lan()
    const hosts = [await lab.host(lan), await lab.host(lan)]
    for (const host of hosts) await slowDown(host)
    const spec = new GroupSpecifier('latency', { postingEnabled: true, objectReplicationEnabled: true })
    spec.makeUnique()
    const peers = hosts.map(host => start(spec.toString(), host))
    const [seeder, leecher] = peers as [CliProcess, CliProcess]
    await Promise.all(peers.map(peerIDOf))
    await Promise.all(peers.map(peer => peer.waitForRow('Neighbor', () => true, 20_000)))
    try {
      await writeFile(join(folder, 'seeded'), randomBytes(FILE_BYTES))
      seeder.type(`share ${join(folder, 'seeded')}`)
      const { manifestID } = await seeder.waitForRow('Shared')
      // The first round is for code to be compiled.
      await chat(peers)
      const idle = await chat(peers)
      leecher.type(`fetch ${manifestID} ${join(folder, 'fetched')}`)
      await leecher.waitForRow('Progress', row => Number(row['bytes']) > 2 * 2 ** 20, 30_000)
      const busy = await chat(peers)
      const isStillFetching = rowsOf(leecher, 'Fetched').length === 0
      const { ms } = await leecher.waitForRow('Fetched', () => true, 60_000)
      const share = (FILE_BYTES * 8) / (Number(ms) / 1_000) / LINK_BITS_PER_S
      console.log(
        `chat p95: idle ${idle.p95Ms.toFixed(1)} ms, while fetching ${busy.p95Ms.toFixed(1)} ms; the fetch got ${(100 * share).toFixed(0)} % of the link`
      )
      expect(isStillFetching, 'the fetch was over before the chat').toBe(true)
      expect(share).toBeGreaterThan(0.7)
      expect(busy.heard).toBe(2 * POSTS)
      expect(busy.p95Ms - idle.p95Ms).toBeLessThanOrEqual(MAX_ADDED_MS)
      await leave(...peers)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
)
