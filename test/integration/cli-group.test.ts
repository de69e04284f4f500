import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GroupSpecifier, NetConnection, NetGroup } from 'netgroup'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CliProcess, killCliProcesses, runCli, startCli } from '../support/cli-process.ts'

let group: string
beforeEach(() => {
  group = `test ${randomBytes(6).toString('hex')}`
})
afterEach(killCliProcesses)

const PASSWORD = ['--password', 'correct horse']

async function passwordGroup(): Promise<string> {
  return (await runCli(['spec', 'new', group, '--posting-password', 'correct horse'])).stdout
}

async function linked(...processes: CliProcess[]): Promise<void> {
  await Promise.all(processes.map(process => process.waitForRow('NetGroup.Neighbor.Connect')))
}

test('two listeners on the LAN hear a post, each once, and end after their count', async () => {
  const listeners = [0, 1].map(() => startCli(['listen', group, '--json', '--count', '1']))
  await linked(...listeners)
  const post = await runCli(['post', group, 'hello', '--json'])
  expect(post.exitCode).toBe(0)
  const { messageID } = JSON.parse(post.stdout)
  for (const { exitCode, stdout } of await Promise.all(listeners.map(listener => listener.ended))) {
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'NetGroup.Posting.Notify',
      level: 'status',
      message: 'hello',
      messageID,
      from: expect.stringMatching(/^12D3KooW/),
      sentAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)
    })
  }
})

test('the first neighbor is there within 2 s of the start of the second process', async () => {
  const first = startCli(['listen', group, '--json'])
  await first.waitForRow('Cli.Joined')
  const second = startCli(['listen', group, '--json'])
  await linked(second)
  expect(performance.now() - second.startedAtMs).toBeLessThan(2_000)
})

test('post - posts each line of its input, in order', async () => {
  const listener = startCli(['listen', group, '--count', '3'])
  await listener.waitForLine(/^group /)
  const lines = await runCli(['post', group, '-'], { input: 'one\ntwo\nthree\n' })
  expect(lines).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^([0-9a-f]{64}\n?){3}$/) })
  const { stdout } = await listener.ended
  expect(stdout.split('\n').map(line => line.split(' ')[1])).toEqual(['one', 'two', 'three'])
})

