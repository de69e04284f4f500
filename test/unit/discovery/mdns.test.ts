import { generateKeyPair } from '@libp2p/crypto/keys'
import type { ComponentLogger, PeerId } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import type { mdns } from '@libp2p/mdns'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { mdnsDiscovery, RETELL_AFTER_MS } from '../../../src/discovery/mdns.ts'
import type { Clock } from '../../../src/net/clock.ts'
import type { DiscoveredPeer } from '../../../src/net/discovery.ts'

async function newPeer(): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

class ManualClock implements Clock {
  nowMs = 0
  readonly #timers = new Set<{ atMs: number; callback: () => void }>()

  now(): number {
    return this.nowMs
  }

  setTimer(callback: () => void, afterMs: number) {
    const timer = { atMs: this.nowMs + afterMs, callback }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  advance(ms: number): void {
    this.nowMs += ms
    for (const timer of [...this.#timers])
      if (timer.atMs <= this.nowMs && this.#timers.delete(timer)) timer.callback()
  }
}

/** An mDNS discovery with the network replaced: `answer` is a packet, `query` asks what we would answer. */
async function bench(own: string[] = ['/ip4/192.168.1.5/tcp/1']) {
  const peerId = await newPeer()
  const clock = new ManualClock()
  const told: DiscoveredPeer[] = []
  const errors: string[] = []
  const target = new EventTarget()
  let answerable: () => Multiaddr[] = () => []
  const create = (() => (components: { addressManager: { getAddresses(): Multiaddr[] } }) => {
    answerable = () => components.addressManager.getAddresses()
    return target
  }) as unknown as typeof mdns
  const quiet = defaultLogger()
  const logger: ComponentLogger = {
    forComponent: name =>
      Object.assign(quiet.forComponent(name), { error: (text: string) => errors.push(text) })
  }
  const libp2p = {
    peerId,
    logger,
    getMultiaddrs: () => own.map(a => multiaddr(`${a}/p2p/${peerId.toString()}`))
  }
  const discovery = mdnsDiscovery({
    libp2p,
    service: '_ng-x._udp.local',
    onPeer: p => told.push(p),
    clock,
    create
  })
  await discovery.start()
  const answer = (id: PeerId, ...addresses: string[]): boolean =>
    target.dispatchEvent(
      new CustomEvent('peer', { detail: { id, multiaddrs: addresses.map(a => multiaddr(a)) } })
    )
  return { discovery, peerId, clock, told, errors, answer, query: () => answerable().map(String) }
}

describe('mdnsDiscovery()', () => {
  it('tells a peer once, however often it answers, and again after a while', async () => {
    const { told, answer, clock } = await bench()
    const peer = await newPeer()
    for (let i = 0; i < 5; i++) {
      answer(peer, '/ip4/192.168.1.6/tcp/1')
      clock.advance(1_000)
    }
    expect(told).toHaveLength(1)
    clock.advance(RETELL_AFTER_MS)
    answer(peer, '/ip4/192.168.1.6/tcp/1')
    expect(told).toHaveLength(2)
  })

  it('tells it at once when its addresses change', async () => {
    const { told, answer } = await bench()
    const peer = await newPeer()
    answer(peer, '/ip4/192.168.1.6/tcp/1')
    answer(peer, '/ip4/192.168.1.7/tcp/1')
    expect(told.map(({ multiaddrs }) => multiaddrs.map(String))).toEqual([
      [`/ip4/192.168.1.6/tcp/1/p2p/${peer.toString()}`],
      [`/ip4/192.168.1.7/tcp/1/p2p/${peer.toString()}`]
    ])
  })

  it('never tells ourselves, nor a peer with public addresses only', async () => {
    const { told, answer, peerId } = await bench()
    answer(peerId, '/ip4/192.168.1.6/tcp/1')
    answer(await newPeer(), '/ip4/5.9.9.1/tcp/1')
    expect(told).toEqual([])
  })

  it('answers with what serves on the LAN, and never more than a packet holds', async () => {
    const many = Array.from({ length: 40 }, (_, i) => `/ip4/192.168.1.${i + 1}/tcp/40000`)
    const { query } = await bench(['/ip4/127.0.0.1/tcp/1', '/ip4/5.9.9.1/tcp/1', ...many])
    const answered = query()
    expect(answered.length).toBeGreaterThan(5)
    expect(answered.join().length).toBeLessThan(1_350)
    expect(answered.every(address => address.startsWith('/ip4/192.168.1.'))).toBe(true)
  })

  it('says so when our own multicast does not come back, and keeps quiet when it does', async () => {
    const mute = await bench()
    mute.clock.advance(3_000)
    expect(mute.errors[0]).toContain('224.0.0.251')
    const heard = await bench()
    heard.query()
    heard.clock.advance(3_000)
    expect(heard.errors).toEqual([])
  })

  it('tells nothing after stop()', async () => {
    const { told, answer, discovery, errors, clock } = await bench()
    await discovery.stop()
    answer(await newPeer(), '/ip4/192.168.1.6/tcp/1')
    clock.advance(10_000)
    expect(told).toEqual([])
    expect(errors).toEqual([])
  })
})
