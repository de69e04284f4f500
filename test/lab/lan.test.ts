import { afterEach, expect, test } from 'vitest'
import { killCliProcesses } from '../support/cli-process.ts'
import { expectWithin, type FirstNeighbor, meet } from '../support/group-meeting.ts'
import type { Host } from '../support/lab/host.ts'
import { Lab } from '../support/lab/lab.ts'
import { whyNoLab } from '../support/lab/why-no-lab.ts'
import { leave, newGroup, peerIDOf, rowsOf, startPeer } from '../support/peer-process.ts'

const MEMBERS = 4
const RUNS = 10
const FIRST_NEIGHBOR_MS = 2_000

const why = await whyNoLab()
if (why !== undefined) console.log(`test/lab/lan.test.ts is skipped: ${why}`)

afterEach(killCliProcesses)

test.skipIf(why !== undefined)(
  'four hosts on a LAN with nothing else meet by mDNS in 10 of 10 runs, and a member of another group is left alone',
  { timeout: 400_000 },
  async () => {
    await using lab = await Lab.create()
    const lan = await lab.lan()
    const hosts: Host[] = []
    for (let host = 0; host <= MEMBERS; host++) hosts.push(await lab.host(lan))
    // Before the hosts go.
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    const start = (groupspec: string, host: number) =>
      startPeer({ groupspec, within: hosts[host]?.within ?? [] })
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
