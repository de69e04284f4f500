import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../until.ts'
import type { Host } from './host.ts'

const PORT = 3478
const USERNAME = 'lab'
const CREDENTIAL = 'lab-secret'

/** coturn (Debian's package) on a public host, for STUN and TURN, over UDP and TCP, with one user. */
export class TurnServer implements AsyncDisposable {
  /** What WebRTC is to be told, for TURN. */
  readonly iceServers: { urls: string[]; username: string; credential: string }[]
  readonly #coturn: ChildProcess
  readonly #folder: string

  private constructor(address: string, coturn: ChildProcess, folder: string) {
    this.iceServers = [{ urls: [`turn:${address}:${PORT}`], username: USERNAME, credential: CREDENTIAL }]
    this.#coturn = coturn
    this.#folder = folder
  }

  /** Starts one. Resolves when it listens. */
  static async start(host: Host): Promise<TurnServer> {
    const folder = await mkdtemp(join(tmpdir(), 'netgroup-turn-'))
    const [program = '', ...within] = host.within
    const coturn = spawn(program, [...within, 'turnserver', ...argumentsFor(host.address, folder)], {
      stdio: 'ignore'
    })
    const server = new TurnServer(host.address, coturn, folder)
    try {
      await until('coturn listens', () => /IPv4\. UDP listener opened on/.test(server.log))
      return server
    } catch (error) {
      const { log } = server
      await server.close()
      throw new Error(`coturn does not start: ${log}`, { cause: error })
    }
  }

  /** What it has logged so far. */
  get log(): string {
    try {
      return readFileSync(join(this.#folder, 'log'), 'utf8')
    } catch {
      return ''
    }
  }

  /** Ends it. Idempotent. */
  async close(): Promise<void> {
    if (this.#coturn.exitCode === null && this.#coturn.signalCode === null) {
      const ended = once(this.#coturn, 'exit')
      this.#coturn.kill('SIGKILL')
      await ended
    }
    await rm(this.#folder, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function argumentsFor(address: string, folder: string): string[] {
  const listen = ['--listening-ip', address, '--relay-ip', address, '--listening-port', `${PORT}`]
  const users = ['--lt-cred-mech', '--realm', 'lab', '--user', `${USERNAME}:${CREDENTIAL}`]
  const files = [
    '--log-file',
    join(folder, 'log'),
    '--simple-log',
    '--pidfile',
    join(folder, 'pid'),
    '--userdb',
    join(folder, 'users')
  ]
  return ['-n', '--no-cli', '--no-tls', '--no-dtls', '--verbose', ...listen, ...users, ...files]
}
