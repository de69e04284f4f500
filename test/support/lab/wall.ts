import type { Namespace } from './namespace.ts'

/** What a firewall does not let through; packets vanish without an answer. */
export interface WallOptions {
  /** UDP only. @default false: everything */
  udp?: boolean
  /** TCP to servers at these ports goes through all the same. @default none */
  exceptTcpPorts?: readonly number[]
}

let count = 0

/** Rules of a firewall in a router, as long as they stand. */
export class Wall implements AsyncDisposable {
  readonly #router: Namespace
  readonly #table: string
  #isLifted = false

  private constructor(router: Namespace, table: string) {
    this.#router = router
    this.#table = table
  }

  /** Puts one up around an address, also for what is under way. @param other only between the two */
  static async raise(
    router: Namespace,
    address: string,
    options: WallOptions,
    other?: string
  ): Promise<Wall> {
    const wall = new Wall(router, `inet wall${count++}`)
    const ways = [
      [`ip saddr ${address}`, other === undefined ? '' : `ip daddr ${other}`, 'dport'],
      [`ip daddr ${address}`, other === undefined ? '' : `ip saddr ${other}`, 'sport']
    ].map(([from, to, port]) => rulesOf(`${from} ${to}`, `${port}`, options))
    await router.nft(`table ${wall.#table} { chain passing { type filter hook forward priority 0
      ${ways.join('\n')}
    }
    }`)
    return wall
  }

  /** Takes it away. Idempotent. */
  async lift(): Promise<void> {
    if (this.#isLifted) return
    this.#isLifted = true
    await this.#router.nft(`delete table ${this.#table}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lift()
  }
}

function rulesOf(
  packets: string,
  serverPort: string,
  { udp = false, exceptTcpPorts = [] }: WallOptions
): string {
  const through =
    exceptTcpPorts.length === 0
      ? ''
      : `${packets} tcp ${serverPort} { ${exceptTcpPorts.join(', ')} } accept\n`
  return `${through}${packets} ${udp ? 'meta l4proto udp ' : ''}drop`
}
