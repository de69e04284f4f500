import { afterEach, expect, test } from 'vitest'
import { killCliProcesses } from '../support/cli-process.ts'
import { Lab } from '../support/lab/lab.ts'
import { LabGroup } from '../support/lab/lab-group.ts'
import { LabRelay } from '../support/lab/lab-relay.ts'
import { TurnServer } from '../support/lab/turn-server.ts'
import { whyNoLab } from '../support/lab/why-no-lab.ts'

const WEB = 443
const CONNECTED_WITHIN_MS = 15_000

const why = await whyNoLab('tcpdump')
const whyNoTurn = why ?? (await whyNoLab('turnserver'))
if (why !== undefined) console.log(`test/lab/blocked.test.ts is skipped: ${why}`)
else if (whyNoTurn !== undefined) console.log(`test/lab/blocked.test.ts: TURN is skipped: ${whyNoTurn}`)

afterEach(killCliProcesses)

test.skipIf(why !== undefined)(
  'with UDP and all TCP but one port blocked every post still arrives, by WebSocket through the relay',
  { timeout: 60_000 },
  async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    await using relay = await LabRelay.start(await lab.publicHost())
    const blocked = [
      await lab.hostBehind('port-restricted'),
      await lab.hostBehind('port-restricted')
    ] as const
    for (const { host } of blocked) await host.block({ exceptTcpPorts: [WEB] })
    await using capture = await blocked[0].nat.captureWan()

    const group = new LabGroup({ endpoints: [relay.webSocketAddress] })
    const one = await group.join('blocked 1', blocked[0].host)
    await group.join('blocked 2', blocked[1].host)
    await group.join('public', await lab.publicHost(), { endpoints: [relay.address] })
    await group.untilPaths(() => 'relayed', CONNECTED_WITHIN_MS)
    for (let round = 0; round < 3; round++) await group.everybodyPosts()

    expect(group.repeated).toEqual([])
    const { connections } = await one.ask('/connections', 'Connections')
    const toRelay = (connections as { address: string }[]).filter(
      ({ address }) => !address.includes('p2p-circuit')
    )
    expect(toRelay).toHaveLength(1)
    expect(toRelay[0]?.address).toContain(`/tcp/${WEB}/ws`)
    // Nothing but that came out of the network.
    const left = (await capture.stop()).filter(({ source }) => source === blocked[0].nat.publicAddress)
    expect(left.length).toBeGreaterThan(0)
    for (const packet of left)
      expect(packet).toMatchObject({
        protocol: 'tcp',
        destination: relay.host.address,
        destinationPort: WEB
      })
  }
)

test.skipIf(whyNoTurn !== undefined)(
  'two members behind symmetric NATs connect through a TURN server when they are given one',
  { timeout: 60_000 },
  async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    await using relay = await LabRelay.start(await lab.publicHost())
    const turnHost = await lab.publicHost()
    await using turn = await TurnServer.start(turnHost)
    const [one, other] = [await lab.hostBehind('symmetric'), await lab.hostBehind('symmetric')]
    await using capture = await one.nat.captureWan()

    const group = new LabGroup({ endpoints: [relay.address], iceServers: turn.iceServers })
    await group.join('symmetric 1', one.host)
    await group.join('symmetric 2', other.host)
    await group.untilPaths(() => 'turn', CONNECTED_WITHIN_MS)
    await group.everybodyPosts()
    expect(group.repeated).toEqual([])
    const fromTurn = (await capture.stop()).filter(
      ({ protocol, source }) => protocol === 'udp' && source === turnHost.address
    )
    expect(fromTurn.length).toBeGreaterThan(0)
    expect(turn.log).toMatch(/ALLOCATE processed, success/)
  }
)
