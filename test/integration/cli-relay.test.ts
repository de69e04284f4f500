import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CliProcess, type CliRow, killCliProcesses, runCli, startCli } from '../support/cli-process.ts'

let home: string
const closings: (() => unknown)[] = []
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'netgroup-relay-'))
})
afterEach(async () => {
  await killCliProcesses()
  for (const close of closings.splice(0)) await close()
  await rm(home, { recursive: true })
})

function startRelay(...args: string[]): CliProcess {
  return startCli(['relay', '--json', ...args], { env: { NETGROUP_HOME: home } })
}

async function listening(relay: CliProcess): Promise<CliRow & { multiaddrs: string[]; url: string }> {
  return (await relay.waitForRow('Cli.Relay.Listening')) as CliRow & { multiaddrs: string[]; url: string }
}

function identityParts({ multiaddrs }: { multiaddrs: string[] }): string[] {
  return multiaddrs.flatMap(text => text.match(/\/(p2p|certhash)\/[^/]+/g) ?? [])
}

/** Somebody has this UDP port, whoever. */
async function occupy(port: number): Promise<number> {
  const socket = createSocket('udp4')
  closings.push(() => socket.close())
  const bound = once(socket, 'listening').catch(() => {})
  socket.bind(port)
  await bound
  return port === 0 ? socket.address().port : port
}

test('a relay listens on everything, is the same one each time, and ends within 2 s', async () => {
  const relay = startRelay('--port', '0', '--stun-port', '0')
  const first = await listening(relay)
  for (const kind of [/\/tcp\/\d+\/p2p/, /\/tcp\/\d+\/ws\/p2p/, /\/udp\/\d+\/webrtc-direct\/certhash/])
    expect(first.multiaddrs.some(address => kind.test(address))).toBe(true)
  expect(first).toMatchObject({ stunPort: expect.any(Number) })
  expect((await fetch(`${first.url}/health`)).status).toBe(200)
  const atMs = performance.now()
  relay.kill('SIGTERM')
  expect((await relay.ended).exitCode).toBe(0)
  expect(performance.now() - atMs).toBeLessThan(2_000)
  const second = await listening(startRelay('--port', '0', '--no-stun'))
  expect(new Set(identityParts(second))).toEqual(new Set(identityParts(first)))
  expect(second).not.toHaveProperty('stunPort')
})

test('a second relay is told how not to be the first, and --ephemeral is somebody else each time', async () => {
  const first = await listening(startRelay('--port', '0', '--no-stun', '--no-webrtc'))
  const second = await runCli(['relay', '--port', '0', '--no-stun'], { env: { NETGROUP_HOME: home } })
  expect(second.exitCode).toBe(1)
  expect(second.stderr).toMatch(/^netgroup: .*another process.*--identity NAME.*--ephemeral/)
  const args = ['--port', '0', '--no-stun', '--no-webrtc', '--ephemeral']
  const others = await Promise.all([startRelay(...args), startRelay(...args)].map(listening))
  const ids = [first, ...others].map(({ multiaddrs }) => multiaddrs[0]?.split('/p2p/')[1])
  expect(new Set(ids).size).toBe(3)
})

test('members need nothing but the web address of a relay on this machine', async () => {
  const relay = startRelay('--port', '0', '--no-stun', '--no-webrtc')
  const { url } = await listening(relay)
  const group = `test ${randomBytes(6).toString('hex')}`
  const listener = startCli(['listen', group, '--json', '--count', '1', '--relay', url])
  await listener.waitForRow('NetConnection.Relay.Connect')
  expect((await runCli(['post', group, 'hello', '--relay', url])).exitCode).toBe(0)
  expect(JSON.parse((await listener.ended).stdout)).toMatchObject({ message: 'hello' })
})

test('--no-http answers nobody', async () => {
  const { multiaddrs, url } = await listening(
    startRelay('--listen', '/ip4/127.0.0.1/tcp/0/ws', '--no-http', '--no-stun')
  )
  expect(url).toBeUndefined()
  const port = /\/tcp\/(\d+)\/ws/.exec(multiaddrs[0] ?? '')?.[1]
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(400)
})

test('default ports of STUN and WebRTC-direct that are taken are passed over with a warning', async () => {
  await occupy(3478)
  const free = await occupy(0)
  const relay = startRelay('--port', String(free - 2), '--ephemeral')
  const { multiaddrs, stunPort } = await listening(relay)
  const told = relay.rows.filter(({ code }) => code === 'Cli.Relay.Without').map(({ what }) => what)
  expect(told).toEqual(['STUN', 'WebRTC-direct'])
  expect(stunPort).toBeUndefined()
  expect(multiaddrs.some(address => address.includes('webrtc-direct'))).toBe(false)
})

test.each([
  ['--stun-port', 'udp'],
  ['--webrtc-port', 'udp'],
  ['--port', 'tcp']
])('%s that is taken ends it with exit code 5 and one line', async (option, kind) => {
  const running = kind === 'tcp' ? startRelay('--port', '0', '--no-stun', '--no-webrtc') : undefined
  const tcp = running && /\/tcp\/(\d+)\/p2p/.exec((await listening(running)).multiaddrs.join())?.[1]
  const port = tcp ?? String(await occupy(0))
  const rest = option === '--port' ? ['--no-stun', '--no-webrtc'] : ['--listen', '/ip4/127.0.0.1/tcp/0']
  const { exitCode, stderr } = await runCli(['relay', '--ephemeral', ...rest, option, port])
  expect(exitCode).toBe(5)
  expect(stderr).toContain(port)
  expect(stderr.split('\n').filter(line => line.startsWith('netgroup: '))).toHaveLength(1)
})
