import { Capture } from './capture.ts'
import type { Internet } from './internet.ts'
import { Lan } from './lan.ts'
import type { Namespace } from './namespace.ts'
import { connect, type LinkSettings, type Site } from './site.ts'

/**
 * How a NAT maps and filters (RFC 4787). `port-restricted`: one public port per inner port, whoever is spoken to; let in is who was spoken to,
 * address and port. `symmetric`: another random public port for everyone spoken to.
 */
export type NatKind = 'port-restricted' | 'symmetric'

/** What a NAT's interfaces are called: to the internet, and to those behind it. */
export const WAN_NIC = 'wan0'
export const LAN_NIC = 'lan0'

/** A router that has one public address for the machines behind it. */
export class Nat implements Site {
  readonly natKind: NatKind
  readonly namespace: Namespace
  readonly publicAddress: string
  /** The first three numbers of the addresses behind it. */
  readonly network: string
  readonly #lan: Lan

  private constructor(kind: NatKind, namespace: Namespace, publicAddress: string, network: string, lan: Lan) {
    this.natKind = kind
    this.network = network
    this.namespace = namespace
    this.publicAddress = publicAddress
    this.#lan = lan
  }

  /** @param network the first three numbers of the addresses behind it */
  static async create(
    kind: NatKind,
    namespace: Namespace,
    port: string,
    internet: Internet,
    network: string
  ): Promise<Nat> {
    await namespace.set('net/ipv4/ip_forward', '1')
    const { publicAddress } = await connect(namespace, WAN_NIC, internet, port)
    await namespace.nft(rulesOf(kind))
    const lan = await Lan.behind(namespace, network, publicAddress)
    return new Nat(kind, namespace, publicAddress, network, lan)
  }

  async plugIn(port: string): Promise<LinkSettings> {
    return await this.#lan.plugIn(port)
  }

  /** Watches what it exchanges with the internet. */
  async captureWan(): Promise<Capture> {
    return await Capture.start(this.namespace, WAN_NIC)
  }

  /** Watches the link behind it. */
  async captureLan(): Promise<Capture> {
    return await Capture.start(this.namespace, LAN_NIC)
  }
}

/**
 * Masquerading keeps the inner port while it is free, so the mapping is the same for all destinations. What nobody inside asked for must be
 * dropped: otherwise the early packet of a peer that punches makes a connection to the NAT itself, the answer gets another port, and no ICE
 * succeeds.
 */
function rulesOf(kind: NatKind): string {
  return `table inet nat {
    chain leaving { type nat hook postrouting priority 100
      oifname "${WAN_NIC}" masquerade ${kind === 'symmetric' ? 'fully-random' : ''}
    }
    chain unasked { type filter hook input priority 0
      iifname "${WAN_NIC}" ct state new drop
    }
    chain passing { type filter hook forward priority 0
      iifname "${WAN_NIC}" ct state new drop
    }
  }`
}
