import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import type { DiscoveredPeer } from '../../../src/net/discovery.ts'
import { type DialSurroundings, isLanAddress, mayDial } from '../../../src/platform/address-policy.ts'

const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const OTHER = '12D3KooWGC6TvWhfajpgX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
const SOURCES: DiscoveredPeer['source'][] = ['mdns', 'rendezvous', 'bootstrap', 'hint']

/** This host is in 192.168.1.0/24, 198.51.100.0/24 (a public range on its link) and fd00:1::/32. */
const isOnLocalLink = (ip: string): boolean =>
  ip.startsWith('192.168.1.') || ip.startsWith('198.51.100.') || ip.startsWith('fd00:1:')

/** From whom the address may be dialed, as letters: m(dns) r(endezvous) b(ootstrap) h(int). */
function allowed(address: string, around: Partial<DialSurroundings> = {}): string {
  return SOURCES.filter(source =>
    mayDial(multiaddr(address), source, { lanOnly: false, relays: [], ...around }, isOnLocalLink)
  )
    .map(([letter]) => letter)
    .join('')
}

describe('The address policy', () => {
  it.each([
    // Nobody's addresses.
    ['/ip4/0.0.0.0/tcp/1', '', ''],
    ['/ip4/224.0.0.251/udp/5353', '', ''],
    ['/ip4/239.255.255.250/tcp/1', '', ''],
    ['/ip4/255.255.255.255/tcp/1', '', ''],
    ['/ip6/::/tcp/1', '', ''],
    ['/ip6/ff02::fb/tcp/1', '', ''],
    // This host.
    ['/ip4/127.0.0.1/tcp/22', 'mbh', 'mbh'],
    ['/ip4/127.8.8.8/tcp/22', 'mbh', 'mbh'],
    ['/ip6/::1/tcp/22', 'mbh', 'mbh'],
    // Link-local.
    ['/ip4/169.254.169.254/tcp/80', 'm', 'm'],
    ['/ip6/fe80::1/tcp/1', 'm', 'm'],
    ['/ip6zone/eth0/ip6/fe80::1/tcp/1', 'm', 'm'],
    // Private.
    ['/ip4/192.168.1.7/tcp/1', 'mrbh', 'mrbh'],
    ['/ip4/192.168.2.7/tcp/1', 'bh', ''],
    ['/ip4/10.0.0.1/tcp/1', 'bh', ''],
    ['/ip4/172.16.0.1/tcp/1', 'bh', ''],
    ['/ip6/fd00:1::7/tcp/1', 'mrbh', 'mrbh'],
    ['/ip6/fd00:2::7/tcp/1', 'bh', ''],
    // Public.
    ['/ip4/8.8.8.8/tcp/1', 'mrbh', ''],
    ['/ip4/198.51.100.7/tcp/1', 'mrbh', 'mrbh'],
    ['/ip6/2606:4700::1111/tcp/1', 'mrbh', ''],
    ['/ip4/8.8.8.8/udp/1/webrtc-direct', 'mrbh', ''],
    ['/dns4/example.org/tcp/443/tls/ws', 'mrbh', ''],
    // An IPv4 address in IPv6 clothes.
    ['/ip6/::ffff:127.0.0.1/tcp/22', 'mbh', 'mbh'],
    ['/ip6/::ffff:169.254.169.254/tcp/80', 'm', 'm'],
    ['/ip6/::ffff:10.0.0.1/tcp/1', 'bh', ''],
    ['/ip6/::ffff:8.8.8.8/tcp/1', 'mrbh', ''],
    ['/ip6/::ffff:224.0.0.1/tcp/1', '', ''],
    ['/ip6/::ffff:0.0.0.0/tcp/1', '', '']
  ])('lets %s be dialed when it comes from "%s", on the LAN only from "%s"', (address, anywhere, onLan) => {
    expect(allowed(address)).toBe(anywhere)
    expect(allowed(address, { lanOnly: true })).toBe(onLan)
  })

  it('lets loopback be dialed whoever told it, when a relay in use is on this host', () => {
    const relays = [multiaddr(`/ip4/127.0.0.1/tcp/4001/p2p/${PEER}`)]
    expect(allowed('/ip4/127.0.0.1/tcp/1', { relays })).toBe('mrbh')
    expect(allowed('/ip4/127.0.0.1/tcp/1', { relays: [multiaddr('/ip4/8.8.8.8/tcp/1')] })).toBe('mbh')
  })

  it('lets a circuit be dialed where its relay may be', () => {
    const circuit = (relay: string): string => `${relay}/p2p/${PEER}/p2p-circuit/p2p/${PEER}`
    expect(allowed(circuit('/ip4/8.8.8.8/tcp/1'))).toBe('mrbh')
    expect(allowed(circuit('/dns4/example.org/tcp/1'))).toBe('bh')
    expect(allowed(circuit('/dns4/example.org/tcp/443/tls/ws'))).toBe('mrbh')
    expect(allowed(circuit('/ip4/127.0.0.1/tcp/22'))).toBe('mbh')
    expect(allowed(circuit('/ip4/169.254.169.254/tcp/80'))).toBe('m')
    expect(allowed(circuit('/ip4/10.0.0.1/tcp/25'))).toBe('bh')
    expect(allowed(circuit('/ip4/255.255.255.255/tcp/25'))).toBe('')
  })

  it('lets a circuit at a relay in use be dialed, whatever its address', () => {
    const relays = [multiaddr(`/dns4/relay.lan/tcp/4001/p2p/${PEER}`)]
    const circuit = `/ip4/10.0.0.1/tcp/4001/p2p/${PEER}/p2p-circuit/p2p/${OTHER}`
    expect(allowed(circuit, { relays })).toBe('mrbh')
    expect(allowed(circuit.replace(PEER, OTHER), { relays })).toBe('bh')
    expect(allowed(`/ip4/10.0.0.1/tcp/4001/p2p/${PEER}`, { relays })).toBe('bh')
  })

  it('lets no circuit be dialed on the LAN only', () => {
    expect(allowed(`/ip4/192.168.1.7/tcp/1/p2p/${PEER}/p2p-circuit`, { lanOnly: true })).toBe('')
  })

  it('knows the addresses of a node that keeps to its links', () => {
    const isLan = (address: string): boolean => isLanAddress(multiaddr(address), isOnLocalLink)
    expect(isLan('/ip4/192.168.1.7/tcp/1')).toBe(true)
    expect(isLan('/ip4/127.0.0.1/tcp/1')).toBe(true)
    expect(isLan('/ip4/8.8.8.8/tcp/1')).toBe(false)
    expect(isLan('/dns4/example.org/tcp/1')).toBe(false)
  })
})
