import '../../src/platform/polyfill.ts'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type CliProcess, killCliProcesses } from '../support/cli-process.ts'
import { addressOf, leave, newGroup, startPeer, startRelay } from '../support/peer-process.ts'

afterEach(killCliProcesses)

/** RFC 6455 §1.2, and a frame with all reserved bits set. */
const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '\r\n'
].join('\r\n')
const MALFORMED_FRAME = Uint8Array.of(0xff, 0xff, 0xff, 0xff)

async function sendMalformedFrame(address: string): Promise<void> {
  const socket: Socket = connect(Number(/tcp\/(\d+)\/ws/.exec(address)?.[1]), '127.0.0.1')
  socket.on('error', () => {})
  socket.write(UPGRADE)
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1.1 101 /)
  socket.write(MALFORMED_FRAME)
  socket.resume()
  await once(socket, 'close')
}

async function peerAddress(peer: CliProcess): Promise<string> {
  const { multiaddrs } = await peer.waitForRow('Joined')
  return (multiaddrs as string[]).find(address => /127\.0\.0\.1.*\/ws\//.test(address)) ?? ''
}

test('a malformed WebSocket frame of a stranger ends its connection, and not the peer', async () => {
  const peer = startPeer({ groupspec: newGroup() })
  await sendMalformedFrame(await peerAddress(peer))
  await leave(peer)
})

test('a malformed WebSocket frame of a stranger ends its connection, and not the relay', async () => {
  const relay = startRelay({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
  await sendMalformedFrame(await addressOf(relay))
  await leave(relay)
})

test('a WebSocket that cannot be opened, and whose errors nobody listens for, is closed', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const socket = new WebSocket(`ws://127.0.0.1:${port}`)
  await new Promise(resolve => socket.addEventListener('close', resolve))
  expect(socket.readyState).toBe(WebSocket.CLOSED)
})
