import '../../src/platform/polyfill.ts'
import { once } from 'node:events'
import { circuitRelayTransport, RELAY_V2_HOP_CODEC, RELAY_V2_STOP_CODEC } from '@libp2p/circuit-relay-v2'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { IdentifyResult, Libp2p, PrivateKey, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { lpStream, pbStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, expect, test } from 'vitest'
import { signPeerRecord } from '../../src/net/signed-peer-record.ts'
import { RendezvousRegistry } from '../../src/relay/rendezvous-registry.ts'
import { type RelayOptions, RelayServer } from '../../src/relay.ts'
import { RENDEZVOUS_PROTOCOL } from '../../src/wire/protocol-ids.ts'
import { RendezvousMessage } from '../../src/wire/rendezvous.ts'
import { MessageType, ResponseStatus } from '../../src/wire/rendezvous-protocol.ts'
import { until } from '../support/until.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function startRelay(options: RelayOptions = {}): Promise<{ relay: RelayServer; address: string }> {
  const relay = await RelayServer.start({ listen: ['/ip4/127.0.0.1/tcp/0'], ...options })
  cleanups.push(() => relay.close())
  return { relay, address: relay.multiaddrs[0] ?? '' }
}

async function startClient(listen: string[] = [], privateKey?: PrivateKey): Promise<Libp2p> {
  const libp2p = await createLibp2p({
    ...(privateKey === undefined ? {} : { privateKey }),
    addresses: { listen },
    transports: [tcp(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() }
  })
  cleanups.push(async () => libp2p.stop())
  return libp2p
}

/** HopMessage { type: CONNECT, peer: { id } } and StopMessage { type: STATUS, status: OK } of circuit relay v2, as bytes. */
function connectTo({ peerId }: Libp2p): Uint8Array {
  const id = peerId.toMultihash().bytes
  return Uint8Array.from([0x08, 1, 0x12, id.length + 2, 0x0a, id.length, ...id])
}
const ACCEPTED = Uint8Array.from([0x08, 1, 0x20, 100])

/** The raw ends of a circuit, without anything in it. */
async function rawCircuit(address: string): Promise<{ source: Stream; destination: Stream }> {
  const [a, b] = [await startClient(), await startClient([`${address}/p2p-circuit`])]
  const opened = new Promise<Stream>(resolve => {
    const accept = async (stream: Stream): Promise<void> => {
      const messages = lpStream(stream)
      await messages.read()
      await messages.write(ACCEPTED)
      resolve(messages.unwrap())
    }
    void b.handle(RELAY_V2_STOP_CODEC, accept, { force: true })
  })
  const hop = lpStream(await a.dialProtocol(multiaddr(address), RELAY_V2_HOP_CODEC))
  await hop.write(connectTo(b))
  await hop.read()
  return { source: hop.unwrap(), destination: await opened }
}

function recordOf(privateKey: PrivateKey): Promise<Uint8Array> {
  return signPeerRecord([multiaddr('/ip4/127.0.0.1/tcp/1')], privateKey, { sequence: 1n, maxBytes: 4_096 })
}

/** Sends until the other side takes no more for a second, or so many bytes are sent. */
async function sendUntilStalled(stream: Stream, maxBytes: number): Promise<number> {
  let sent = 0
  while (sent < maxBytes) {
    const goesOn = stream.send(new Uint8Array(65_536))
    sent += 65_536
    if (goesOn) continue
    const drain = once(stream, 'drain', { signal: AbortSignal.timeout(1_000) })
    if ((await drain.catch(() => undefined)) === undefined) return sent
  }
  return sent
}

test('a relay does not take for a slow receiver more than it passes on, and loses nothing of it', async () => {
  const { address } = await startRelay()
  const { source, destination } = await rawCircuit(address)
  let received = 0
  destination.addEventListener('message', ({ data }) => {
    received += data.byteLength
  })
  destination.pause()
  const sent = await sendUntilStalled(source, 64 * 2 ** 20)
  expect(sent).toBeLessThan(4 * 2 ** 20)
  expect(received).toBe(0)
  destination.resume()
  await until('all of it is there', () => received === sent)
  for (let i = 0; i < 16; i++) if (!source.send(new Uint8Array(65_536))) await once(source, 'drain')
  await source.close()
  await until('and what came later', () => received === sent + 16 * 65_536)
})

test('a relay closes within 2 s while a circuit is stuck', async () => {
  const { relay, address } = await startRelay()
  const { source, destination } = await rawCircuit(address)
  destination.pause()
  await sendUntilStalled(source, 64 * 2 ** 20)
  const startedAtMs = performance.now()
  await relay.close()
  expect(performance.now() - startedAtMs).toBeLessThan(2_000)
})

test('a peer has eight connections at most, and those it has stay', async () => {
  const { relay, address } = await startRelay()
  const client = await startClient()
  for (let i = 0; i < 8; i++) await client.dial(multiaddr(address), { force: true })
  await client.dial(multiaddr(address), { force: true }).catch(() => {})
  await until('there are eight', () => relay.stats.connections === 8)
  await until('on both sides', () => client.getConnections().length === 8)
})

test('the limits of a peer hold over all its connections', async () => {
  const { relay, address } = await startRelay({
    limits: { maxCircuitsPerPeer: 2, maxRegistrationsPerPeer: 2 }
  })
  const privateKey = await generateKeyPair('Ed25519')
  const client = await startClient([], privateKey)
  const destinations = [1, 2, 3].map(() => startClient([`${address}/p2p-circuit`]))
  const circuits: unknown[] = []
  for (const destination of await Promise.all(destinations)) {
    const connection = await client.dial(multiaddr(address), { force: true })
    const hop = lpStream(await connection.newStream(RELAY_V2_HOP_CODEC))
    await hop.write(connectTo(destination))
    circuits.push((await hop.read()).subarray())
  }
  expect(relay.stats.circuits).toBe(2)
  expect(circuits).toHaveLength(3)
  const statuses: unknown[] = []
  const signedPeerRecord = await recordOf(privateKey)
  for (const [i, connection] of client.getConnections().entries()) {
    const messages = pbStream(await connection.newStream(RENDEZVOUS_PROTOCOL)).pb(RendezvousMessage)
    await messages.write({ type: MessageType.REGISTER, register: { ns: `group ${i}`, signedPeerRecord } })
    statuses.push((await messages.read()).registerResponse?.status)
  }
  expect(statuses).toEqual([ResponseStatus.OK, ResponseStatus.OK, ResponseStatus.E_NOT_AUTHORIZED])
})

test('who asks without end is held back, and others are answered', async () => {
  const { relay, address } = await startRelay()
  const [greedy, other] = [await startClient(), await startClient()]
  const ask = { type: MessageType.DISCOVER, discover: { ns: 'group' } }
  const stream = await greedy.dialProtocol(multiaddr(address), RENDEZVOUS_PROTOCOL)
  const messages = pbStream(stream).pb(RendezvousMessage)
  const startedAtMs = performance.now()
  // 256 are answered at once, each further one 50 ms after the one before.
  for (let i = 0; i < 286; i++) {
    await messages.write(ask)
    await messages.read()
  }
  expect(performance.now() - startedAtMs).toBeGreaterThan(30 * 50 - 50)
  const more = pbStream(await other.dialProtocol(multiaddr(address), RENDEZVOUS_PROTOCOL)).pb(
    RendezvousMessage
  )
  await more.write(ask)
  expect((await more.read()).discoverResponse?.status).toBe(ResponseStatus.OK)
  expect(relay.stats.connections).toBe(2)
})

test('a registration keeps its record, not all that was received with it', async () => {
  const register = RendezvousRegistry.prototype.register
  const kept: Uint8Array[] = []
  RendezvousRegistry.prototype.register = function (request, nowMs) {
    kept.push(request.signedPeerRecord)
    return register.call(this, request, nowMs)
  }
  cleanups.push(async () => Object.assign(RendezvousRegistry.prototype, { register }))
  const { address } = await startRelay()
  const privateKey = await generateKeyPair('Ed25519')
  const client = await startClient([], privateKey)
  const signedPeerRecord = await recordOf(privateKey)
  const stream = await client.dialProtocol(multiaddr(address), RENDEZVOUS_PROTOCOL)
  const messages = pbStream(stream).pb(RendezvousMessage)
  await messages.write({ type: MessageType.REGISTER, register: { ns: 'a', signedPeerRecord } })
  await messages.read()
  expect(kept.map(bytes => bytes.buffer.byteLength)).toEqual([signedPeerRecord.byteLength])
})

test('nonsense on any protocol, cut off at any moment, harms nobody', async () => {
  const { relay, address } = await startRelay()
  const [client, other] = [await startClient(), await startClient([`${address}/p2p-circuit`])]
  const identified = once(client, 'peer:identify')
  const connection = await client.dial(multiaddr(address))
  const [{ detail }] = (await identified) as [CustomEvent<IdentifyResult>]
  const { protocols } = detail
  expect(protocols).toEqual(expect.arrayContaining([RELAY_V2_HOP_CODEC, RENDEZVOUS_PROTOCOL]))
  const nonsense = [[], [0x05], [0x01, 0x00], [0x04, 0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff, 0x7f]]
  for (const protocol of protocols) {
    for (const bytes of [...nonsense, [connectTo(other).length, ...connectTo(other)]]) {
      const aborted = await connection.newStream(protocol).catch(() => undefined)
      if (bytes.length > 0) aborted?.send(Uint8Array.from(bytes))
      aborted?.abort(new Error('enough'))
      const closed = await connection.newStream(protocol).catch(() => undefined)
      if (bytes.length > 0) closed?.send(Uint8Array.from(bytes))
      await closed?.close().catch(() => {})
    }
  }
  const someone = await startClient()
  const messages = pbStream(await someone.dialProtocol(multiaddr(address), RENDEZVOUS_PROTOCOL))
  await messages.pb(RendezvousMessage).write({ type: MessageType.DISCOVER, discover: { ns: 'group' } })
  expect((await messages.pb(RendezvousMessage).read()).discoverResponse?.status).toBe(ResponseStatus.OK)
  expect(relay.stats.reservations).toBe(1)
})
