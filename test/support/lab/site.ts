import type { Namespace } from './namespace.ts'
import type { NatKind } from './nat.ts'

/** What a machine needs to know when its cable is plugged in. */
export interface LinkSettings {
  readonly address: string
  readonly prefixLength: number
  /** undefined: there is no way out of the link. */
  readonly gateway: string | undefined
  /** The address that others on the internet see; the machine's own where there is no NAT, or no internet. */
  readonly publicAddress: string
}

/** Where machines can be plugged in: a LAN, a NAT's LAN, the internet. */
export interface Site {
  /** Where the other end of the cable is: what passes by there can be watched and held up. */
  readonly namespace: Namespace
  /** What kind of NAT stands between it and the internet; undefined without one. */
  readonly natKind: NatKind | undefined
  /** Takes the end of a cable that is in {@link namespace} already. */
  plugIn(port: string): Promise<LinkSettings>
}

/** Lays a cable between an interface of a machine and a site, and sets the machine up for it. */
export async function connect(
  machine: Namespace,
  nic: string,
  site: Site,
  port: string
): Promise<LinkSettings> {
  await machine.ip(`link add ${nic} type veth peer name ${port} netns ${site.namespace.name}`)
  return await setUp(machine, nic, site, port)
}

/** Takes the far end of a cable from one site to another: the machine loses its address and gets another. */
export async function move(
  machine: Namespace,
  nic: string,
  port: string,
  from: Site,
  to: Site
): Promise<LinkSettings> {
  await from.namespace.ip(`link set ${port} down`)
  await machine.ip(`address flush dev ${nic}`)
  if (from !== to) await from.namespace.ip(`link set ${port} netns ${to.namespace.name}`)
  return await setUp(machine, nic, to, port)
}

async function setUp(machine: Namespace, nic: string, site: Site, port: string): Promise<LinkSettings> {
  const link = await site.plugIn(port)
  await machine.ip(`address add ${link.address}/${link.prefixLength} dev ${nic}`)
  await machine.ip(`link set ${nic} up`)
  await addRoutes(machine, nic, link)
  return link
}

/** Also for multicast: mDNS goes out where that route leads. A link that was down has lost them. */
export async function addRoutes(machine: Namespace, nic: string, { gateway }: LinkSettings): Promise<void> {
  await machine.ip(`route replace 224.0.0.0/4 dev ${nic}`)
  if (gateway !== undefined) await machine.ip(`route replace default via ${gateway} dev ${nic}`)
}
