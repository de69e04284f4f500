import { networkInterfaces } from 'node:os'
import type { PrivateKey } from '@libp2p/interface'
import type { Command } from 'commander'
import type { RelayOptions, RelayServer } from 'netgroup/relay'
import { CommandError, ExitCode, usageError } from '../exit-codes.ts'
import { aborted, type Lifetime } from '../lifetime.ts'
import type { Output } from '../output.ts'
import { addRelayOptions, type RelayCommandOptions, relayOptionsOf } from '../relay-options.ts'
import { type Run, runCommand } from '../run-command.ts'

const EXAMPLES = `
Examples:
  $ netgroup relay
  $ netgroup relay --announce /dns4/relay.example/tcp/4001
  $ netgroup relay --port 5001 --identity second --circuit-bytes 1GiB
  $ netgroup relay --ice-server turn:turn.example:3478,user,secret

Its addresses go to stdout: give one to the others as --relay ADDR. They stay
the same when it is started again, unless --ephemeral. On this machine, and
behind a web server that passes on to its WebSocket port, the web address will
do: --relay http://localhost:4002, --relay https://relay.example.

Each option has an environment variable, for when it is not given: --stun-port
is NETGROUP_RELAY_STUN_PORT, --no-http is NETGROUP_RELAY_NO_HTTP. Several
values are separated by spaces. Ctrl-C ends it with exit code 0.`

/** `netgroup relay`: for those who are not on one local network. */
export function addRelayCommand(program: Command, lifetime: Lifetime): void {
  const command = program
    .command('relay')
    .description('run a relay, through which members find and reach each other')
  addRelayOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((options: RelayCommandOptions) => {
      const how = { json: options.json ?? false, whenInterrupted: ExitCode.DONE }
      return runCommand(lifetime, how, run => relay(run, command))
    })
}

async function relay({ output, signal }: Run, command: Command): Promise<undefined> {
  const { wanted, given } = relayOptionsOf(command)
  const identity = given.ephemeral ? {} : { identity: await keptIdentity(given.identity, signal) }
  await using server = await start({ ...wanted, ...identity, signal }, given, output)
  requireListeners(server, wanted.listen ?? [], given, output)
  const { multiaddrs, url, stunPort } = server
  output.result(
    { code: 'Cli.Relay.Listening', level: 'status', multiaddrs, url, stunPort },
    multiaddrs.join('\n')
  )
  const here = url === undefined ? '' : `, on this machine also as ${url}`
  output.note({ code: 'Cli.Note', level: 'status' }, `the relay is running${here}; Ctrl-C ends it`)
  await aborted(signal)
  return undefined
}

async function keptIdentity(name: string, signal: AbortSignal): Promise<PrivateKey> {
  const { loadIdentity } = await import('netgroup')
  try {
    return await loadIdentity(name, { signal })
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof TypeError) throw usageError(`--identity: ${error.message}`)
    const isInUse = error instanceof Error && 'code' in error && error.code === 'IDENTITY_IN_USE'
    throw isInUse
      ? new CommandError(
          ExitCode.FAILED,
          'IDENTITY_IN_USE',
          `Cannot start a relay as "${name}": another process does so. --identity NAME takes another key, --ephemeral a new one`
        )
      : new CommandError(
          ExitCode.FAILED,
          'Cli.Failed',
          `Cannot keep the identity "${name}": ${String(error)}. Set NETGROUP_HOME to a folder that can be written, or give --ephemeral`
        )
  }
}

/** Without STUN when its port is taken that nobody asked for. */
async function start(
  options: RelayOptions,
  given: RelayCommandOptions,
  output: Output
): Promise<RelayServer> {
  const { RelayServer } = await import('netgroup/relay')
  try {
    return await RelayServer.start(options)
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) throw usageError(error.message)
    if (given.stunPort !== undefined || !isAboutStun(error)) throw error
    without(output, 'STUN', `UDP port ${options.stunPort} is taken: --stun-port N takes another`)
    const { stunPort: _, ...others } = options
    return await RelayServer.start(others)
  }
}

function isAboutStun(error: unknown): boolean {
  const { detail } = error as { detail?: { attempts?: readonly { address: string }[] } }
  return detail?.attempts?.[0]?.address.startsWith('stun port') === true
}

/** A family that this host does not have is passed over; a port that is taken is not. @throws CommandError when there is nobody at a port that was asked for */
function requireListeners(
  server: RelayServer,
  wanted: readonly string[],
  given: RelayCommandOptions,
  output: Output
): void {
  const there = new Set(server.listening.map(familyKindAndPort))
  const missing = wanted.filter(address => !there.has(familyKindAndPort(address)) && !isLeftToSystem(address))
  for (const address of missing) {
    if (address.includes('/webrtc-direct') && given.webrtcPort === undefined && given.listen === undefined)
      without(output, 'WebRTC-direct', `UDP port ${portOf(address)} is taken: --webrtc-port N takes another`)
    else
      throw new CommandError(
        ExitCode.CANNOT_CONNECT,
        'CONNECT_FAILED',
        `Cannot listen on ${address}: the port is taken or not allowed, or there is no such address here`
      )
  }
}

/** `ip4 ws 4002` of `/ip4/0.0.0.0/tcp/4002/ws`. */
function familyKindAndPort(address: string): string {
  const kind = /\/(webrtc-direct|tls\/ws|wss|ws)(?:\/|$)/.exec(address)?.[1] ?? 'tcp'
  return `${address.split('/')[1]} ${kind} ${portOf(address)}`
}

function portOf(address: string): string | undefined {
  return /\/(?:tcp|udp)\/(\d+)/.exec(address)?.[1]
}

function isLeftToSystem(address: string): boolean {
  if (portOf(address) === '0') return true
  const families = Object.values(networkInterfaces()).flatMap(all => all?.map(({ family }) => family))
  return address.startsWith('/ip6/::/') && !families.includes('IPv6')
}

function without(output: Output, what: string, reason: string): void {
  output.warn({ code: 'Cli.Relay.Without', level: 'warning', what, reason }, `no ${what}: ${reason}`)
}
