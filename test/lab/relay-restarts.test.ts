import { afterEach, describe, expect, test } from 'vitest'
import { killCliProcesses } from '../support/cli-process.ts'
import type { Host } from '../support/lab/host.ts'
import { Lab } from '../support/lab/lab.ts'
import { bestPath, LabGroup } from '../support/lab/lab-group.ts'
import type { LabPeer } from '../support/lab/lab-peer.ts'
import { LabRelay } from '../support/lab/lab-relay.ts'
import type { NatKind } from '../support/lab/nat.ts'
import { whyNoLab } from '../support/lab/why-no-lab.ts'

const RESTARTS = 10

/** How long everything may take to be as before once the relay is back, in ms. */
const HEALED_WITHIN_MS = 10_000

/** Far longer than libp2p tries by itself, in ms: it gives up after 31 s. */
const LONG_OUTAGE_MS = 33_000

/** How long the loss of a neighbor may take to be told, in ms: another path to it is looked for first. */
const LOST_WITHIN_MS = 10_000

const SETTLED_WITHIN_MS = 15_000

const why = await whyNoLab()
if (why !== undefined) console.log(`test/lab/relay-restarts.test.ts is skipped: ${why}`)

afterEach(killCliProcesses)

describe.skipIf(why !== undefined)('when the relay is killed', () => {
  test('members that are directly connected go on; when it is back everything heals within 10 s, ten times in a row, and newcomers join', {
    timeout: 240_000
  }, async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    await using relay = await LabRelay.start(await lab.publicHost())
    const group = new LabGroup({ endpoints: [relay.address] })
    const behind = async (kind: NatKind): Promise<Host> => (await lab.hostBehind(kind)).host
    await group.join('restricted 1', await behind('port-restricted'))
    await group.join('restricted 2', await behind('port-restricted'))
    await group.join('symmetric 1', await behind('symmetric'))
    await group.join('symmetric 2', await behind('symmetric'))
    await group.join('public', await lab.publicHost())
    const newcomerHost = await behind('symmetric')
    await group.untilPaths(bestPath, SETTLED_WITHIN_MS)
    await group.everybodyPosts()

    const healedAfterMs: number[] = []
    for (let restart = 1; restart <= RESTARTS; restart++) {
      await relay.kill()
      await group.untilPaths(pathWithoutRelay, LOST_WITHIN_MS)
      // Posts of those that only the relay joined come by the neighbors they have in common.
      await group.everybodyPosts()
      await relay.restart()
      const backAt = performance.now()
      const left = (): number => HEALED_WITHIN_MS - (performance.now() - backAt)
      const newcomer = await group.join('newcomer', newcomerHost)
      await group.untilPaths(anyPath, left())
      await group.everybodyPosts(left())
      healedAfterMs.push(Math.round(performance.now() - backAt))
      await group.leave(newcomer)
    }
    console.log(`healed after the relay was back, with a newcomer, ms: ${healedAfterMs.join(' ')}`)
    expect(group.pairs.filter(isDirect).flatMap(([one, other]) => one.lossesOf(other))).toEqual([])
  })

  test('also after an outage that is longer than libp2p tries by itself', { timeout: 120_000 }, async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    await using relay = await LabRelay.start(await lab.publicHost())
    const group = new LabGroup({ endpoints: [relay.address] })
    await group.join('symmetric 1', (await lab.hostBehind('symmetric')).host)
    await group.join('symmetric 2', (await lab.hostBehind('symmetric')).host)
    await group.untilPaths(bestPath, SETTLED_WITHIN_MS)
    await relay.kill()
    // The outage itself: nothing happens that could be waited for.
    await new Promise(resolve => setTimeout(resolve, LONG_OUTAGE_MS))
    await relay.restart()
    await group.untilPaths(bestPath, HEALED_WITHIN_MS)
    await group.everybodyPosts()
  })
})

describe.skipIf(why !== undefined)('a relayed connection beside a direct one', () => {
  test('closes, and gossip goes on', { timeout: 60_000 }, async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    await using relay = await LabRelay.start(await lab.publicHost())
    const group = new LabGroup({ endpoints: [relay.address] })
    const one = await group.join('restricted 1', (await lab.hostBehind('port-restricted')).host)
    const other = await group.join('restricted 2', (await lab.hostBehind('port-restricted')).host)
    await group.untilPaths(bestPath, SETTLED_WITHIN_MS)
    for (const peer of [one, other]) await peer.ask('/close-relayed', 'RelayedClosed')
    for (const [peer, far] of group.pairs) expect(await circuits(peer, far)).toEqual([])
    for (let round = 0; round < 3; round++) await group.everybodyPosts()
    expect(group.losses).toEqual([])
  })
})

async function circuits(peer: LabPeer, other: LabPeer): Promise<string[]> {
  const { connections } = await peer.ask('/connections', 'Connections')
  return (connections as { peerID: string; address: string }[])
    .filter(({ peerID, address }) => peerID === other.peerID && address.includes('p2p-circuit'))
    .map(({ address }) => address)
    .filter(address => !address.includes('/webrtc'))
}

function pathWithoutRelay(one: LabPeer, other: LabPeer): 'not relayed' | 'none' {
  return bestPath(one, other) === 'relayed' ? 'none' : 'not relayed'
}

function anyPath(one: LabPeer, other: LabPeer): 'not relayed' | 'any' {
  return bestPath(one, other) === 'relayed' || [one, other].some(isNew) ? 'any' : 'not relayed'
}

function isNew({ name }: LabPeer): boolean {
  return name === 'newcomer'
}

function isDirect([one, other]: [LabPeer, LabPeer]): boolean {
  return bestPath(one, other) === 'not relayed'
}
