import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { GroupSpecifier } from 'netgroup'
import { CliProcess, type CliRow } from './cli-process.ts'

/** What a peer runs, see there. */
const GROUP_PEER = fileURLToPath(new URL('./group-peer.js', import.meta.url))
const RELAY = fileURLToPath(new URL('./relay-process.js', import.meta.url))

/** How long a process may take to start on a machine that does a dozen other things. */
const START_TIMEOUT_MS = 30_000

/** How to start a peer. */
export interface PeerProcessOptions {
  /** The group, as text. */
  groupspec: string
  /** @default ['lan:'] */
  endpoints?: readonly string[]
  /** A command that runs the one after it elsewhere: `ip netns exec …`. @default none */
  within?: readonly string[]
  /** How long it waits for a relay, in ms. @default the library's */
  connectTimeoutMs?: number
  /** STUN and TURN servers. @default the library's */
  iceServers?: readonly object[]
}

/** How to start a relay. */
export interface RelayProcessOptions {
  /** @default a free port of 127.0.0.1 */
  listen?: readonly string[]
  /** A command that runs the one after it elsewhere. @default none */
  within?: readonly string[]
  /** A folder in which it keeps who it is, and finds it when it is started again. @default somebody new each time */
  home?: string
  /** Where it answers STUN. @default nowhere */
  stunPort?: number
}

/** The text of a group that no other run of these tests is in. */
export function newGroup(): string {
  return new GroupSpecifier(`test ${randomBytes(6).toString('hex')}`, { postingEnabled: true }).toString()
}

/** Start a peer as a process of its own, with the built package. Input is posted line by line; its end is the time to leave. */
export function startPeer(options: PeerProcessOptions): CliProcess {
  const { groupspec, endpoints = ['lan:'], within = [], connectTimeoutMs, iceServers } = options
  return new CliProcess([groupspec, ...endpoints], {
    command: commandOf(within, GROUP_PEER),
    env: {
      ...(connectTimeoutMs === undefined ? {} : { CONNECT_TIMEOUT_MS: String(connectTimeoutMs) }),
      ...(iceServers === undefined ? {} : { ICE_SERVERS: JSON.stringify(iceServers) })
    }
  })
}

/** Start a relay as a process of its own, with the built package. The end of its input is the time to stop. */
export function startRelay(options: RelayProcessOptions = {}): CliProcess {
  const { listen = ['/ip4/127.0.0.1/tcp/0'], within = [], home, stunPort } = options
  return new CliProcess(listen, {
    command: commandOf(within, RELAY),
    env: {
      ...(home === undefined ? {} : { NETGROUP_HOME: home, IDENTITY: 'relay' }),
      ...(stunPort === undefined ? {} : { STUN_PORT: String(stunPort) })
    }
  })
}

function commandOf(within: readonly string[], script: string): [string, ...string[]] {
  const [program = process.execPath, ...first] = [...within, process.execPath, script]
  return [program, ...first]
}

/** The addresses of a relay, once it listens. */
export async function addressesOf(relay: CliProcess): Promise<string[]> {
  const row = await relay.waitForRow('Listening', () => true, START_TIMEOUT_MS)
  return row['multiaddrs'] as string[]
}

/** The address of a relay that has one only, once it listens. */
export async function addressOf(relay: CliProcess): Promise<string> {
  return String(await addressesOf(relay))
}

/** The rows with this code so far. */
export function rowsOf(peer: CliProcess, code: string): CliRow[] {
  return peer.rows.filter(row => row.code === code)
}

/** The peer id of a peer, once it has joined. */
export async function peerIDOf(peer: CliProcess): Promise<string> {
  return String((await peer.waitForRow('Joined', () => true, START_TIMEOUT_MS))['peerID'])
}

/** When a row was printed, in ms since 1970, on the clock of the process that printed it. */
export function timeOf(row: CliRow): number {
  return Number(row['atMs'])
}

/** When a process was started, in ms since 1970. */
export function startOf(peer: CliProcess): number {
  return performance.timeOrigin + peer.startedAtMs
}

/** Tell peers to leave, and wait until each has ended by itself. @throws Error when one ends with another exit code than 0 */
export async function leave(...peers: CliProcess[]): Promise<void> {
  for (const peer of peers) peer.endInput()
  for (const { exitCode, stderr } of await Promise.all(peers.map(peer => peer.ended)))
    if (exitCode !== 0) throw new Error(`A peer ended with exit code ${exitCode}: ${stderr}`)
}
