import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Is this IP address on a link of this host (or the host itself)? Looks at the interfaces as they are now. */
export function isOnLocalLink(ip: string, family: 4 | 6): boolean {
  const links = new BlockList()
  for (const { address, cidr, family: linkFamily } of Object.values(networkInterfaces()).flatMap(
    i => i ?? []
  )) {
    const prefix = Number(cidr?.split('/')[1])
    if (Number.isInteger(prefix)) links.addSubnet(address, prefix, linkFamily === 'IPv4' ? 'ipv4' : 'ipv6')
  }
  return links.check(ip, family === 4 ? 'ipv4' : 'ipv6')
}
