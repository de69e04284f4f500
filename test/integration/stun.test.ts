import '../../src/platform/polyfill.ts'
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { readRelayInfo } from '../../src/net/relay-info.ts'
import { NetConnection } from '../../src/node.ts'
import { type RelayOptions, RelayServer } from '../../src/relay.ts'
import { until } from '../support/until.ts'

const REQUEST = Buffer.from('000100002112a442b7e7a701bc34d686fa87dfae', 'hex')

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function startRelay(options: RelayOptions = {}): Promise<RelayServer> {
  const relay = await RelayServer.start({ listen: ['/ip4/127.0.0.1/tcp/0'], ...options })
  open.push(relay)
  return relay
}

/** What the relay tells a member of its servers. */
async function toldBy(relay: RelayServer): Promise<unknown> {
  const connection = await NetConnection.connect(relay.multiaddrs[0] ?? '', { listen: [] })
  open.push(connection)
  const [toRelay] = connection.libp2p.getConnections()
  if (toRelay === undefined) throw new Error('There is no connection to the relay')
  return (await readRelayInfo(toRelay, { signal: AbortSignal.timeout(5_000) })).iceServers
}

test.each(['udp4', 'udp6'] as const)(
  'a relay answers STUN over %s with the address that was asked from',
  async type => {
    const relay = await startRelay({ stunPort: 0 })
    const socket = createSocket(type)
    open.push(socket)
    socket.bind(0, type === 'udp4' ? '127.0.0.1' : '::1')
    await once(socket, 'listening')
    socket.send('nonsense', relay.stunPort, type === 'udp4' ? '127.0.0.1' : '::1')
    socket.send(REQUEST, relay.stunPort, type === 'udp4' ? '127.0.0.1' : '::1')
    const [answer] = (await once(socket, 'message', { signal: AbortSignal.timeout(5_000) })) as [
      Buffer,
      RemoteInfo
    ]
    expect(answer.readUInt16BE(0)).toBe(0x0101)
    expect(answer.readUInt16BE(26) ^ 0x2112).toBe(socket.address().port)
  }
)

test('a relay stops answering one address that asks without end, and nobody else', async () => {
  const relay = await startRelay({ stunPort: 0 })
  const socket = createSocket('udp4')
  open.push(socket)
  let answers = 0
  socket.on('message', () => {
    answers += 1
  })
  for (let sent = 0; sent < 1_000; sent++) {
    socket.send(REQUEST, relay.stunPort, '127.0.0.1')
    if (sent % 50 === 49) await new Promise(resolve => setImmediate(resolve))
  }
  await until('the first are answered', () => answers === 400)
  const other = createSocket('udp4')
  open.push(other)
  other.bind(0, '127.0.0.2')
  await once(other, 'listening')
  other.send(REQUEST, relay.stunPort, '127.0.0.1')
  await once(other, 'message', { signal: AbortSignal.timeout(5_000) })
  expect(answers).toBe(400)
})

test('a relay tells members of its STUN server and of those it was given', async () => {
  const turn = { urls: ['turn:turn.example:3478'], username: 'ada', credential: 'secret' }
  const relay = await startRelay({
    stunPort: 0,
    iceServers: [
      turn,
      {
        urls: [
          'http://not.a.stun.server/',
          'stun:::::',
          'stun:host:port',
          'stun:host:99999',
          'stun:h?transport=udp'
        ]
      },
      { urls: 'turn:without.password' }
    ]
  })
  expect(await toldBy(relay)).toEqual([{ urls: `stun:127.0.0.1:${relay.stunPort}` }, turn])
})

test('a relay without STUN tells of none', async () => {
  expect(await toldBy(await startRelay())).toEqual([])
})

test('a relay whose STUN port is taken does not start, says so, and leaves nothing open', async () => {
  const relay = await startRelay({ stunPort: 0 })
  await expect(startRelay({ stunPort: relay.stunPort ?? 0 })).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
    detail: { attempts: [{ address: `stun port ${relay.stunPort}` }] }
  })
})
