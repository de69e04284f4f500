import '../../src/platform/polyfill.ts'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { FaultTolerance, type Libp2p, type PrivateKey } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webRTCDirect } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, it } from 'vitest'
import { isNetGroupError } from '../../src/core/errors.ts'
import { rendezvousDiscovery } from '../../src/discovery/rendezvous.ts'
import type { DiscoveredPeer } from '../../src/net/discovery.ts'
import { type RelayOptions, RelayServer } from '../../src/relay.ts'
import { until } from '../support/until.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function startRelay(options: RelayOptions = {}): Promise<RelayServer> {
  const relay = await RelayServer.start({
    listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'],
    ...options
  })
  cleanups.push(() => relay.close())
  return relay
}

/** A node that can be reached through relays only, behind the relay that is given. */
async function startClient(relay?: RelayServer): Promise<{ libp2p: Libp2p; privateKey: PrivateKey }> {
  const privateKey = await generateKeyPair('Ed25519')
  const listen = relay === undefined ? [] : [`${addressOf(relay)}/p2p-circuit`]
  const libp2p = await createLibp2p({
    privateKey,
    addresses: { listen },
    transports: [tcp(), webSockets(), circuitRelayTransport()],
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping() }
  })
  cleanups.push(async () => libp2p.stop())
  return { libp2p, privateKey }
}

function addressOf(relay: RelayServer, kind: 'tcp' | 'ws' = 'tcp'): string {
  const address = relay.multiaddrs.find(text => text.includes('/ws') === (kind === 'ws'))
  if (address === undefined) throw new Error(`no ${kind} address`)
  return address
}

function circuitTo(client: { libp2p: Libp2p }): ReturnType<typeof multiaddr> {
  const address = client.libp2p.getMultiaddrs()[0]
  if (address === undefined) throw new Error('no reservation')
  return address
}

