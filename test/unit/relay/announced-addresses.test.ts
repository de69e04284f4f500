import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { AnnouncedAddresses } from '../../../src/relay/announced-addresses.ts'

const ID = '12D3KooWDpp7U7W9Q8feMZPPEpPP5FKXTUakLgnVLbavfjb9mzrT'

/** What is announced when the transports listen on these addresses and libp2p, which trusts no public one yet, says `given`. */
function announced(listening: string[], given: string[] = []): string[] {
  const node = new EventTarget()
  const addresses = new AnnouncedAddresses()
  addresses.follow(node as unknown as Libp2p)
  const listener = { getAddrs: () => listening.map(text => multiaddr(text)) }
  node.dispatchEvent(new CustomEvent('transport:listening', { detail: listener }))
  return addresses
    .complete(
      given.map(text => multiaddr(text)),
      ID
    )
    .map(String)
}

describe('AnnouncedAddresses', () => {
  it('announces a public address on which the relay listens, which libp2p does not until it is verified', () => {
    expect(announced(['/ip4/5.9.9.1/tcp/4001'])).toEqual([`/ip4/5.9.9.1/tcp/4001/p2p/${ID}`])
  })

  it('announces each address once', () => {
    expect(announced(['/ip4/192.168.1.5/tcp/1'], [`/ip4/192.168.1.5/tcp/1/p2p/${ID}`])).toHaveLength(1)
  })

  it('leaves out loopback unless there is nothing else, and link-local addresses', () => {
    const loopback = '/ip4/127.0.0.1/tcp/1'
    expect(announced([loopback, '/ip6/fe80::1/tcp/1', '/ip4/5.9.9.1/tcp/1'])).toEqual([
      `/ip4/5.9.9.1/tcp/1/p2p/${ID}`
    ])
    expect(announced([loopback])).toEqual([`${loopback}/p2p/${ID}`])
  })
})
