import { expect } from 'vitest'
import type { CliProcess, CliRow } from './cli-process.ts'
import { leave, peerIDOf, rowsOf, startOf, timeOf } from './peer-process.ts'

/** How long the others may take to be there and to be heard. The first neighbor is measured, not waited for with this. */
const EVERYBODY_TIMEOUT_MS = 30_000

/** How the first two of a group found each other. */
export interface FirstNeighbor {
  /** From the start of the second's process until both had a neighbor. */
  readonly afterMs: number
  /** For how much of it the second's process stood in the queue for a processor, because the machine had other things to do. */
  readonly waitedMs: number
}

/** Print the figures of some runs, and expect that each is within `limitMs`. The time in the queue for a processor is no excuse, but it explains. */
export function expectWithin(limitMs: number, runs: readonly FirstNeighbor[]): void {
  const each = (figure: (run: FirstNeighbor) => number): string => runs.map(figure).join(' ')
  console.log(
    `first neighbor after the second process's start, ms: ${each(({ afterMs }) => afterMs)}\n` +
      `  of which it waited for a processor: ${each(({ waitedMs }) => waitedMs)}`
  )
  for (const { afterMs } of runs) expect(afterMs).toBeLessThanOrEqual(limitMs)
}

/**
 * Start peers of one group, the first alone, then the second, then the rest at once; each is found by each and hears one post of each other, once. Nobody connects to
 * anybody else than `mayMeet`, and all end by themselves.
 *
 * @param start starts the peer with this number
 * @param mayMeet peer ids that are no members, to which connections are in order: relays
 */
export async function meet(
  count: number,
  start: (index: number) => CliProcess,
  mayMeet: readonly string[] = []
): Promise<FirstNeighbor> {
  const first = start(0)
  await peerIDOf(first)
  const second = start(1)
  const rows = await Promise.all([waitForNeighbor(first), waitForNeighbor(second)])
  const afterMs = Math.round(Math.max(...rows.map(timeOf)) - startOf(second))
  const waitedMs = Math.round(Number(rows[1]['waitedMs']))
  const peers = [first, second, ...Array.from({ length: count - 2 }, (_, index) => start(index + 2))]
  const ids = await Promise.all(peers.map(peerIDOf))
  await Promise.all(peers.flatMap((peer, index) => others(ids, index).map(id => waitForNeighbor(peer, id))))
  for (const [index, peer] of peers.entries()) peer.type(`from ${ids[index]}`)
  await Promise.all(peers.flatMap((peer, index) => others(ids, index).map(id => waitForPost(peer, id))))
  await leave(...peers)
  for (const [index, peer] of peers.entries()) {
    const heard = rowsOf(peer, 'Post').map(row => [row['from'], row['message']])
    expect(heard.sort()).toEqual(
      others(ids, index)
        .map(id => [id, `from ${id}`])
        .sort()
    )
    for (const { peerID } of rowsOf(peer, 'Connection')) expect([...ids, ...mayMeet]).toContain(peerID)
  }
  return { afterMs, waitedMs }
}

function others(ids: readonly string[], index: number): string[] {
  return ids.filter((_, other) => other !== index)
}

function waitForNeighbor(peer: CliProcess, id?: string): Promise<CliRow> {
  return peer.waitForRow('Neighbor', row => id === undefined || row['peerID'] === id, EVERYBODY_TIMEOUT_MS)
}

function waitForPost(peer: CliProcess, id: string): Promise<unknown> {
  return peer.waitForRow('Post', row => row['from'] === id, EVERYBODY_TIMEOUT_MS)
}
