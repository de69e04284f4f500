import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import {
  fittingLanAddresses,
  isLanAddress,
  reachableLanAddresses
} from '../../../src/discovery/lan-addresses.ts'

const ID = '12D3KooWDpp7U7W9Q8feMZPPEpPP5FKXTUakLgnVLbavfjb9mzrT'
const all = (...texts: string[]) => texts.map(text => multiaddr(text))
const text = (addresses: { toString(): string }[]) => addresses.map(String)

describe('isLanAddress()', () => {
  it.each([
    '/ip4/192.168.1.5/tcp/1',
    '/ip4/10.0.0.1/tcp/1/ws',
    '/ip4/127.0.0.1/tcp/1',
    '/ip6/fd00::2/tcp/1',
    '/ip6/::1/tcp/1'
  ])('takes %s', address => {
    expect(isLanAddress(multiaddr(address))).toBe(true)
  })

  it.each([
    ['a public address', '/ip4/5.9.9.1/tcp/1'],
    ['a name', '/dns4/example.com/tcp/1'],
    ['a name that looks local', '/dns4/localhost/tcp/1'],
    ['a relayed address', `/ip4/192.168.1.5/tcp/1/p2p/${ID}/p2p-circuit`],
    ['an IPv6 link-local address, which lacks its interface', '/ip6/fe80::1/tcp/1']
  ])('leaves out %s', (_, address) => {
    expect(isLanAddress(multiaddr(address))).toBe(false)
  })
})

describe('fittingLanAddresses()', () => {
  it('puts loopback last and leaves out what does not fit', () => {
    const addresses = all(
      '/ip4/127.0.0.1/tcp/1',
      '/ip4/192.168.1.5/tcp/1/ws',
      '/ip4/192.168.1.5/tcp/1',
      '/ip4/5.9.9.1/tcp/1'
    )
    const bytesOf = (address: { toString(): string }) => address.toString().length
    expect(text(fittingLanAddresses(addresses, 1000, bytesOf))).toEqual([
      '/ip4/192.168.1.5/tcp/1',
      '/ip4/192.168.1.5/tcp/1/ws',
      '/ip4/127.0.0.1/tcp/1'
    ])
    expect(text(fittingLanAddresses(addresses, 50, bytesOf))).toEqual([
      '/ip4/192.168.1.5/tcp/1',
      '/ip4/192.168.1.5/tcp/1/ws'
    ])
  })
})

describe('reachableLanAddresses()', () => {
  const loopback = '/ip4/127.0.0.1/tcp/5'

  it('drops the loopback addresses of a peer on another host, which would lead to this one', () => {
    const theirs = all(loopback, '/ip4/192.168.1.6/tcp/5')
    expect(text(reachableLanAddresses(theirs, all('/ip4/192.168.1.5/tcp/1')))).toEqual([
      '/ip4/192.168.1.6/tcp/5'
    ])
  })

  it('keeps them when the peer has one of our addresses, on whatever port', () => {
    const theirs = all(loopback, '/ip4/192.168.1.5/tcp/5')
    expect(reachableLanAddresses(theirs, all('/ip4/192.168.1.5/tcp/1'))).toHaveLength(2)
  })

  it('keeps them when it has no others', () => {
    expect(reachableLanAddresses(all(loopback), all('/ip4/192.168.1.5/tcp/1'))).toHaveLength(1)
  })

  it('keeps them when we have no others', () => {
    expect(
      reachableLanAddresses(all(loopback, '/ip4/192.168.1.6/tcp/5'), all('/ip4/127.0.0.1/tcp/1'))
    ).toHaveLength(2)
  })

  it('drops public and relayed addresses, whatever the packet says', () => {
    const theirs = all('/ip4/5.9.9.1/tcp/1', `/ip4/192.168.1.6/tcp/1/p2p/${ID}/p2p-circuit`)
    expect(reachableLanAddresses(theirs, [])).toEqual([])
  })
})
