import { afterEach, expect, test } from 'vitest'
import { killCliProcesses } from '../support/cli-process.ts'
import { expectWithin, type FirstNeighbor, meet } from '../support/group-meeting.ts'
import { NamespaceLan, whyNoNamespaces } from '../support/namespaces.ts'
import { leave, newGroup, peerIDOf, rowsOf, startPeer } from '../support/peer-process.ts'

const MEMBERS = 4
const RUNS = 10
const FIRST_NEIGHBOR_MS = 2_000

const why = await whyNoNamespaces()
if (why !== undefined) console.log(`test/lab/lan.test.ts is skipped: ${why}`)

afterEach(killCliProcesses)

test.skipIf(why !== undefined)(
  'four hosts on a LAN with nothing else meet by mDNS in 10 of 10 runs, and a member of another group is left alone',
  { timeout: 400_000 },
  async () => {
    await using lan = await NamespaceLan.create(MEMBERS + 1)
    // Before the hosts go.
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    const start = (groupspec: string, host: number) =>
      startPeer({ groupspec, within: lan.hosts[host]?.within ?? [] })
    const otherGroup = newGroup()
    const stranger = start(otherGroup, MEMBERS)
    await peerIDOf(stranger)

    const firstNeighbors: FirstNeighbor[] = []
    for (let run = 0; run < RUNS; run++) {
      const group = newGroup()
      firstNeighbors.push(await meet(MEMBERS, host => start(group, host)))
    }
    expectWithin(FIRST_NEIGHBOR_MS, firstNeighbors)

    expect(rowsOf(stranger, 'Connection')).toEqual([])
    expect(rowsOf(stranger, 'Socket')).toEqual([])
    // It could have been found all the time: a member of its own group finds it at once.
    const friend = start(otherGroup, 0)
    const friendID = await peerIDOf(friend)
    await stranger.waitForRow('Connection', row => row['peerID'] === friendID)
    expect(rowsOf(stranger, 'Socket')).not.toEqual([])
    await leave(stranger, friend)
  }
)
