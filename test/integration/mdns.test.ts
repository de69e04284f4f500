import '../../src/platform/polyfill.ts'
import { randomBytes } from '@libp2p/crypto'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { toString as textOf } from 'uint8arrays/to-string'
import { afterEach, describe, expect, it } from 'vitest'
import { mdnsDiscovery } from '../../src/discovery/mdns.ts'
import type { DiscoveredPeer } from '../../src/net/discovery.ts'
import { until } from '../support/until.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map(cleanup => cleanup()))
})

/** A service name that no other run of these tests on this link has. */
function newService(): string {
  return `_ng-${textOf(randomBytes(7), 'base32')}._udp.local`
}

async function startLooking(service: string, intervalMs = 10_000) {
  const peerId: PeerId = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  const address = multiaddr(`/ip4/127.0.0.1/tcp/4001/p2p/${peerId.toString()}`)
  const told: DiscoveredPeer[] = []
  const libp2p = { peerId, logger: defaultLogger(), getMultiaddrs: () => [address] }
  const discovery = mdnsDiscovery({ libp2p, service, intervalMs, onPeer: peer => told.push(peer) })
  cleanups.push(() => discovery.stop())
  await discovery.start()
  return {
    peerId,
    address,
    told,
    discovery,
    knows: (other: PeerId) => told.some(({ peerID }) => peerID.equals(other))
  }
}

describe('mdnsDiscovery(), over real multicast', () => {
  it('lets members of one group find each other, and nobody of another', async () => {
    const [group, another] = [newService(), newService()]
    const stranger = await startLooking(another)
    const first = await startLooking(group)
    const second = await startLooking(group)
    await until(
      'both members know each other',
      () => first.knows(second.peerId) && second.knows(first.peerId)
    )
    expect(first.told[0]).toEqual({ peerID: second.peerId, multiaddrs: [second.address], source: 'mdns' })
    const later = await startLooking(another)
    await until(
      'the strangers know each other',
      () => stranger.knows(later.peerId) && later.knows(stranger.peerId)
    )
    for (const one of [first, second])
      for (const other of [stranger, later]) {
        expect(one.knows(other.peerId)).toBe(false)
        expect(other.knows(one.peerId)).toBe(false)
      }
  })

  it('tells a peer once though it answers every query of everybody', async () => {
    const service = newService()
    const first = await startLooking(service, 50)
    await startLooking(service, 50)
    await until('the other is told', () => first.told.length > 0)
    // Each newcomer's first query is answered by all: when it knows both, a whole round has passed since.
    const members = [await startLooking(service, 50), await startLooking(service, 50)]
    for (const member of members) await until('a newcomer knows everybody', () => member.told.length === 3)
    await until('the first knows everybody', () => first.told.length >= 3)
    expect(first.told).toHaveLength(3)
    expect(new Set(first.told.map(({ peerID }) => peerID.toString())).size).toBe(3)
  })

  it('is found no more after stop(), and can be started again', async () => {
    const service = newService()
    const first = await startLooking(service)
    await first.discovery.stop()
    await first.discovery.stop()
    const second = await startLooking(service)
    const third = await startLooking(service)
    await until('the others know each other', () => second.knows(third.peerId) && third.knows(second.peerId))
    expect(second.knows(first.peerId)).toBe(false)
    expect(first.told).toEqual([])
    await first.discovery.start()
    await until('all know each other', () => second.knows(first.peerId) && first.told.length === 2)
  })
})
