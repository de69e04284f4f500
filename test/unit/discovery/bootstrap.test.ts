import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import { bootstrapDiscovery } from '../../../src/discovery/bootstrap.ts'
import type { DiscoveredPeer } from '../../../src/net/discovery.ts'

describe('bootstrapDiscovery()', () => {
  it('tells each peer once with all its addresses, and leaves out ourselves and what names no peer', async () => {
    const [own, a, b] = await Promise.all(
      [1, 2, 3].map(async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519')))
    )
    if (own === undefined || a === undefined || b === undefined) throw new Error('three peers')
    const told: DiscoveredPeer[] = []
    const peers = [
      `/ip4/192.168.1.6/tcp/1/p2p/${a}`,
      `/ip4/192.168.1.7/tcp/1/p2p/${own}`,
      `/ip4/192.168.1.8/tcp/1/p2p/${own}/p2p-circuit/p2p/${b}`,
      `/ip4/192.168.1.6/tcp/2/ws/p2p/${a}`,
      '/ip4/192.168.1.9/tcp/1',
      'nonsense'
    ]
    const libp2p = { peerId: own, logger: defaultLogger() }
    await bootstrapDiscovery({ libp2p, peers, onPeer: peer => told.push(peer) }).start()
    expect(told.map(({ peerID, multiaddrs, source }) => [String(peerID), multiaddrs.length, source])).toEqual(
      [
        [String(a), 2, 'bootstrap'],
        [String(b), 1, 'bootstrap']
      ]
    )
  })
})
