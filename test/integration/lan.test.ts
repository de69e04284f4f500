import { afterEach, expect, test } from 'vitest'
import { killCliProcesses } from '../support/cli-process.ts'
import { expectWithin, type FirstNeighbor, meet } from '../support/group-meeting.ts'
import { leave, newGroup, peerIDOf, rowsOf, startPeer } from '../support/peer-process.ts'

const RUNS = 3
const FIRST_NEIGHBOR_MS = 2_000

afterEach(killCliProcesses)

test('four processes on one host meet by mDNS in 3 of 3 runs, and a member of another group is left alone', {
  timeout: 180_000
}, async () => {
  const otherGroup = newGroup()
  const stranger = startPeer({ groupspec: otherGroup })
  await peerIDOf(stranger)

  const firstNeighbors: FirstNeighbor[] = []
  for (let run = 0; run < RUNS; run++) {
    const groupspec = newGroup()
    firstNeighbors.push(await meet(4, () => startPeer({ groupspec })))
  }
  expectWithin(FIRST_NEIGHBOR_MS, firstNeighbors)

  expect(rowsOf(stranger, 'Connection')).toEqual([])
  const friend = startPeer({ groupspec: otherGroup })
  const friendID = await peerIDOf(friend)
  await stranger.waitForRow('Connection', row => row['peerID'] === friendID)
  await leave(stranger, friend)
})
