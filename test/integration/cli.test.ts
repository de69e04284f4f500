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
  { args: ['relay', '--port', '65534'], says: /It must be a port, 0 to 65533/ },
  { args: ['relay', '--stun-port', '-1'], says: /It must be a port/ },
  { args: ['relay', '--webrtc-port', 'any'], says: /It must be a port/ },
  { args: ['relay', '--listen', 'nonsense'], says: /--listen "nonsense" is not a multiaddr/ },
  { args: ['relay', '--announce', '4001'], says: /--announce "4001" is not a multiaddr/ },
  { args: ['relay', '--max-reservations', '0'], says: /whole number from 1 on/ },
  { args: ['relay', '--circuit-bytes', '1 film'], says: /size like 256MiB/ },
  { args: ['relay', '--circuit-duration', '-5'], says: /number of seconds/ },
  { args: ['relay', '--ice-server', 'turn:turn.example'], says: /turn:HOST:3478,USER,CREDENTIAL/ },
  { args: ['relay', '--ephemeral', '--identity', 'a'], says: /give one of them/ },
  { args: ['relay', '--identity', '../a'], says: /a name has 1 to 64 letters/ },
  {
    args: ['relay', '--ephemeral', ...Array(9).fill('--ice-server=stun:stun.example')],
    says: /9 ICE servers, at most 8/
  },
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
