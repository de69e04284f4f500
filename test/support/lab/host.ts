import { Capture } from './capture.ts'
import type { Namespace } from './namespace.ts'
import type { NatKind } from './nat.ts'
import { addRoutes, connect, type LinkSettings, move, type Site } from './site.ts'
import { Wall, type WallOptions } from './wall.ts'

const NIC = 'eth0'

/** A machine with one interface, `eth0`. */
export class Host {
  readonly namespace: Namespace
  readonly #port: string
  #site: Site
  #link: LinkSettings

  private constructor(namespace: Namespace, port: string, site: Site, link: LinkSettings) {
    this.namespace = namespace
    this.#port = port
    this.#site = site
    this.#link = link
  }

  /** Sets one up at a site. @param port the name of the cable's other end */
  static async create(namespace: Namespace, port: string, site: Site): Promise<Host> {
    return new Host(namespace, port, site, await connect(namespace, NIC, site, port))
  }

  /** Its IPv4 address on its link. */
  get address(): string {
    return this.#link.address
  }

  /** The address under which the internet sees it: its NAT's, or its own. */
  get publicAddress(): string {
    return this.#link.publicAddress
  }

  /** What kind of NAT it is behind; undefined without one. */
  get natKind(): NatKind | undefined {
    return this.#site.natKind
  }

  /** What makes a command run on it: put it before the command. */
  get within(): readonly string[] {
    return this.namespace.within
  }

  /** Lets a firewall in its router hold up what it sends and what is sent to it. */
  async block(options: WallOptions): Promise<Wall> {
    return await Wall.raise(this.#site.namespace, this.address, options)
  }

  /** Pulls the cable: the link is down, the addresses stay. */
  async disconnect(): Promise<void> {
    await this.#site.namespace.ip(`link set ${this.#port} down`)
  }

  /** Plugs the cable in again. */
  async reconnect(): Promise<void> {
    await this.#site.namespace.ip(`link set ${this.#port} up`)
    await addRoutes(this.namespace, NIC, this.#link)
  }

  /** Takes it to another network, while its programs run: another address, another way out. */
  async moveTo(site: Site): Promise<void> {
    this.#link = await move(this.namespace, NIC, this.#port, this.#site, site)
    this.#site = site
  }

  /** Watches its interface. */
  async capture(): Promise<Capture> {
    return await Capture.start(this.namespace, NIC)
  }
}
