import { type Command, InvalidArgumentError, Option } from 'commander'
import type { RelayLimits, RelayOptions } from 'netgroup/relay'
import { byteSize } from './byte-size.ts'
import { usageError } from './exit-codes.ts'
import { positiveInteger, seconds } from './options.ts'
import { requireMultiaddr } from './peer-address.ts'

/** STUN's own (RFC 8489, section 18.6). */
const STUN_PORT = 3_478

/** TCP; WebSocket and WebRTC-direct have the next two. */
const PORT = 4_001

/** Begins the name of the environment variable that stands for an option. */
const ENV = 'NETGROUP_RELAY_'

/** What an environment variable says that stands for an option without a value, and is not meant to set it. */
const OFF = new Set(['', '0', 'false', 'no', 'off'])

/** What is given to `netgroup relay`, from the command line or else from the environment. */
export interface RelayCommandOptions {
  port: number
  http: boolean
  stunPort?: number
  stun: boolean
  webrtcPort?: number
  webrtc: boolean
  listen?: string[]
  announce?: string[]
  identity: string
  ephemeral?: boolean
  maxReservations?: number
  maxCircuitsPerPeer?: number
  circuitDuration?: number
  circuitBytes?: number
  maxRegistrationsPerPeer?: number
  iceServer?: NonNullable<RelayOptions['iceServers']>
  json?: boolean
}

/** Adds them. The numbers of the limits are those of `DEFAULT_RELAY_LIMITS`, which cannot be asked without loading the network. */
export function addRelayOptions(command: Command): Command {
  const options = [
    new Option('--port <n>', 'TCP here, WebSocket and HTTP on n+1, WebRTC-direct on n+2 (default 4001)')
      .default(PORT)
      .argParser(portUpTo(65_533)),
    new Option('--no-http', 'no HTTP on the WebSocket port'),
    new Option('--stun-port <n>', 'answer STUN on this UDP port (default 3478)').argParser(portUpTo(65_535)),
    new Option('--no-stun', 'no STUN'),
    new Option('--webrtc-port <n>', 'WebRTC-direct on this UDP port').argParser(portUpTo(65_535)),
    new Option('--no-webrtc', 'no WebRTC-direct'),
    new Option('--listen <multiaddr...>', 'listen on these addresses instead').argParser(words),
    new Option(
      '--announce <multiaddr...>',
      'the addresses to give out, when others see different ones'
    ).argParser(words),
    new Option('--identity <name>', 'the key kept under this name (default relay)').default('relay'),
    new Option('--ephemeral', 'a new key each time, and with it another address'),
    ...limitOptions(),
    new Option(
      '--ice-server <url>',
      'a further STUN or TURN server for members: URL or URL,USER,CREDENTIAL (repeatable)'
    ).argParser(iceServers),
    new Option('--json', 'one JSON object per line')
  ]
  for (const option of options) command.addOption(option.env(environmentName(option)))
  // Their names follow from the options' and would double the help.
  return command.configureHelp({ optionDescription: ({ description }) => description })
}

function limitOptions(): Option[] {
  return [
    new Option('--max-reservations <n>', 'peers that may be reached through it (default 1024)').argParser(
      positiveInteger
    ),
    new Option('--max-circuits-per-peer <n>', 'relayed connections of one peer (default 64)').argParser(
      positiveInteger
    ),
    new Option('--circuit-duration <seconds>', 'how long one may last (default 3600)').argParser(seconds),
    new Option('--circuit-bytes <size>', 'how much one may carry (default 256MiB)').argParser(byteSize),
    new Option('--max-registrations-per-peer <n>', 'groups of one peer (default 64)').argParser(
      positiveInteger
    )
  ]
}

