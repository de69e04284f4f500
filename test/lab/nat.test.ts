import { afterEach, expect, test } from 'vitest'
import { killCliProcesses } from '../support/cli-process.ts'
import type { Host } from '../support/lab/host.ts'
import type { OnTheInternet } from '../support/lab/internet.ts'
import { Lab } from '../support/lab/lab.ts'
import { bestPath, LabGroup } from '../support/lab/lab-group.ts'
import { LabRelay } from '../support/lab/lab-relay.ts'
import type { Packet } from '../support/lab/packet.ts'
import { whyNoLab } from '../support/lab/why-no-lab.ts'
import { until } from '../support/until.ts'

/** How long a pair that can be direct may take for it, in ms. */
const DIRECT_WITHIN_MS = 15_000

/** How long two tries for a direct path may take, in ms: each gives up after 10 s, and there is a pause between them. */
const TRIES_WITHIN_MS = 40_000

const why = await whyNoLab('tcpdump')
if (why !== undefined) console.log(`test/lab/nat.test.ts is skipped: ${why}`)

afterEach(killCliProcesses)

test.skipIf(why !== undefined)(
  'five members behind NATs of two kinds and none: every post reaches everybody, each pair on the best path that there is',
  { timeout: 120_000 },
  async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    await using relay = await LabRelay.start(await lab.publicHost())
    const restricted = [
      await lab.hostBehind('port-restricted'),
      await lab.hostBehind('port-restricted')
    ] as const
    const symmetric = [await lab.hostBehind('symmetric'), await lab.hostBehind('symmetric')] as const
    await using capture = await symmetric[0].nat.captureLan()

    const group = new LabGroup({ endpoints: [relay.address] })
    await Promise.all([
      group.join('restricted 1', restricted[0].host),
      group.join('restricted 2', restricted[1].host),
      group.join('symmetric 1', symmetric[0].host),
      group.join('symmetric 2', symmetric[1].host),
      group.join('public', await lab.publicHost())
    ])
    try {
      await group.untilPaths(bestPath, DIRECT_WITHIN_MS)
      await group.everybodyPosts()
      // The symmetric ones try to reach each other, each time from another port: the second try says that the first has failed.
      const tries = (): Set<number | undefined> =>
        new Set(
          capture.packets
            .filter(isUdpBetween(symmetric[0].host, symmetric[1].nat))
            .map(({ sourcePort }) => sourcePort)
        )
      await until('two tries between the symmetric ones', () => tries().size >= 2, TRIES_WITHIN_MS)
      // That has not harmed what it was to replace.
      await group.untilPaths(bestPath, 0)
      await group.everybodyPosts()
    } finally {
      console.log(group.table())
    }
    expect(group.repeated).toEqual([])
    expect(group.losses).toEqual([])
  }
)

function isUdpBetween(from: Host, to: OnTheInternet): (packet: Packet) => boolean {
  return ({ protocol, source, destination }) =>
    protocol === 'udp' && source === from.address && destination === to.publicAddress
}
