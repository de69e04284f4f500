import { afterEach, expect, test, vi } from 'vitest'
import { type CliProcess, killCliProcesses } from '../support/cli-process.ts'
import {
  addressOf,
  leave,
  newGroup,
  peerIDOf,
  startPeer,
  startRelay,
  timeOf
} from '../support/peer-process.ts'

/** From the call of `close()` to the end of the process. */
const EXIT_MS = 2_000

vi.setConfig({ testTimeout: 120_000 })
afterEach(killCliProcesses)

/** Tell peers to leave. @returns ms from the call of `close()` to the end of each process */
async function endings(...peers: CliProcess[]): Promise<number[]> {
  const times = peers.map(async peer => {
    const { exitCode, stderr } = await peer.ended
    const endedMs = performance.timeOrigin + performance.now()
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const closing = await peer.waitForRow('Closing')
    return Math.round(endedMs - timeOf(closing))
  })
  for (const peer of peers) peer.endInput()
  return await Promise.all(times)
}

/** Tell peers to leave, and expect that each ends by itself, in time, with nothing open. */
async function expectCleanEnd(...peers: CliProcess[]): Promise<void> {
  const tookMs = await endings(...peers)
  console.log(`from close() to the end of the process, ms: ${tookMs.join(' ')}`)
  for (const [index, peer] of peers.entries()) {
    const { resources, sockets } = await peer.waitForRow('Ending')
    // On a busy machine it may be here still, but not because a timer keeps it.
    const stillHere = peer.rows.find(row => row.code === 'StillHere')
    expect(stillHere?.['resources'] ?? []).not.toContain('Timeout')
    expect(new Set(resources as string[])).toEqual(new Set(['PipeWrap']))
    expect(sockets).toEqual([])
    expect(tookMs[index]).toBeLessThanOrEqual(EXIT_MS)
  }
}

/** Two peers with a link, each of which has heard the other. */
async function chatting(endpoints: readonly string[]): Promise<[CliProcess, CliProcess]> {
  const groupspec = newGroup()
  const pair: [CliProcess, CliProcess] = [
    startPeer({ groupspec, endpoints }),
    startPeer({ groupspec, endpoints })
  ]
  await Promise.all(pair.map(peer => peer.waitForRow('Neighbor', () => true, 30_000)))
  for (const peer of pair) peer.type('hello')
  await Promise.all(pair.map(peer => peer.waitForRow('Post', () => true, 30_000)))
  return pair
}

test('processes that chatted on the LAN end by themselves within 2 s of close(), with no handle left', async () => {
  await expectCleanEnd(...(await chatting(['lan:'])))
})

test('processes that chatted through a relay, and the relay, end by themselves within 2 s of close(), with no handle left', async () => {
  const relay = startRelay()
  const pair = await chatting([await addressOf(relay)])
  await expectCleanEnd(...pair)
  await expectCleanEnd(relay)
})

test('processes whose relay is gone, and a relay that is left by nobody, end by themselves within 2 s of close()', async () => {
  const relay = startRelay()
  const pair = await chatting([await addressOf(relay)])
  await expectCleanEnd(relay)
  await expectCleanEnd(...pair)
})

test('a process that leaves while it connects to another ends by itself within 2 s of close()', async () => {
  const groupspec = newGroup()
  const first = startPeer({ groupspec })
  await peerIDOf(first)
  const second = startPeer({ groupspec })
  await second.waitForRow('Socket', () => true, 30_000)
  await expectCleanEnd(second, first)
})

test('a process whose connect() failed ends by itself', async () => {
  const relay = startRelay()
  const address = await addressOf(relay)
  await leave(relay)
  const peer = startPeer({ groupspec: newGroup(), endpoints: [address], connectTimeoutMs: 500 })
  const { exitCode, stderr } = await peer.ended
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/Cannot connect to a relay/)
})
