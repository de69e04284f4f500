import '../../src/platform/polyfill.ts'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { tcp } from '@libp2p/tcp'
import { pbStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, it } from 'vitest'
import { type RendezvousDiscoveryInit, rendezvousDiscovery } from '../../src/discovery/rendezvous.ts'
import { RendezvousClient, RendezvousError } from '../../src/discovery/rendezvous-client.ts'
import { systemClock } from '../../src/net/clock.ts'
import type { DiscoveredPeer, Discovery } from '../../src/net/discovery.ts'
import { signPeerRecord } from '../../src/net/signed-peer-record.ts'
import { RendezvousServer, type RendezvousServerInit } from '../../src/relay/rendezvous-server.ts'
import { RENDEZVOUS_PROTOCOL } from '../../src/wire/protocol-ids.ts'
import { RendezvousMessage } from '../../src/wire/rendezvous.ts'
import { MessageType, ResponseStatus } from '../../src/wire/rendezvous-protocol.ts'
import { until } from '../support/until.ts'

interface Node {
  libp2p: Libp2p
  privateKey: PrivateKey
}

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function startNode(listen = '/ip4/127.0.0.1/tcp/0', identity?: PrivateKey): Promise<Node> {
  const privateKey = identity ?? (await generateKeyPair('Ed25519'))
  const libp2p = await createLibp2p({
    privateKey,
    addresses: { listen: [listen] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1_000 },
    services: { identify: identify() }
  })
  cleanups.push(async () => libp2p.stop())
  return { libp2p, privateKey }
}

async function startServer(init: Partial<RendezvousServerInit> = {}, listen?: string, identity?: PrivateKey) {
  const { libp2p, privateKey } = await startNode(listen, identity)
  const server = new RendezvousServer({ libp2p, ...init })
  await server.start()
  const address = libp2p.getMultiaddrs()[0]
  if (address === undefined) throw new Error('the server has no address')
  return { libp2p, privateKey, server, address }
}

type Served = Awaited<ReturnType<typeof startServer>>

/** A member of a group: starts looking, and keeps what it was told. */
async function startMember(served: Served, more: Partial<RendezvousDiscoveryInit> = {}) {
  const node = await startNode()
  const told: DiscoveredPeer[] = []
  const discovery: Discovery = rendezvousDiscovery({
    ...node,
    relay: served.address,
    namespace: 'group',
    onPeer: peer => told.push(peer),
    minPollMs: 50,
    maxPollMs: 200,
    ...more
  })
  cleanups.push(async () => discovery.stop())
  await discovery.start()
  const knows = (other: Node): boolean => told.some(({ peerID }) => peerID.equals(other.libp2p.peerId))
  return { ...node, told, discovery, knows }
}

function recordOf(node: Node): Promise<Uint8Array> {
  return signPeerRecord(node.libp2p.getMultiaddrs(), node.privateKey, { sequence: 1n, maxBytes: 4096 })
}

async function statusOf(asking: Promise<unknown>): Promise<number | string> {
  return asking.then(
    () => 'accepted',
    error => (error instanceof RendezvousError ? error.status : String(error))
  )
}

