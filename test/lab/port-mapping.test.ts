import { afterEach, expect, test } from 'vitest'
import { killCliProcesses } from '../support/cli-process.ts'
import { Lab } from '../support/lab/lab.ts'
import { LabGroup } from '../support/lab/lab-group.ts'
import { LabRelay } from '../support/lab/lab-relay.ts'
import { UPnPRouter } from '../support/lab/upnp-router.ts'
import { whyNoLab } from '../support/lab/why-no-lab.ts'

/** Found and mapped after about 10 s (libp2p waits 5 s for more addresses), and then told to those who ask. */
const MAPPED_WITHIN_MS = 40_000

const why = await whyNoLab('miniupnpd')
if (why !== undefined) console.log(`test/lab/port-mapping.test.ts is skipped: ${why}`)

afterEach(killCliProcesses)

test.skipIf(why !== undefined)(
  'two members behind symmetric NATs come off the relay when the router of one speaks UPnP',
  { timeout: 90_000 },
  async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    await using relay = await LabRelay.start(await lab.publicHost())
    const { host, nat } = await lab.hostBehind('symmetric', { network: '192.168.7' })
    await using _upnp = await UPnPRouter.start(nat)
    const group = new LabGroup({ endpoints: [relay.address] })
    const mapped = await group.join('behind UPnP', host)
    const other = await group.join('symmetric', (await lab.hostBehind('symmetric')).host)
    await group.untilPaths(() => 'direct', MAPPED_WITHIN_MS)
    await group.everybodyPosts()
    const { multiaddrs } = await mapped.ask('/addresses', 'Addresses')
    expect(
      (multiaddrs as string[]).some(address => address.startsWith(`/ip4/${nat.publicAddress}/tcp/`))
    ).toBe(true)
    expect([...mapped.lossesOf(other), ...other.lossesOf(mapped)]).toEqual([])
  }
)
