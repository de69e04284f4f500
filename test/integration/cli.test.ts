import { expect, test } from 'vitest'
import { runCli } from '../support/cli-process.ts'

const COMMANDS = [
  [],
  ['chat'],
  ['post'],
  ['listen'],
  ['relay'],
  ['spec'],
  ['spec', 'new'],
  ['spec', 'inspect'],
  ['spec', 'diff'],
  ['spec', 'grant'],
  ['demo']
]

test.each(COMMANDS.map(words => ({ words })))(
  'netgroup $words --help shows an example and is done',
  async ({ words }) => {
    const { exitCode, stdout, stderr } = await runCli([...words, '--help'])
    expect(stdout).toMatch(/Examples?:\n {2}\$ .*netgroup/)
    expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  }
)

test('netgroup --version is the version of the package', async () => {
  expect(await runCli(['--version'])).toEqual({
    exitCode: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    stderr: ''
  })
})

test.each([
  { args: ['nonsense'], says: /unknown command 'nonsense'/ },
  { args: ['chta', 'kitchen'], says: /Did you mean chat\?/ },
  { args: ['chat'], says: /missing required argument 'group'/ },
  { args: ['chat', 'kitchen', '--colour'], says: /unknown option '--colour'/ },
  { args: ['chat', 'kitchen', 'sink'], says: /too many arguments/ },
  { args: ['chat', 'G:nonsense'], says: /This is not a groupspec/ },
  { args: ['chat', ''], says: /This is not a group name/ },
  { args: ['chat', 'https://chat.example/'], says: /This is not a link/ },
  { args: ['chat', 'kitchen', '--relay', 'nonsense'], says: /--relay "nonsense" is not a multiaddr/ },
  { args: ['chat', 'kitchen', '--password-file', '/no/such/file'], says: /Cannot read the password file/ },
  { args: ['chat', 'kitchen', '--password', '-'], says: /no terminal to ask/ },
  { args: ['chat', 'kitchen', '--name', ' '], says: /--name is empty/ },
  { args: ['listen', 'kitchen', '--count', '0'], says: /whole number from 1 on/ },
  { args: ['listen', 'kitchen', '--from', 'ada'], says: /"ada" is not a peer id/ },
  { args: ['post', 'kitchen', 'hi', '--wait', 'long'], says: /number of seconds/ },
  { args: ['relay', '--port', '70000'], says: /It must be a port/ },
  { args: ['spec', 'inspect', 'G:\x1b[2J'], says: /This is not a groupspec/ },
  { args: ['spec', 'grant', 'kitchen', 'ada'], says: /"ada" is not a peer id/ },
  { args: ['spec', 'nonsense'], says: /unknown command 'nonsense'/ }
])('netgroup $args is told to be wrong in one line, exit code 2', async ({ args, says }) => {
  const { exitCode, stdout, stderr } = await runCli(args)
  expect(stderr).toMatch(says)
  expect(stderr.split('\n')).toHaveLength(1)
  expect(stderr).not.toContain('\x1b')
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
})

test('a usage error with --json is one JSON object', async () => {
  const { stderr } = await runCli(['listen', 'G:nonsense', '--json'])
  expect(JSON.parse(stderr)).toMatchObject({ code: 'Cli.Usage', level: 'error', text: expect.any(String) })
})
