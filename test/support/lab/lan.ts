import type { Namespace } from './namespace.ts'
import type { LinkSettings, Site } from './site.ts'

const BRIDGE = 'lan0'

/** A switch: machines on one link. With a gateway among them there is a way out. */
export class Lan implements Site {
  readonly namespace: Namespace
  readonly natKind: undefined
  readonly #network: string
  readonly #gateway: { address: string; publicAddress: string } | undefined
  #used: number

  private constructor(
    namespace: Namespace,
    network: string,
    gateway?: { address: string; publicAddress: string }
  ) {
    this.namespace = namespace
    this.#network = network
    this.#gateway = gateway
    this.#used = gateway === undefined ? 0 : 1
  }

  /** A link that leads nowhere. @param network the first three numbers of its addresses */
  static async create(namespace: Namespace, network: string): Promise<Lan> {
    await addBridge(namespace)
    return new Lan(namespace, network)
  }

  /** The link at the inner side of a router, which has the first address on it. @param publicAddress what its machines look like from outside */
  static async behind(router: Namespace, network: string, publicAddress: string): Promise<Lan> {
    const address = `${network}.1`
    await addBridge(router)
    await router.ip(`address add ${address}/24 dev ${BRIDGE}`)
    return new Lan(router, network, { address, publicAddress })
  }

  async plugIn(port: string): Promise<LinkSettings> {
    await this.namespace.ip(`link set ${port} master ${BRIDGE} up`)
    const address = `${this.#network}.${++this.#used}`
    const { address: gateway, publicAddress = address } = this.#gateway ?? {}
    return { address, prefixLength: 24, gateway, publicAddress }
  }
}

async function addBridge(namespace: Namespace): Promise<void> {
  await namespace.ip(`link add ${BRIDGE} type bridge`)
  await namespace.ip(`link set ${BRIDGE} up`)
}
