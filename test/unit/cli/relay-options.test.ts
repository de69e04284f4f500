import { Command } from 'commander'
import { afterEach, describe, expect, test } from 'vitest'
import { addRelayOptions, type RelayCommandOptions, relayOptionsOf } from '../../../src/cli/relay-options.ts'
import { DEFAULT_RELAY_LIMITS, DEFAULT_RELAY_LISTEN, type RelayOptions } from '../../../src/relay.ts'

afterEach(() => {
  for (const name of Object.keys(process.env))
    if (name.startsWith('NETGROUP_RELAY_')) delete process.env[name]
})

function parse(
  text = '',
  env: Record<string, string> = {}
): { wanted: RelayOptions; given: RelayCommandOptions } {
  Object.assign(process.env, env)
  const command = addRelayOptions(new Command('relay').exitOverride().configureOutput({ writeErr: () => {} }))
  command.parse(text.split(' ').filter(Boolean), { from: 'user' })
  return relayOptionsOf(command)
}

describe('netgroup relay', () => {
  test('without options is what the library listens on, with HTTP, STUN and a kept identity', () => {
    const { wanted, given } = parse()
    expect([...(wanted.listen ?? [])].sort()).toEqual([...DEFAULT_RELAY_LISTEN].sort())
    expect(wanted).toMatchObject({ httpPort: 4002, stunPort: 3478, limits: {} })
    expect(given).toMatchObject({ identity: 'relay' })
    expect(given.ephemeral).toBeUndefined()
  })

  test('--help tells the library’s defaults', () => {
    const help = addRelayOptions(new Command('relay')).helpInformation().replace(/\s+/g, ' ')
    const { circuitDurationMs, circuitBytes, ...counts } = DEFAULT_RELAY_LIMITS
    for (const count of Object.values(counts)) expect(help).toContain(`(default ${count})`)
    expect(help).toContain(`(default ${circuitDurationMs / 1000})`)
    expect(help).toContain(`(default ${circuitBytes / 2 ** 20}MiB)`)
  })

  test('--port moves all, and 0 leaves each to the system', () => {
    expect(parse('--port 5000').wanted.listen).toEqual([
      '/ip4/0.0.0.0/tcp/5000',
      '/ip4/0.0.0.0/tcp/5001/ws',
      '/ip6/::/tcp/5000',
      '/ip6/::/tcp/5001/ws',
      '/ip4/0.0.0.0/udp/5002/webrtc-direct'
    ])
    const { wanted } = parse('--port 0')
    expect(wanted.listen?.every(address => /\/(tcp|udp)\/0/.test(address))).toBe(true)
    expect(wanted.httpPort).toBe(0)
  })

  test('--no-http, --no-stun and --no-webrtc leave them out', () => {
    const { wanted } = parse('--no-http --no-stun --no-webrtc')
    expect(wanted.listen?.some(address => address.includes('webrtc'))).toBe(false)
    expect(wanted).not.toHaveProperty('httpPort')
    expect(wanted).not.toHaveProperty('stunPort')
  })

  test('--listen is all it listens on: HTTP where there is a WebSocket, WebRTC-direct where it is asked for', () => {
    expect(parse('--listen /ip4/127.0.0.1/tcp/0').wanted).not.toHaveProperty('httpPort')
    const { wanted } = parse('--listen /ip4/127.0.0.1/tcp/1 /ip4/127.0.0.1/tcp/2/ws --webrtc-port 3')
    expect(wanted.listen).toEqual([
      '/ip4/127.0.0.1/tcp/1',
      '/ip4/127.0.0.1/tcp/2/ws',
      '/ip4/0.0.0.0/udp/3/webrtc-direct'
    ])
    expect(wanted.httpPort).toBe(2)
  })

  test('limits, with sizes as people write them', () => {
    const { wanted } = parse('--max-reservations 9 --circuit-duration 1.5 --circuit-bytes 2GiB')
    expect(wanted.limits).toEqual({ maxReservations: 9, circuitDurationMs: 1500, circuitBytes: 2 ** 31 })
  })

  test.each([
    ['1000', 1000],
    ['10kB', 10_000],
    ['1.5KiB', 1536],
    ['3mib', 3 * 2 ** 20],
    ['2G', 2e9]
  ])('--circuit-bytes %s is %i', (text, circuitBytes) => {
    expect(parse(`--circuit-bytes ${text}`).wanted.limits).toEqual({ circuitBytes })
  })

  test('--ice-server, repeated, with credentials that may contain commas', () => {
    const { wanted } = parse('--ice-server stun:a.example --ice-server turns:b.example:443,user,a,b')
    expect(wanted.iceServers).toEqual([
      { urls: 'stun:a.example' },
      { urls: 'turns:b.example:443', username: 'user', credential: 'a,b' }
    ])
  })

  test('takes from the environment what the command line does not say', () => {
    const env = {
      NETGROUP_RELAY_PORT: '6000',
      NETGROUP_RELAY_STUN_PORT: '6005',
      NETGROUP_RELAY_NO_WEBRTC: '1',
      NETGROUP_RELAY_NO_HTTP: '0',
      NETGROUP_RELAY_EPHEMERAL: 'yes',
      NETGROUP_RELAY_MAX_CIRCUITS_PER_PEER: '7',
      NETGROUP_RELAY_ICE_SERVER: 'stun:a.example stun:b.example',
      NETGROUP_RELAY_ANNOUNCE: '/dns4/a.example/tcp/1 /dns4/b.example/tcp/2'
    }
    const { wanted, given } = parse('--port 5000', env)
    expect(wanted).toEqual({
      listen: expect.arrayContaining(['/ip6/::/tcp/5001/ws']),
      announce: ['/dns4/a.example/tcp/1', '/dns4/b.example/tcp/2'],
      httpPort: 5001,
      stunPort: 6005,
      iceServers: [{ urls: 'stun:a.example' }, { urls: 'stun:b.example' }],
      limits: { maxCircuitsPerPeer: 7 }
    })
    expect(wanted.listen).toHaveLength(4)
    expect(given.ephemeral).toBe(true)
  })

  test('an identity on the command line outweighs NETGROUP_RELAY_EPHEMERAL, and the other way round', () => {
    expect(parse('--identity a', { NETGROUP_RELAY_EPHEMERAL: '1' }).given.ephemeral).toBe(false)
    expect(parse('--ephemeral', { NETGROUP_RELAY_IDENTITY: 'a' }).given.ephemeral).toBe(true)
    expect(() => parse('--ephemeral --identity a')).toThrow('give one of them')
  })

  test('nonsense in the environment is as wrong as on the command line', () => {
    expect(() => parse('', { NETGROUP_RELAY_PORT: 'x' })).toThrow('It must be a port')
  })
})
