import { Host } from './host.ts'
import { Internet } from './internet.ts'
import { Lan } from './lan.ts'
import { Namespace } from './namespace.ts'
import { Nat, type NatKind } from './nat.ts'
import type { Site } from './site.ts'

let labs = 0

/** How a NAT is to be. */
export interface NatOptions {
  /** The first three numbers of the addresses behind it. Most homes have the same ones, and so have most of these. @default '192.168.1' */
  network?: string
}

/**
 * Networks out of namespaces: an internet with public hosts, NATs with hosts behind them, and LANs that lead nowhere. Nothing of the machine's own
 * network is touched, and nothing leads out.
 */
export class Lab implements AsyncDisposable {
  readonly internet: Internet
  readonly #prefix: string
  readonly #namespaces: Namespace[]
  #ports = 0

  private constructor(prefix: string, internet: Internet) {
    this.#prefix = prefix
    this.internet = internet
    this.#namespaces = [internet.namespace]
  }

  /** An internet with nobody on it. @throws Error of `ip` or `nft` when something fails; nothing is left then */
  static async create(): Promise<Lab> {
    const prefix = `${labs++}`
    const namespace = await Namespace.add(`${prefix}-internet`)
    try {
      return new Lab(prefix, await Internet.create(namespace))
    } catch (error) {
      await namespace.delete()
      throw error
    }
  }

  /** A host with a public address and no firewall. */
  async publicHost(): Promise<Host> {
    return await this.host(this.internet)
  }

  /** A host behind a NAT, on a LAN, or on the internet. */
  async host(site: Site): Promise<Host> {
    return await Host.create(await this.#namespace('host'), this.#port(), site)
  }

  /** A NAT on the internet, with nobody behind it. */
  async nat(kind: NatKind, { network = '192.168.1' }: NatOptions = {}): Promise<Nat> {
    return await Nat.create(kind, await this.#namespace('nat'), this.#port(), this.internet, network)
  }

  /** A host alone behind a NAT of its own. */
  async hostBehind(kind: NatKind, options?: NatOptions): Promise<{ host: Host; nat: Nat }> {
    const nat = await this.nat(kind, options)
    return { nat, host: await this.host(nat) }
  }

  /** A link that leads nowhere. */
  async lan(): Promise<Lan> {
    return await Lan.create(await this.#namespace('lan'), '10.77.0')
  }

  /** Ends the processes in it and takes it away. Idempotent. */
  async close(): Promise<void> {
    for (const namespace of this.#namespaces.reverse()) await namespace.delete()
    this.#namespaces.length = 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** What was made goes with the lab, also when what was to be made of it fails. */
  async #namespace(what: string): Promise<Namespace> {
    const namespace = await Namespace.add(`${this.#prefix}-${what}${this.#namespaces.length}`)
    this.#namespaces.push(namespace)
    return namespace
  }

  /** The names of interfaces have 15 characters at most. */
  #port(): string {
    return `port${this.#ports++}`
  }
}