test('chat with piped input posts its lines with the name, prints what others say, and ends', async () => {
  const ada = startCli(['chat', group, '--name', 'ada'])
  const listener = startCli(['listen', group, '--json', '--count', '2'])
  await linked(listener)
  ada.type('hello')
  await runCli(['post', group, 'evil \x1b[2J'])
  expect(await ada.waitForLine(/evil/)).toMatch(/^\w{6}: evil \\x1b\[2J$/)
  ada.endInput()
  expect((await ada.ended).exitCode).toBe(0)
  await listener.ended
  expect(
    listener.rows.filter(row => row.code === 'NetGroup.Posting.Notify').map(row => row['message'])
  ).toContainEqual({
    name: 'ada',
    text: 'hello'
  })
})

test('chat shows a message to one member as such, and --json has the row', async () => {
  const [ada, bob] = [startCli(['chat', group, '--name', 'ada']), startCli(['chat', group, '--json'])]
  const bobID = String((await bob.waitForRow('Cli.Joined'))['peerID'])
  await ada.waitForLine(/^\+ /)
  await using connection = await NetConnection.connect('lan:')
  const spec = new GroupSpecifier(group, { postingEnabled: true, routingEnabled: true })
  const member = await NetGroup.join(connection, spec)
  await member.waitForNeighbors(2, { signal: AbortSignal.timeout(20_000) })
  const others = member.neighbors.map(({ peerID }) => peerID)
  for (const peerID of others)
    await member.sendToPeer({ name: 'eve', text: 'psst \x1b[2J' }, peerID, { receipt: true })
  expect(await ada.waitForLine(/psst/)).toMatch(/^eve \(\w{6}\), to you only: psst \\x1b\[2J$/)
  expect(await bob.waitForRow('NetGroup.SendTo.Notify')).toMatchObject({
    message: { name: 'eve' },
    fromLocal: true,
    sender: connection.nearID
  })
  expect(others).toContain(bobID)
})

test('listen --from hears one peer and no other', async () => {
  const ada = startCli(['chat', group, '--json'])
  const adaID = String((await ada.waitForRow('Cli.Joined'))['peerID'])
  const listener = startCli(['listen', group, '--json', '--count', '1', '--from', adaID])
  await linked(ada, listener)
  expect((await runCli(['post', group, 'not me'])).exitCode).toBe(0)
  await ada.waitForRow('NetGroup.Posting.Notify', row => row['message'] === 'not me')
  ada.type('me')
  const { stdout } = await listener.ended
  expect(JSON.parse(stdout)).toMatchObject({ message: 'me', from: adaID })
})

test('post to nobody is exit code 3', async () => {
  const { exitCode, stdout, stderr } = await runCli(['post', group, 'anybody?', '--wait', '0.5'])
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
  expect(stderr.split('\n')).toHaveLength(2)
})

test('post and listen that run out of time are exit code 124', async () => {
  const [post, listen] = await Promise.all([
    runCli(['post', group, 'anybody?', '--timeout', '1.5']),
    runCli(['listen', group + 'x', '--count', '1', '--timeout', '1.5'])
  ])
  expect([post.exitCode, listen.exitCode]).toEqual([124, 124])
  expect(listen.stderr).toMatch(/Timeout after 1.5 s: 0 of 1 posts heard/)
})

test('a wrong password, or none, is exit code 4, and the right one posts', async () => {
  const spec = await passwordGroup()
  const listener = startCli(['listen', spec, '--json', '--count', '1'])
  await listener.waitForRow('Cli.Joined')
  const wrong = await runCli(['post', spec, 'spam', '--password', 'wrong horse'])
  expect(wrong).toMatchObject({ exitCode: 4, stdout: '' })
  expect(wrong.stderr).toMatch(/wrong password: you can read in this group, not post/)
  expect((await runCli(['post', spec, 'spam'])).exitCode).toBe(4)
  expect((await runCli(['post', spec, 'news', ...PASSWORD])).exitCode).toBe(0)
  expect(JSON.parse((await listener.ended).stdout)).toMatchObject({ message: 'news' })
})

test('chat with a wrong password goes on read-only', async () => {
  const spec = await passwordGroup()
  const reader = startCli(['chat', spec, '--json', '--password', 'wrong horse'])
  expect(await reader.waitForRow('WRONG_PASSWORD')).toMatchObject({ level: 'error', role: 'posting' })
  await reader.waitForRow('Cli.Joined')
  reader.type('spam')
  await reader.waitForRow('NOT_AUTHORIZED')
  expect((await runCli(['post', spec, 'news', ...PASSWORD])).exitCode).toBe(0)
  await reader.waitForRow('NetGroup.Posting.Notify', row => row['message'] === 'news')
  reader.endInput()
  expect((await reader.ended).exitCode).toBe(4)
})

test('the password comes from a file or the environment as well', async () => {
  const spec = await passwordGroup()
  const folder = await mkdtemp(join(tmpdir(), 'netgroup-test-'))
  const file = join(folder, 'password')
  await writeFile(file, 'correct horse\n')
  const listener = startCli(['listen', spec, '--json', '--count', '2'])
  await listener.waitForRow('Cli.Joined')
  const env = { NETGROUP_PASSWORD: 'correct horse' }
  expect((await runCli(['post', spec, 'from a file', '--password-file', file])).exitCode).toBe(0)
  expect((await runCli(['post', spec, 'from the environment'], { env })).exitCode).toBe(0)
  expect((await listener.ended).exitCode).toBe(0)
  await rm(folder, { recursive: true })
})

test('a name with a password is a group of its own, where all may post', async () => {
  const listener = startCli(['listen', group, '--json', '--count', '1', ...PASSWORD])
  await listener.waitForRow('Cli.Joined')
  const outside = await runCli(['post', group, 'elsewhere', '--wait', '1'])
  expect(outside.exitCode).toBe(3)
  expect((await runCli(['post', group, 'inside', ...PASSWORD])).exitCode).toBe(0)
  expect(JSON.parse((await listener.ended).stdout)).toMatchObject({ message: 'inside' })
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends chat, listen and relay within 2 s with exit code 0',
  async signal => {
    const processes = [
      startCli(['chat', group, '--json']),
      startCli(['listen', group, '--json']),
      startCli(['relay', '--json', '--ephemeral', '--no-stun', '--listen', '/ip4/127.0.0.1/tcp/0'])
    ]
    const [chat, listen, relay] = processes
    await Promise.all([
      chat?.waitForRow('NetGroup.Neighbor.Connect'),
      listen?.waitForRow('NetGroup.Neighbor.Connect'),
      relay?.waitForRow('Cli.Relay.Listening')
    ])
    const atMs = performance.now()
    for (const process of processes) process.kill(signal)
    const ended = await Promise.all(processes.map(process => process.ended))
    expect(ended.map(result => result.exitCode)).toEqual([0, 0, 0])
    expect(performance.now() - atMs).toBeLessThan(2_000)
  }
)

test('Ctrl-C while it waits ends post with exit code 130', async () => {
  const post = startCli(['post', group, 'anybody?', '--json'])
  await post.waitForRow('Cli.Joined')
  post.kill('SIGINT')
  expect((await post.ended).exitCode).toBe(130)
})

test('a reader of its output that goes away is no failure: exit code 0', async () => {
  const listener = startCli(['listen', group, '--json'])
  await listener.waitForRow('Cli.Joined')
  listener.closeStdout()
  expect((await runCli(['post', group, 'hello'])).exitCode).toBe(0)
  expect((await listener.ended).exitCode).toBe(0)
})

test('three peers that know only the relay chat through it', async () => {
  const relay = startCli(['relay', '--json', '--ephemeral', '--no-stun', '--listen', '/ip4/127.0.0.1/tcp/0'])
  const { multiaddrs } = await relay.waitForRow('Cli.Relay.Listening')
  const address = String((multiaddrs as string[])[0])
  expect(address).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3KooW/)
  const listeners = [0, 1].map(() =>
    startCli(['listen', group, '--json', '--count', '1', '--relay', address])
  )
  await linked(...listeners)
  expect((await runCli(['post', group, 'hello', '--relay', address])).exitCode).toBe(0)
  for (const { stdout } of await Promise.all(listeners.map(listener => listener.ended)))
    expect(JSON.parse(stdout)).toMatchObject({ message: 'hello' })
})

test('a relay that is not there is exit code 5', async () => {
  const nobody = '/ip4/127.0.0.1/tcp/9/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
  const { exitCode, stderr } = await runCli(['post', group, 'hello', '--relay', nobody])
  expect(exitCode).toBe(5)
  expect(stderr).toContain('/ip4/127.0.0.1/tcp/9')
})