describe('rendezvous', () => {
  it('lets three members that know only the server find each other', async () => {
    const served = await startServer()
    const members = [await startMember(served), await startMember(served), await startMember(served)]
    for (const one of members)
      for (const other of members)
        if (one !== other) await until('everybody knows everybody', () => one.knows(other))
    const [a, b] = members
    const found = a?.told.find(({ peerID }) => b !== undefined && peerID.equals(b.libp2p.peerId))
    expect(found?.source).toBe('rendezvous')
    expect(found?.multiaddrs.map(String)).toEqual(b?.libp2p.getMultiaddrs().map(String))
    expect(
      members.every(member => member.told.every(({ peerID }) => !peerID.equals(member.libp2p.peerId)))
    ).toBe(true)
  })

  it('tells nobody of another group', async () => {
    const served = await startServer()
    const [a, b] = [await startMember(served), await startMember(served)]
    const stranger = await startMember(served, { namespace: 'another' })
    await until('the members know each other', () => a.knows(b) && b.knows(a))
    await until('the stranger is registered', () => served.server.registrations === 3)
    expect(stranger.told).toEqual([])
    expect(a.knows(stranger)).toBe(false)
  })

  it('ends the registration when a member stops looking', async () => {
    const served = await startServer()
    const member = await startMember(served)
    await until('it is registered', () => served.server.registrations === 1)
    await member.discovery.stop()
    expect(member.libp2p.getConnections()).toHaveLength(1)
    await until('it is no longer registered', () => served.server.registrations === 0)
  })

  it('ends the registration soon after the connection closed', async () => {
    const served = await startServer({ disconnectGraceMs: 100 })
    const member = await startMember(served)
    await until('it is registered', () => served.server.registrations === 1)
    await member.libp2p.stop()
    await until('it is no longer registered', () => served.server.registrations === 0)
  })

  it('registers again by itself when the server comes back without memory, at the same address', async () => {
    const first = await startServer()
    const member = await startMember(first)
    await until('it is registered', () => first.server.registrations === 1)
    await first.libp2p.stop()
    const port = /tcp\/\d+/.exec(first.address.toString())?.[0]
    const second = await startServer({}, `/ip4/127.0.0.1/${port}`, first.privateKey)
    await until('it is registered again', () => second.server.registrations === 1)
    const newcomer = await startMember(second)
    await until('they know each other', () => newcomer.knows(member) && member.knows(newcomer))
  })

  it('renews before the TTL ends', async () => {
    const served = await startServer()
    await startMember(served, { ttlSeconds: 1, minPollMs: 60_000, maxPollMs: 60_000 })
    await until('it is registered', () => served.server.registrations === 1)
    const ends = Date.now() + 2_500
    await until('three lives are over', () => {
      expect(served.server.registrations).toBe(1)
      return Date.now() > ends
    })
  })

  it('registers anew when the addresses of a member change', async () => {
    const served = await startServer()
    const member = await startMember(served, { minPollMs: 60_000, maxPollMs: 60_000 })
    const watcher = await startMember(served)
    await until('it is found', () => watcher.knows(member))
    let addresses = [multiaddr('/ip4/192.168.7.7/tcp/7')]
    member.libp2p.getMultiaddrs = () => addresses
    const announce = (): unknown =>
      member.libp2p.dispatchEvent(new CustomEvent('self:peer:update', { detail: {} }))
    announce()
    const isTold = (text: string) =>
      watcher.told.some(({ multiaddrs }) => String(multiaddrs[0]).startsWith(text))
    await until('the new address is told', () => isTold('/ip4/192.168.7.7/tcp/7/p2p/'))
    addresses = []
    announce()
    await member.discovery.stop()
  })

  it('stops at once while the server does not answer', async () => {
    const silent = await startNode()
    await silent.libp2p.handle(RENDEZVOUS_PROTOCOL, () => {})
    const address = silent.libp2p.getMultiaddrs()[0] ?? multiaddr('/ip4/127.0.0.1/tcp/1')
    const member = await startMember({ address } as Served)
    await until('it has asked', () => silent.libp2p.getConnections().some(c => c.streams.length > 0))
    const before = Date.now()
    await member.discovery.stop()
    expect(Date.now() - before).toBeLessThan(2_500)
  })
})