/** The library's options. What the environment says is taken where the command line says nothing. @throws CommandError (usage) */
export function relayOptionsOf(command: Command): { wanted: RelayOptions; given: RelayCommandOptions } {
  const given = { ...command.opts<RelayCommandOptions>() }
  for (const name of ['http', 'stun', 'webrtc'] as const) if (isOff(command, `no-${name}`)) given[name] = true
  if (isOff(command, 'ephemeral') || command.getOptionValueSource('identity') === 'cli') {
    if (command.getOptionValueSource('ephemeral') === 'cli')
      throw usageError('--identity and --ephemeral say the opposite: give one of them')
    given.ephemeral = false
  }
  for (const address of given.listen ?? []) requireMultiaddr('--listen', address)
  for (const address of given.announce ?? []) requireMultiaddr('--announce', address)
  const listen = listenOn(given)
  const httpPort = given.http ? webSocketPort(listen) : undefined
  const wanted = {
    listen,
    announce: given.announce,
    httpPort,
    stunPort: given.stun ? (given.stunPort ?? STUN_PORT) : undefined,
    iceServers: given.iceServer,
    limits: limitsOf(given)
  }
  return { wanted: withoutUndefined(wanted), given }
}

function listenOn({ listen, port, webrtc, webrtcPort }: RelayCommandOptions): string[] {
  const at = (offset: number): number => (port === 0 ? 0 : port + offset)
  const udp = webrtcPort ?? (listen === undefined ? at(2) : undefined)
  const streams = ['/ip4/0.0.0.0', '/ip6/::'].flatMap(host => [
    `${host}/tcp/${port}`,
    `${host}/tcp/${at(1)}/ws`
  ])
  return [
    ...(listen ?? streams),
    ...(webrtc && udp !== undefined ? [`/ip4/0.0.0.0/udp/${udp}/webrtc-direct`] : [])
  ]
}

function webSocketPort(listen: readonly string[]): number | undefined {
  const port = listen.map(address => /\/tcp\/(\d+)\/ws\/?$/.exec(address)?.[1]).find(found => found)
  return port === undefined ? undefined : Number(port)
}

function limitsOf(given: RelayCommandOptions): Partial<RelayLimits> {
  const { maxReservations, maxCircuitsPerPeer, circuitDuration, circuitBytes, maxRegistrationsPerPeer } =
    given
  const circuitDurationMs = circuitDuration === undefined ? undefined : Math.ceil(circuitDuration * 1000)
  return withoutUndefined({
    maxReservations,
    maxCircuitsPerPeer,
    circuitDurationMs,
    circuitBytes,
    maxRegistrationsPerPeer
  })
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> }

function withoutUndefined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>
}

function environmentName(option: Option): string {
  return ENV + (option.long ?? '').slice(2).replaceAll('-', '_').toUpperCase()
}

/** Does the environment have this option's variable, saying that it is not meant? */
function isOff(command: Command, long: string): boolean {
  const option = command.options.find(one => one.long === `--${long}`)
  if (option === undefined || command.getOptionValueSource(option.attributeName()) !== 'env') return false
  return OFF.has((process.env[environmentName(option)] ?? '').toLowerCase())
}

function portUpTo(highest: number): (value: string) => number {
  return value => {
    if (!/^\d{1,5}$/.test(value) || Number(value) > highest)
      throw new InvalidArgumentError(`It must be a port, 0 to ${highest}; 0 is any free one.`)
    return Number(value)
  }
}

function words(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), ...value.split(/\s+/).filter(word => word !== '')]
}

function iceServers(
  value: string,
  earlier: NonNullable<RelayOptions['iceServers']> | undefined
): NonNullable<RelayOptions['iceServers']> {
  return [...(earlier ?? []), ...words(value, []).map(iceServer)]
}

function iceServer(value: string): NonNullable<RelayOptions['iceServers']>[number] {
  const [, urls = '', username, credential] = /^([^,]+)(?:,([^,]+),(.+))?$/.exec(value) ?? []
  const isTurn = /^turns?:/.test(urls)
  if (!/^(stun|turn)s?:[^\s@]+$/.test(urls) || isTurn !== (username !== undefined))
    throw new InvalidArgumentError('It must be like stun:HOST:3478 or turn:HOST:3478,USER,CREDENTIAL.')
  return username === undefined || credential === undefined ? { urls } : { urls, username, credential }
}
