import { expect } from 'vitest'
import type { CliProcess } from './cli-process.ts'
import { leave, peerIDOf, rowsOf, startOf, timeOf } from './peer-process.ts'

/** How long the others may take to be there and to be heard. The first neighbor is measured, not waited for with this. */
const EVERYBODY_TIMEOUT_MS = 15_000

/**
 * Start peers of one group, the first alone, then the second, then the rest at once; each is found by each and hears one post of each other, once. Nobody connects to
 * anybody else than `mayMeet`, and all end by themselves.
 *
 * @param start starts the peer with this number
 * @param mayMeet peer ids that are no members, to which connections are in order: relays
 * @returns ms from the second process's start until both it and the first had a neighbor
 */
export async function meet(
  count: number,
  start: (index: number) => CliProcess,
  mayMeet: readonly string[] = []
): Promise<number> {
  const first = start(0)
  await peerIDOf(first)
  const second = start(1)
  const pair = await Promise.all([first, second].map(peer => peer.waitForRow('Neighbor')))
  const firstNeighborMs = Math.round(Math.max(...pair.map(timeOf)) - startOf(second))
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
  return firstNeighborMs
}

function others(ids: readonly string[], index: number): string[] {
  return ids.filter((_, other) => other !== index)
}

function waitForNeighbor(peer: CliProcess, id: string): Promise<unknown> {
  return peer.waitForRow('Neighbor', row => row['peerID'] === id, EVERYBODY_TIMEOUT_MS)
}

function waitForPost(peer: CliProcess, id: string): Promise<unknown> {
  return peer.waitForRow('Post', row => row['from'] === id, EVERYBODY_TIMEOUT_MS)
}
