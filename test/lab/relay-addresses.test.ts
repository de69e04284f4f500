import { afterEach, describe, expect, test } from 'vitest'
import { killCliProcesses } from '../support/cli-process.ts'
import { Lab } from '../support/lab/lab.ts'
import { bestPath, LabGroup } from '../support/lab/lab-group.ts'
import { LabRelay } from '../support/lab/lab-relay.ts'
import { whyNoLab } from '../support/lab/why-no-lab.ts'

/** `connectTimeoutMs`, and nothing beyond. */
const CONNECTED_WITHIN_MS = 10_000
const SETTLED_WITHIN_MS = 15_000

const why = await whyNoLab()
if (why !== undefined) console.log(`test/lab/relay-addresses.test.ts is skipped: ${why}`)

afterEach(killCliProcesses)

describe.skipIf(why !== undefined)('a member starts', () => {
  test('with an IPv6 address of a relay beside the IPv4 one on a host without IPv6, or one with nothing but its own link', {
    timeout: 60_000
  }, async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    await using relay = await LabRelay.start(await lab.publicHost())
    const ipv6 = relay.address.replace(/^\/ip4\/[^/]+/, '/ip6/2a01:4f8:9::1')
    expect(ipv6).not.toBe(relay.address)
    const without = (await lab.hostBehind('port-restricted')).host
    await without.namespace.set('net/ipv6/conf/all/disable_ipv6', '1')
    const group = new LabGroup({ endpoints: [ipv6, relay.address] })
    await group.join('without IPv6', without)
    const linkOnly = await group.join('link only', (await lab.hostBehind('symmetric')).host)
    await group.untilPaths(bestPath, SETTLED_WITHIN_MS)
    await group.everybodyPosts()
    const { relays } = await linkOnly.ask('/relays', 'Relays')
    // Two addresses of one relay.
    expect(relays).toMatchObject([{ state: 'connected' }])
  })

  test('with one relay of two down, and with one that no packet comes back from', {
    timeout: 60_000
  }, async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    await using relay = await LabRelay.start(await lab.publicHost())
    await using dead = await LabRelay.start(await lab.publicHost())
    await using silent = await LabRelay.start(await lab.publicHost())
    await dead.kill()
    await silent.host.block({})
    const group = new LabGroup({ endpoints: [dead.address, silent.address, relay.address] })
    const startedAt = performance.now()
    const one = await group.join('one', (await lab.hostBehind('symmetric')).host)
    expect(performance.now() - startedAt).toBeLessThan(CONNECTED_WITHIN_MS)
    await group.join('other', (await lab.hostBehind('symmetric')).host)
    await group.untilPaths(bestPath, SETTLED_WITHIN_MS)
    await group.everybodyPosts()
    const { relays } = await one.ask('/relays', 'Relays')
    const states = new Map(
      (relays as { address: string; state: string }[]).map(({ address, state }) => [address, state])
    )
    expect(states.get(relay.address)).toBe('connected')
    expect(states.get(dead.address)).not.toBe('connected')
    expect(states.get(silent.address)).not.toBe('connected')
  })
})
