import { expect, test } from 'vitest'
import { runCli } from '../support/cli-process.ts'

const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const NEWS = ['spec', 'new', 'news', '--posting-password', 'correct horse']

async function spec(...args: string[]): Promise<string> {
  const { exitCode, stdout } = await runCli(['spec', ...args])
  expect(exitCode).toBe(0)
  return stdout
}

test('spec new with posting and routing is the group of the plain name', async () => {
  const text = await spec('new', 'kitchen', '--posting', '--routing')
  expect(text).toMatch(/^G:[\w.-]+$/)
  expect(await spec('diff', text, 'kitchen')).toMatch(/^the same group [0-9a-f]{64}$/)
})

test('spec new carries no rights unless asked to, and spec inspect warns when it does', async () => {
  const open = await runCli(['spec', 'inspect', (await runCli(NEWS)).stdout])
  expect(open.stdout).toMatch(/rights in it +none/)
  expect(open.stderr).toBe('')
  const carrying = await runCli([
    'spec',
    'inspect',
    (await runCli([...NEWS, '--with-authorizations'])).stdout
  ])
  expect(carrying.stdout).toMatch(/rights in it +posting: anybody who has this text/)
  expect(carrying.stderr).toMatch(/carries rights/)
})

test('spec new with a name and a password is the group of that name and password', async () => {
  const text = await spec('new', 'kitchen', '--posting', '--routing', '--posting-password', 'correct horse')
  expect(await spec('diff', text, 'kitchen', '--password', 'correct horse')).toMatch(/^the same group/)
  const other = await runCli(['spec', 'diff', text, 'kitchen', '--password', 'wrong horse'])
  expect(other).toMatchObject({ exitCode: 1, stdout: 'different passwords for posting' })
})

test('spec new prints a link, with the relays in it', async () => {
  const relay = `/ip4/192.0.2.1/tcp/4001/p2p/${PEER}`
  const link = await spec('new', 'news', '--posting', '--relay', relay, '--link', 'https://news.example/room')
  expect(link).toMatch(/^https:\/\/news\.example\/room#G:/)
  expect(await spec('inspect', link)).toContain(`relays        ${relay} (a hint`)
})

test('spec diff says why two groups are not the same, exit code 1', async () => {
  const text = await spec('new', 'Kitchen', '--posting', '--unique')
  const { exitCode, stdout } = await runCli(['spec', 'diff', text, 'kitchen'])
  expect(exitCode).toBe(1)
  expect(stdout.split('\n')).toEqual([
    'name: "Kitchen" and "kitchen"',
    'directed routing: no and yes',
    'made unique: yes and no'
  ])
})

test('spec grant gives one peer a right that ends, and needs the password for it', async () => {
  const news = (await runCli(NEWS)).stdout
  const refused = await runCli(['spec', 'grant', news, PEER, '--password', 'wrong horse'])
  expect(refused).toMatchObject({ exitCode: 4, stdout: '' })
  expect(await runCli(['spec', 'grant', news, PEER])).toMatchObject({ exitCode: 4, stdout: '' })
  const args = ['grant', news, PEER, '--password', 'correct horse', '--expires', '2099-01-01']
  const segment = await spec(...args)
  expect(await spec('inspect', news + segment)).toContain(`posting: ${PEER}, until 2099-01-01T00:00:00.000Z`)
  const link = await spec(...args, '--link', 'https://news.example')
  expect(await spec('inspect', link)).toContain(`posting: ${PEER}, until 2099`)
})

test('spec grant in a group without a password is a wrong question', async () => {
  const { exitCode, stderr } = await runCli(['spec', 'grant', await spec('new', 'news', '--posting'), PEER])
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/no posting password/)
})

test('spec inspect --json has every field', async () => {
  const { stdout } = await runCli(['spec', 'inspect', (await runCli(NEWS)).stdout, '--json'])
  expect(JSON.parse(stdout)).toMatchObject({
    code: 'Cli.Groupspec',
    level: 'status',
    name: 'news',
    isUnique: false,
    passwords: ['posting'],
    rights: [],
    capabilities: { postingEnabled: true, routingEnabled: false }
  })
})

test('spec new with nothing enabled says so', async () => {
  const { exitCode, stderr } = await runCli(['spec', 'new', 'empty'])
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(/nothing is enabled/)
})
