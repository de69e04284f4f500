import { afterEach, describe, expect, test } from 'vitest'
import { killCliProcesses } from '../support/cli-process.ts'
import type { Host } from '../support/lab/host.ts'
import { Lab } from '../support/lab/lab.ts'
import { bestPath, LabGroup } from '../support/lab/lab-group.ts'
import { LabRelay } from '../support/lab/lab-relay.ts'
import type { Packet } from '../support/lab/packet.ts'
import { whyNoLab } from '../support/lab/why-no-lab.ts'

const CONNECTED_WITHIN_MS = 15_000

/** An address on the internet where nobody is. */
const STRANGER = '5.9.200.200'

/** Who routers that map ports (UPnP) are asked by, on the link only. */
const SSDP = { address: '239.255.255.250', port: 1900 }

const why = await whyNoLab('tcpdump')
if (why !== undefined) console.log(`test/lab/privacy.test.ts is skipped: ${why}`)

afterEach(killCliProcesses)

describe.skipIf(why !== undefined)('what a member sends, by packet captures', () => {
  test("with 'lan:' nothing leaves the link, and nobody on it is asked but everybody", {
    timeout: 60_000
  }, async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    // There is a way out.
    const nat = await lab.nat('port-restricted')
    const hosts = [await lab.host(nat), await lab.host(nat)] as const
    await using outside = await nat.captureWan()
    await using inside = await nat.captureLan()
    const [first] = await Promise.all(hosts.map(host => host.capture()))

    const group = new LabGroup({ endpoints: ['lan:'] })
    const members = [await group.join('one', hosts[0]), await group.join('other', hosts[1])]
    await group.untilPaths(() => 'direct', CONNECTED_WITHIN_MS)
    await group.everybodyPosts()
    for (const member of members) await group.leave(member)

    expect((await outside.stop()).filter(isSent).map(line)).toEqual([])
    const seen = [...(await inside.stop()), ...((await first?.stop()) ?? [])].filter(isSent)
    expect(seen.length).toBeGreaterThan(0)
    const local = new Set<string>(hosts.map(({ address }) => address))
    expect(
      seen.filter(({ destination }) => !local.has(destination) && !isMulticast(destination)).map(line)
    ).toEqual([])
    // No DNS, no SSDP: what is sent to everybody on the link is mDNS, and the system's own.
    const told = seen.filter(({ protocol, destination }) => protocol === 'udp' && isMulticast(destination))
    expect(told.filter(({ destinationPort }) => destinationPort !== 5353).map(line)).toEqual([])
  })

  test('with a relay nobody is contacted but that relay and the members it leads to', {
    timeout: 90_000
  }, async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    await using relay = await LabRelay.start(await lab.publicHost())
    const restricted = [
      await lab.hostBehind('port-restricted'),
      await lab.hostBehind('port-restricted')
    ] as const
    const symmetric = await lab.hostBehind('symmetric')
    const publicHost = await lab.publicHost()
    const captures = await Promise.all([
      ...[...restricted, symmetric].map(({ nat }) => nat.captureWan()),
      publicHost.capture()
    ])

    const group = new LabGroup({ endpoints: [relay.address] })
    const hosts: Host[] = [...restricted.map(({ host }) => host), symmetric.host, publicHost]
    const members = await Promise.all(hosts.map((host, at) => group.join(`member ${at + 1}`, host)))
    await group.untilPaths(bestPath, CONNECTED_WITHIN_MS)
    await group.everybodyPosts()
    for (const member of members) await group.leave(member)

    // ICE (RFC 8445) also asks at the addresses that the members have in their own networks, as they tell each other: where there is no such host, the first router says so.
    const own = hosts.map(({ address }) => address)
    const known = new Set([...[relay.host, ...hosts].map(({ publicAddress }) => publicAddress), ...own])
    for (const [at, capture] of captures.entries()) {
      const packets = await capture.stop()
      const strange = packets.filter(packet => isStrange(packet, known))
      // The public host's own link is not behind a NAT: it may ask there for a router that maps ports.
      const isOnLink = at === captures.length - 1
      expect(strange.filter(packet => !(isOnLink && isSsdp(packet))).map(line)).toEqual([])
      expect(packets.some(({ destination }) => destination === relay.host.address)).toBe(true)
    }
  })

  test('and the captures would show it: a STUN server that is given is asked', {
    timeout: 90_000
  }, async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    await using relay = await LabRelay.start(await lab.publicHost())
    const [one, other] = [await lab.hostBehind('port-restricted'), await lab.hostBehind('port-restricted')]
    await using capture = await one.nat.captureWan()
    const group = new LabGroup({
      endpoints: [relay.address],
      iceServers: [{ urls: `stun:${STRANGER}:3478` }]
    })
    await Promise.all([group.join('one', one.host), group.join('other', other.host)])
    await group.untilPaths(() => 'any', CONNECTED_WITHIN_MS)
    await expect
      .poll(() => capture.packets.filter(({ destination }) => destination === STRANGER).length, {
        timeout: CONNECTED_WITHIN_MS
      })
      .toBeGreaterThan(0)
  })
})

/** What the systems themselves say on a link: ARP, IGMP, and IPv6's neighbor and router discovery. It goes nowhere. */
function isOfLink({ protocol, source, destination }: Packet): boolean {
  if (protocol === 'arp' || protocol === 'igmp') return true
  return protocol === 'icmp' && (source.startsWith('fe80:') || source === '::') && isMulticast(destination)
}

function isStrange(packet: Packet, known: ReadonlySet<string>): boolean {
  const isRefusal = packet.protocol === 'icmp' && known.has(packet.destination)
  return !isOfLink(packet) && !isRefusal && !(known.has(packet.source) && known.has(packet.destination))
}

function isSent(packet: Packet): boolean {
  return !isOfLink(packet)
}

function isSsdp({ destination, destinationPort }: Packet): boolean {
  return destination === SSDP.address && destinationPort === SSDP.port
}

function isMulticast(address: string): boolean {
  return /^(22[4-9]|23\d)\./.test(address) || address.startsWith('ff')
}

function line({ line }: Packet): string {
  return line
}
