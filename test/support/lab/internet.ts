import { Capture } from './capture.ts'
import type { Namespace } from './namespace.ts'
import type { LinkSettings, Site } from './site.ts'
import { Wall, type WallOptions } from './wall.ts'

/** Who can be told apart on the internet: hosts and NATs. */
export interface OnTheInternet {
  readonly publicAddress: string
}

/**
 * One router, with a network of its own for each cable that is plugged in: nobody has a link in common with anybody, so multicast ends at
 * the first router, as it does outside. It has no way out of the lab.
 *
 * The numbers are ordinary public ones: those for documentation and benchmarks count as private in libp2p.
 */
export class Internet implements Site {
  readonly namespace: Namespace
  readonly natKind: undefined
  #networks = 0

  private constructor(namespace: Namespace) {
    this.namespace = namespace
  }

  static async create(namespace: Namespace): Promise<Internet> {
    await namespace.set('net/ipv4/ip_forward', '1')
    return new Internet(namespace)
  }

  async plugIn(port: string): Promise<LinkSettings> {
    const network = `5.9.${++this.#networks}`
    const gateway = `${network}.1`
    const address = `${network}.2`
    // A machine that was here before and went elsewhere took the cable, but not the network.
    await this.namespace.ip(`address flush dev ${port}`)
    await this.namespace.ip(`address add ${gateway}/24 dev ${port}`)
    await this.namespace.ip(`link set ${port} up`)
    return { address, prefixLength: 24, gateway, publicAddress: address }
  }

  /** Holds up what goes from one to the other, midway. */
  async block(one: OnTheInternet, other: OnTheInternet, options: WallOptions = {}): Promise<Wall> {
    return await Wall.raise(this.namespace, one.publicAddress, options, other.publicAddress)
  }

  /** Watches everything that passes. */
  async capture(): Promise<Capture> {
    return await Capture.start(this.namespace, 'any')
  }
}