describe('RelayServer', () => {
  it('listens on TCP and WebSocket, and says where, with its identity', async () => {
    const identity = await generateKeyPair('Ed25519')
    const relay = await startRelay({ identity })
    expect(relay.multiaddrs).toHaveLength(2)
    for (const kind of ['tcp', 'ws'] as const) {
      const { libp2p } = await startClient()
      const connection = await libp2p.dial(multiaddr(addressOf(relay, kind)))
      expect(connection.remotePeer.publicKey?.equals(identity.publicKey)).toBe(true)
    }
    expect(relay.url).toBeUndefined()
  })

  it('announces the addresses of its interfaces when it listens on all of them', async () => {
    const relay = await startRelay({ listen: ['/ip4/0.0.0.0/tcp/0'] })
    expect(relay.multiaddrs.length).toBeGreaterThan(0)
    expect(relay.multiaddrs.some(address => address.includes('/0.0.0.0/'))).toBe(false)
  })

  it('announces what it is told to instead of where it listens', async () => {
    const relay = await startRelay({ announce: ['/dns4/relay.example/tcp/443/wss'] })
    expect(relay.multiaddrs).toHaveLength(1)
    expect(relay.multiaddrs[0]).toMatch(/^\/dns4\/relay\.example\/tcp\/443\/.*wss\/p2p\//)
  })

  it('lets members that can be reached only through it find each other and connect', async () => {
    const relay = await startRelay()
    const told: DiscoveredPeer[][] = []
    const clients = [await startClient(relay), await startClient(relay), await startClient(relay)]
    for (const [i, client] of clients.entries()) {
      const heard: DiscoveredPeer[] = []
      told[i] = heard
      const discovery = rendezvousDiscovery({
        ...client,
        relay: multiaddr(addressOf(relay)),
        namespace: 'group',
        onPeer: peer => heard.push(peer),
        minPollMs: 50,
        maxPollMs: 200
      })
      cleanups.push(() => discovery.stop())
      await discovery.start()
    }
    await until('each has heard of both others', () =>
      told.every(heard => new Set(heard.map(({ peerID }) => peerID.toString())).size === 2)
    )
    const [first] = clients
    for (const { multiaddrs } of told[0] ?? []) {
      const connection = await first?.libp2p.dial(multiaddrs)
      expect(connection?.remoteAddr.toString()).toContain('/p2p-circuit')
      expect(connection?.limits?.bytes).toBeGreaterThan(1n << 27n)
    }
    expect(relay.stats).toEqual({ connections: 3, reservations: 3, circuits: 2, registrations: 3 })
  })

  it('carries far more than the 128 KiB of a stock relay', async () => {
    const relay = await startRelay()
    const [a, b] = [await startClient(), await startClient(relay)]
    let received = 0
    const options = { runOnLimitedConnection: true }
    const count = (event: { data: { byteLength: number } }): void => {
      received += event.data.byteLength
    }
    await b.libp2p.handle('/test/1', stream => stream.addEventListener('message', count), options)
    const stream = await a.libp2p.dialProtocol(circuitTo(b), '/test/1', options)
    for (let i = 0; i < 32; i++) stream.send(new Uint8Array(65_536))
    await until('2 MiB are through', () => received === 32 * 65_536)
  })

  it('ends a circuit at its limit of bytes', async () => {
    const relay = await startRelay({ limits: { circuitBytes: 100_000 } })
    const [a, b] = [await startClient(), await startClient(relay)]
    const options = { runOnLimitedConnection: true }
    await b.libp2p.handle('/test/1', stream => stream.addEventListener('message', () => {}), options)
    const stream = await a.libp2p.dialProtocol(circuitTo(b), '/test/1', options)
    for (let i = 0; i < 4; i++) stream.send(new Uint8Array(65_536))
    await until('the stream is over', () => stream.status !== 'open')
    await until('the circuit is over', () => relay.stats.circuits === 0)
  })

  it('refuses reservations over its limit', async () => {
    const relay = await startRelay({ limits: { maxReservations: 1 } })
    expect((await startClient(relay)).libp2p.getMultiaddrs()).not.toHaveLength(0)
    expect((await startClient(relay)).libp2p.getMultiaddrs()).toHaveLength(0)
    expect(relay.stats.reservations).toBe(1)
  })

  it('refuses circuits over the limit of one peer, as source and as destination', async () => {
    const relay = await startRelay({ limits: { maxCircuitsPerPeer: 1 } })
    const [hub, other] = [await startClient(relay), await startClient(relay)]
    const [a, b] = [await startClient(), await startClient()]
    await a.libp2p.dial(circuitTo(hub))
    await expect(b.libp2p.dial(circuitTo(hub))).rejects.toThrow()
    await expect(a.libp2p.dial(circuitTo(other))).rejects.toThrow()
    await b.libp2p.dial(circuitTo(other))
    expect(relay.stats.circuits).toBe(2)
  })

  it('asks allow() for each action, and takes a failure of it as a no', async () => {
    const asked = new Set<string>()
    const forbidden = new Set<string>()
    const relay = await startRelay({
      allow: (peerID, action) => {
        asked.add(`${action} ${peerID}`)
        if (forbidden.has(action)) throw new Error('no')
        return true
      }
    })
    const [a, b] = [await startClient(), await startClient(relay)]
    await a.libp2p.dial(circuitTo(b))
    expect([...asked].sort()).toEqual([`connect ${a.libp2p.peerId}`, `reserve ${b.libp2p.peerId}`])
    forbidden.add('reserve').add('connect')
    expect((await startClient(relay)).libp2p.getMultiaddrs()).toEqual([])
    const c = await startClient()
    await expect(c.libp2p.dial(circuitTo(b))).rejects.toThrow()
  })

  it('takes more than five connections per second from one address', async () => {
    const relay = await startRelay()
    const clients = await Promise.all(Array.from({ length: 20 }, () => startClient()))
    await Promise.all(clients.map(({ libp2p }) => libp2p.dial(multiaddr(addressOf(relay)))))
    await until('the relay has all of them', () => relay.stats.connections === 20)
  })

  it('rejects CONNECT_FAILED when it can listen nowhere, and leaves nothing open', async () => {
    const relay = await startRelay({ listen: ['/ip4/127.0.0.1/tcp/0'], httpPort: 0 })
    const port = /\/tcp\/(\d+)/.exec(addressOf(relay))?.[1]
    const taken = RelayServer.start({ listen: [`/ip4/127.0.0.1/tcp/${port}`] })
    expect(isNetGroupError(await taken.catch(error => error), 'CONNECT_FAILED')).toBe(true)
    const httpPort = Number(new URL(relay.url ?? '').port)
    const httpTaken = RelayServer.start({ listen: ['/ip4/127.0.0.1/tcp/0'], httpPort })
    expect(isNetGroupError(await httpTaken.catch(error => error), 'CONNECT_FAILED')).toBe(true)
  })

  it('refuses limits that are none, and a signal that is aborted', async () => {
    await expect(RelayServer.start({ limits: { maxReservations: 0 } })).rejects.toThrow(RangeError)
    await expect(RelayServer.start({ limits: { circuitBytes: Number.NaN } })).rejects.toThrow(RangeError)
    await expect(RelayServer.start({ signal: AbortSignal.abort(new Error('not now')) })).rejects.toThrow(
      'not now'
    )
  })

  it('listens on WebRTC-direct, at the same address each time, and closes while somebody is connected', async () => {
    const identity = await generateKeyPair('Ed25519')
    const listen = ['/ip4/127.0.0.1/udp/0/webrtc-direct']
    const relay = await startRelay({ identity, listen })
    const [address = ''] = relay.multiaddrs
    const dialer = await createLibp2p({
      transports: [webRTCDirect({ rtcConfiguration: { iceServers: [] } })],
      connectionEncrypters: [noise()],
      services: { ping: ping() }
    })
    cleanups.push(async () => dialer.stop())
    await dialer.services.ping.ping(multiaddr(address))
    await relay.close()
    const [again = ''] = (await startRelay({ identity, listen })).multiaddrs
    expect(again.split('/certhash/')[1]).toBe(address.split('/certhash/')[1])
    await dialer.services.ping.ping(multiaddr(again))
  })

  it('goes without WebRTC-direct when its port is taken', async () => {
    const taken = createSocket('udp4')
    cleanups.push(() => new Promise<void>(resolve => taken.close(resolve)))
    taken.bind(0)
    await once(taken, 'listening')
    const listen = ['/ip4/127.0.0.1/tcp/0', `/ip4/0.0.0.0/udp/${taken.address().port}/webrtc-direct`]
    const relay = await startRelay({ listen })
    expect(relay.multiaddrs).toHaveLength(1)
    await relay.close()
  })

  it('closes twice, and by await using', async () => {
    const relay = await startRelay()
    const address = multiaddr(addressOf(relay))
    await relay[Symbol.asyncDispose]()
    await relay.close()
    const { libp2p } = await startClient()
    await expect(libp2p.dial(address)).rejects.toThrow()
  })
})
