import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CliProcess } from '../cli-process.ts'
import { addressesOf, startRelay } from '../peer-process.ts'
import type { Host } from './host.ts'

const STUN_PORT = 3478

/** A relay on a host of the lab: TCP at 4001, WebSocket at 443, STUN at 3478. It is the same one after a restart. */
export class LabRelay implements AsyncDisposable {
  readonly host: Host
  readonly #home: string
  #process: CliProcess
  #addresses: readonly string[] = []

  private constructor(host: Host, home: string) {
    this.host = host
    this.#home = home
    this.#process = this.#spawn()
  }

  /** Starts one. Resolves when it listens. */
  static async start(host: Host): Promise<LabRelay> {
    const relay = new LabRelay(host, await mkdtemp(join(tmpdir(), 'netgroup-relay-')))
    relay.#addresses = await addressesOf(relay.#process)
    return relay
  }

  /** Where it can be reached by TCP, with its peer id. */
  get address(): string {
    return this.#addressWith('/tcp/4001/')
  }

  /** Where it can be reached by WebSocket, with its peer id. */
  get webSocketAddress(): string {
    return this.#addressWith('/tcp/443/ws/')
  }

  /** Kills it, as a machine that fails does. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#process.ended
  }

  /** Starts it again. Resolves when it listens. */
  async restart(): Promise<void> {
    this.#process = this.#spawn()
    this.#addresses = await addressesOf(this.#process)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await rm(this.#home, { recursive: true, force: true })
  }

  #spawn(): CliProcess {
    const { address, within } = this.host
    const listen = [`/ip4/${address}/tcp/4001`, `/ip4/${address}/tcp/443/ws`]
    return startRelay({ listen, within, home: this.#home, stunPort: STUN_PORT })
  }

  #addressWith(part: string): string {
    const found = this.#addresses.find(address => address.includes(part))
    if (found === undefined) throw new Error(`The relay has no address with ${part}: ${this.#addresses}`)
    return found
  }
}
