import '../../src/platform/polyfill.ts'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { isNetGroupError, NetConnection } from '../../src/node.ts'
import { type RelayOptions, RelayServer } from '../../src/relay.ts'

const WEBSOCKET = '/ip4/127.0.0.1/tcp/0/ws'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function startRelay(options: RelayOptions): Promise<RelayServer & { url: string }> {
  const relay = await RelayServer.start({ listen: [WEBSOCKET], httpPort: 0, ...options })
  open.push(relay)
  if (relay.url === undefined) throw new Error('The relay serves no HTTP')
  return relay as RelayServer & { url: string }
}

function portOf({ url }: { url: string }): number {
  return Number(new URL(url).port)
}

async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  open.push({ close: () => socket.destroy() })
  await once(socket, 'connect')
  return socket
}

test('a relay serves its addresses and its health over HTTP, to any page', async () => {
  const relay = await startRelay({ listen: ['/ip4/127.0.0.1/tcp/0'] })
  const peerID = relay.multiaddrs[0]?.split('/p2p/')[1]
  const known = await fetch(`${relay.url}/.well-known/netgroup`)
  expect(known.headers.get('access-control-allow-origin')).toBe('*')
  expect(await known.json()).toEqual({ peerID, multiaddrs: relay.multiaddrs, webSocket: false })
  expect(await (await fetch(`${relay.url}/health`)).json()).toMatchObject({ ok: true, connections: 0 })
  expect((await fetch(`${relay.url}/`)).status).toBe(404)
  expect((await fetch(`${relay.url}/health`, { method: 'POST' })).status).toBe(405)
})

test('a relay serves HTTP on the port where it takes WebSocket connections', async () => {
  const relay = await startRelay({})
  expect(relay.multiaddrs[0]).toContain(`/tcp/${portOf(relay)}/ws/`)
  const known = await (await fetch(`${relay.url}/.well-known/netgroup`)).json()
  expect(known).toMatchObject({ webSocket: true, multiaddrs: relay.multiaddrs })
  const connection = await NetConnection.connect(relay.multiaddrs[0] ?? '', { listen: [] })
  open.push(connection)
  expect(await (await fetch(`${relay.url}/health`)).json()).toMatchObject({ ok: true, connections: 1 })
})

test('a relay shares the WebSocket port that is named, in both families, and only that', async () => {
  const { url } = await startRelay({})
  const port = portOf({ url })
  await open.pop()?.close()
  const listen = [WEBSOCKET, `/ip4/127.0.0.1/tcp/${port}/ws`, `/ip6/::1/tcp/${port}/ws`]
  const relay = await startRelay({ listen, httpPort: port })
  expect(portOf(relay)).toBe(port)
  for (const host of ['127.0.0.1', '[::1]'])
    expect((await fetch(`http://${host}:${port}/health`)).status).toBe(200)
  const other = relay.multiaddrs.map(text => /\/tcp\/(\d+)\/ws/.exec(text)?.[1]).find(p => p !== String(port))
  expect((await fetch(`http://127.0.0.1:${other}/health`)).status).toBe(400)
})

test('a relay without httpPort answers no HTTP where it takes WebSocket connections', async () => {
  const relay = await RelayServer.start({ listen: [WEBSOCKET] })
  open.push(relay)
  expect(relay.url).toBeUndefined()
  const port = /\/tcp\/(\d+)\/ws/.exec(relay.multiaddrs[0] ?? '')?.[1]
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(400)
})

test('NetConnection.connect() needs nothing but the web address, behind a proxy too', async () => {
  const relay = await startRelay({ announce: ['/dns4/nowhere.invalid/tcp/443/tls/ws'] })
  const connection = await NetConnection.connect(relay.url, { listen: [] })
  open.push(connection)
  expect(connection.relays.map(({ state }) => state)).toEqual(['connected'])
})

test.each([{ listen: [WEBSOCKET] }, { listen: ['/ip4/127.0.0.1/tcp/0'] }])(
  'onRequest of a relay on $listen answers what is not the relay’s own, and a failure of it is a 500',
  async ({ listen }) => {
    const relay = await startRelay({
      listen,
      onRequest: async (asked, response) => {
        if (asked.url === '/broken') throw new Error('broken')
        response.end(`${asked.method} ${asked.url}`)
      }
    })
    expect(await (await fetch(`${relay.url}/page?a=b`, { method: 'POST' })).text()).toBe('POST /page?a=b')
    expect((await fetch(`${relay.url}/broken`)).status).toBe(500)
    expect((await fetch(`${relay.url}/health`)).headers.get('content-type')).toBe('application/json')
  }
)

test('a relay closes within 2 s whoever is connected, and however far they came', async () => {
  const never = new Promise<void>(() => {})
  const relay = await startRelay({ onRequest: () => never })
  const silent = await openSocket(portOf(relay))
  const halfway = await openSocket(portOf(relay))
  halfway.write('GET / HTTP/1.1\r\nHost:')
  const unanswered = request(`${relay.url}/page`)
  unanswered.on('error', () => {})
  unanswered.end()
  const upgraded = await openSocket(portOf(relay))
  upgraded.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n')
  upgraded.write('Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n')
  await once(upgraded, 'data')
  const connection = await NetConnection.connect(relay.url, { listen: [] })
  open.push(connection)
  const ends = [silent, halfway, upgraded].map(socket => once(socket, 'close'))
  const startedAtMs = performance.now()
  await relay.close()
  expect(performance.now() - startedAtMs).toBeLessThan(2_000)
  await Promise.all(ends)
})

test('a relay ends connections that never say a word, or never finish their first request', {
  timeout: 20_000
}, async () => {
  const relay = await startRelay({})
  const silent = await openSocket(portOf(relay))
  const halfway = await openSocket(portOf(relay))
  halfway.write('GET / HTTP/1.1\r\nHost:')
  await Promise.all([silent, halfway].map(socket => once(socket.resume(), 'close')))
  expect((await fetch(`${relay.url}/health`)).status).toBe(200)
})

test('an HTTP port that is taken is CONNECT_FAILED', async () => {
  const relay = await startRelay({})
  const listen = ['/ip4/127.0.0.1/tcp/0']
  const taken = RelayServer.start({ listen, httpPort: portOf(relay) })
  expect(isNetGroupError(await taken.catch(error => error), 'CONNECT_FAILED')).toBe(true)
})
