import '../../src/platform/polyfill.ts'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { afterEach, describe, expect, test } from 'vitest'
import { isNetGroupError, NetConnection } from '../../src/node.ts'
import { RelayServer } from '../../src/relay.ts'

const CONNECT_TIMEOUT_MS = 2_000

/** RFC 5737, TEST-NET-1: nobody has it. Packets to it vanish, or are refused by a closed network; where they vanish for sure is test/lab. */
const UNREACHABLE = '/ip4/192.0.2.1/tcp/4001'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function portOf<S extends Server>(server: S): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  open.push(server)
  return (server.address() as AddressInfo).port
}

async function startRelay(): Promise<string> {
  const relay = await RelayServer.start({ listen: ['/ip4/127.0.0.1/tcp/0'] })
  open.push(relay)
  return relay.multiaddrs[0] ?? ''
}

/** Connects in vain, and tells what is said of each address, and after how long. */
async function attemptsOf(...addresses: string[]): Promise<{ reasons: Record<string, string>; ms: number }> {
  const startMs = performance.now()
  try {
    open.push(await NetConnection.connect(addresses, { connectTimeoutMs: CONNECT_TIMEOUT_MS }))
  } catch (error) {
    if (!isNetGroupError(error, 'CONNECT_FAILED')) throw error
    const reasons = Object.fromEntries(error.detail.attempts.map(({ address, reason }) => [address, reason]))
    return { reasons, ms: performance.now() - startMs }
  }
  throw new Error('It did connect')
}

describe('connect() to a relay address that is no good rejects CONNECT_FAILED in time, with its own reason', () => {
  test('nothing listens there', async () => {
    const { reasons, ms } = await attemptsOf('/ip4/127.0.0.1/tcp/1')
    expect(reasons).toEqual({ '/ip4/127.0.0.1/tcp/1': 'connection refused: nothing listens there' })
    expect(ms).toBeLessThan(CONNECT_TIMEOUT_MS + 1_000)
  })

  test('nobody answers', async () => {
    const { reasons, ms } = await attemptsOf(UNREACHABLE)
    expect(reasons[UNREACHABLE]).toMatch(/^(no answer|no route|connection refused)/)
    expect(ms).toBeLessThan(CONNECT_TIMEOUT_MS + 1_000)
  })

  test('a web server, over TCP and over WebSocket', async () => {
    const port = await portOf(createServer((_, response) => response.end('hello')))
    const [tcp, ws] = [`/ip4/127.0.0.1/tcp/${port}`, `/ip4/127.0.0.1/tcp/${port}/ws`]
    const { reasons } = await attemptsOf(tcp, ws)
    expect(reasons).toEqual({
      [tcp]: 'what answers there does not speak libp2p',
      [ws]: 'what answers there does not speak libp2p'
    })
  })

  test('a server that takes the connection and says nothing', async () => {
    const port = await portOf(createTcpServer(socket => socket.on('error', () => {})))
    const address = `/ip4/127.0.0.1/tcp/${port}`
    expect((await attemptsOf(address)).reasons).toEqual({ [address]: 'no answer in time' })
  })

  test('a peer that is no relay', async () => {
    const peer = await NetConnection.connect('lan:', { listen: ['/ip4/127.0.0.1/tcp/0'] })
    open.push(peer)
    const address = peer.multiaddrs[0] ?? ''
    expect((await attemptsOf(address)).reasons).toEqual({ [address]: 'the peer there is no relay' })
  })

  test('a relay with another peer id', async () => {
    const relay = await startRelay()
    const wrong = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
    const [host, id] = relay.split('/p2p/')
    const address = `${host}/p2p/${wrong}`
    expect((await attemptsOf(address)).reasons).toEqual({
      [address]: `another peer answers there: ${id}, not ${wrong}`
    })
  })

  test('a transport that there is none for, a host that has no such name, and a host without IPv6', async () => {
    const { reasons } = await attemptsOf(
      '/ip4/127.0.0.1/udp/4001/quic-v1',
      '/dns4/no-such-host.invalid/tcp/4001',
      '/ip6/2001:db8::1/tcp/4001'
    )
    expect(reasons['/ip4/127.0.0.1/udp/4001/quic-v1']).toBe('this platform cannot dial that kind of address')
    expect(reasons['/dns4/no-such-host.invalid/tcp/4001']).toBe('the host name cannot be resolved')
    expect(reasons['/ip6/2001:db8::1/tcp/4001']).toMatch(/^no (answer|route)/)
  })

  test('several addresses of one relay, each with its own', async () => {
    const id = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
    const [refused, web] = [
      `/ip4/127.0.0.1/tcp/1/p2p/${id}`,
      `/ip4/127.0.0.1/tcp/${await portOf(createServer((_, response) => response.end()))}/p2p/${id}`
    ]
    expect((await attemptsOf(refused, web)).reasons).toEqual({
      [refused]: 'connection refused: nothing listens there',
      [web]: 'what answers there does not speak libp2p'
    })
  })

  test('several addresses of one relay of which one only keeps silent', async () => {
    const id = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
    const port = await portOf(createTcpServer(socket => socket.on('error', () => {})))
    const [mute, refused] = [`/ip4/127.0.0.1/tcp/${port}/p2p/${id}`, `/ip4/127.0.0.1/tcp/1/p2p/${id}`]
    expect((await attemptsOf(mute, refused)).reasons).toEqual({
      [mute]: 'no answer in time',
      [refused]: 'connection refused: nothing listens there'
    })
  })

  test('a web address without a relay behind it', async () => {
    const port = await portOf(createServer((_, response) => response.writeHead(404).end()))
    const { reasons } = await attemptsOf(`http://127.0.0.1:${port}/`, 'http://127.0.0.1:1/')
    expect(reasons[`http://127.0.0.1:${port}/`]).toBe(
      `http://127.0.0.1:${port}/.well-known/netgroup answered 404`
    )
    expect(reasons['http://127.0.0.1:1/']).toMatch(/refused|cannot be read/)
  })
})

test('a relay that stays away is told as lost once, and not at each try', async () => {
  const codes: string[] = []
  await expect(
    NetConnection.connect('/ip4/127.0.0.1/tcp/1', {
      connectTimeoutMs: 4_000,
      onStatus: ({ code }) => codes.push(code)
    })
  ).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
  expect(codes.filter(code => code.startsWith('NetConnection.Relay'))).toEqual([
    'NetConnection.Relay.Disconnect'
  ])
})

test('one relay of two is enough, and an IPv6 address that cannot be reached is no error beside one that can', async () => {
  const relay = await startRelay()
  const id = relay.split('/p2p/')[1]
  const [dead, v6] = ['/ip4/127.0.0.1/tcp/1', `/ip6/2001:db8::1/tcp/4001/p2p/${id}`]
  const connection = await NetConnection.connect([dead, v6, relay], { connectTimeoutMs: 10_000 })
  open.push(connection)
  expect(connection.relays.map(({ address, state }) => [address, state])).toEqual([
    [dead, 'waiting'],
    [v6, 'connected']
  ])
  expect(connection.multiaddrs.some(address => address.includes('/p2p-circuit'))).toBe(true)
})
