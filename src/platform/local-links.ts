import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { IsOnLocalLink } from './address-policy.ts'

/** How long what was seen of the interfaces counts, in ms: each address that is told is asked for, and to look costs a fifth of a ms. Less than the pause after which a change is noticed anyway. */
const FRESH_MS = 1_000

/** Answers whether an IP address is on a link of this host, or the host itself, as the interfaces are at the moment, or were within the last second. */
export function localLinks(): IsOnLocalLink {
  let links: { readonly list: BlockList; readonly atMs: number } | undefined
  return (ip, family) => {
    const nowMs = performance.now()
    if (links === undefined || nowMs - links.atMs > FRESH_MS) links = { list: look(), atMs: nowMs }
    return links.list.check(ip, family === 4 ? 'ipv4' : 'ipv6')
  }
}

function look(): BlockList {
  const list = new BlockList()
  for (const { address, cidr, family } of Object.values(networkInterfaces()).flatMap(i => i ?? [])) {
    const prefix = Number(cidr?.split('/')[1])
    if (Number.isInteger(prefix)) list.addSubnet(address, prefix, family === 'IPv4' ? 'ipv4' : 'ipv6')
  }
  return list
}