describe('the rendezvous server', () => {
  it('refuses a record that somebody else signed, one about somebody else, and one that was changed', async () => {
    const served = await startServer()
    const [attacker, victim] = [await startNode(), await startNode()]
    const client = new RendezvousClient(attacker.libp2p, served.address, systemClock)
    const about = new PeerRecord({
      peerId: victim.libp2p.peerId,
      multiaddrs: attacker.libp2p.getMultiaddrs()
    })
    const forged = (await RecordEnvelope.seal(about, attacker.privateKey)).marshal()
    const changed = (await recordOf(attacker)).slice()
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    const invalid = ResponseStatus.E_INVALID_SIGNED_PEER_RECORD
    expect(await statusOf(client.register('group', forged))).toBe(invalid)
    expect(await statusOf(client.register('group', changed))).toBe(invalid)
    expect(await statusOf(client.register('group', new Uint8Array(0)))).toBe(invalid)
    expect(await statusOf(client.register('group', await recordOf(victim)))).toBe(
      ResponseStatus.E_NOT_AUTHORIZED
    )
    expect(served.server.registrations).toBe(0)
    expect(await statusOf(client.register('group', await recordOf(attacker)))).toBe('accepted')
  })

  it('refuses a discover without a namespace', async () => {
    const served = await startServer()
    await startMember(served)
    await until('somebody is registered', () => served.server.registrations === 1)
    const { libp2p } = await startNode()
    const messages = pbStream(await libp2p.dialProtocol(served.address, RENDEZVOUS_PROTOCOL)).pb(
      RendezvousMessage
    )
    await messages.write({ type: MessageType.DISCOVER, discover: {} })
    const { type, discoverResponse } = await messages.read()
    expect(type).toBe(MessageType.DISCOVER_RESPONSE)
    expect(discoverResponse?.status).toBe(ResponseStatus.E_INVALID_NAMESPACE)
    expect(discoverResponse?.registrations).toEqual([])
  })

  it('answers several requests on one stream', async () => {
    const served = await startServer()
    const { libp2p } = await startNode()
    const messages = pbStream(await libp2p.dialProtocol(served.address, RENDEZVOUS_PROTOCOL)).pb(
      RendezvousMessage
    )
    for (let i = 0; i < 3; i++) {
      await messages.write({ type: MessageType.DISCOVER, discover: { ns: `group ${i}` } })
      expect((await messages.read()).discoverResponse?.status).toBe(ResponseStatus.OK)
    }
  })

  it.each([
    ['bytes that are no message', Uint8Array.of(3, 0xff, 0xff, 0xff)],
    ['an answer instead of a request', Uint8Array.of(2, 8, 4)],
    ['a request without its content', Uint8Array.of(2, 8, 3)],
    ['a message that says it is long', Uint8Array.of(0xff, 0xff, 0x7f)]
  ])('resets a stream that brings %s, and goes on serving', async (_, bytes) => {
    const served = await startServer()
    const { libp2p } = await startNode()
    const stream = await libp2p.dialProtocol(served.address, RENDEZVOUS_PROTOCOL)
    stream.send(bytes)
    await until('the stream is reset', () => stream.status === 'reset')
    const client = new RendezvousClient(libp2p, served.address, systemClock)
    expect((await client.discover('group', undefined)).records).toEqual([])
  })

  it('lets register only whom it is told to allow, and nobody when that question fails', async () => {
    const [allowed, refused, failing] = [await startNode(), await startNode(), await startNode()]
    const allow = (peerID: { toString(): string }): boolean => {
      if (String(peerID) === String(failing.libp2p.peerId)) throw new Error('the database is away')
      return String(peerID) === String(allowed.libp2p.peerId)
    }
    const served = await startServer({ allow })
    const ask = async (node: Node): Promise<number | string> =>
      statusOf(
        new RendezvousClient(node.libp2p, served.address, systemClock).register('group', await recordOf(node))
      )
    expect(await ask(allowed)).toBe('accepted')
    expect(await ask(refused)).toBe(ResponseStatus.E_NOT_AUTHORIZED)
    expect(await ask(failing)).toBe(ResponseStatus.E_NOT_AUTHORIZED)
  })
})

describe('the rendezvous client', () => {
  it('tells nobody whose record is forged, though the server passes it on', async () => {
    const lying = await startNode()
    const [victim, honest] = [await startNode(), await startNode()]
    const about = new PeerRecord({ peerId: victim.libp2p.peerId, multiaddrs: lying.libp2p.getMultiaddrs() })
    const forged = (await RecordEnvelope.seal(about, lying.privateKey)).marshal()
    const registrations = [{ signedPeerRecord: forged }, { signedPeerRecord: await recordOf(honest) }]
    await lying.libp2p.handle(RENDEZVOUS_PROTOCOL, async stream => {
      const messages = pbStream(stream).pb(RendezvousMessage)
      const isDiscover = (await messages.read()).type === MessageType.DISCOVER
      await messages.write(
        isDiscover
          ? { type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations } }
          : { type: MessageType.REGISTER_RESPONSE, registerResponse: {} }
      )
    })
    const address = lying.libp2p.getMultiaddrs()[0] ?? multiaddr('/ip4/127.0.0.1/tcp/1')
    const member = await startMember({ address } as Served)
    await until('the honest one is told', () => member.knows(honest))
    expect(member.knows(victim)).toBe(false)
  })

  it('refuses a relay address without a peer id', () => {
    const init = {
      libp2p: {},
      relay: multiaddr('/ip4/127.0.0.1/tcp/1')
    } as unknown as RendezvousDiscoveryInit
    expect(() => rendezvousDiscovery(init)).toThrow(TypeError)
  })
})
