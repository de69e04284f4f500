/** A packet that was seen: what it is, and between whom. */
export interface Packet {
  /** `arp` and what is neither IP nor ARP has no addresses. */
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'igmp' | 'arp' | 'other'
  readonly source: string
  readonly destination: string
  readonly sourcePort: number | undefined
  readonly destinationPort: number | undefined
  /** As tcpdump printed it. */
  readonly line: string
}

/** With `-i any` the interface and the direction stand before. An address of either family, and with TCP and UDP the port after a dot. */
const LINE = /^(?:\S+ +(?:In|Out|M|B|P) +)?(ARP|IP6?) ?,? ?(?:(\S+) > (\S+): (.*))?/

/** Reads a line of `tcpdump -nn -q -t`. */
export function parsePacket(line: string): Packet {
  const [, family, from = '', to = '', rest = ''] = LINE.exec(line) ?? []
  if (family === undefined || family === 'ARP' || from === '') {
    const protocol = family === 'ARP' ? 'arp' : 'other'
    return { protocol, source: '', destination: '', sourcePort: undefined, destinationPort: undefined, line }
  }
  const source = parseEnd(from, family)
  const destination = parseEnd(to, family)
  return {
    protocol: protocolOf(rest),
    source: source.address,
    destination: destination.address,
    sourcePort: source.port,
    destinationPort: destination.port,
    line
  }
}

function parseEnd(text: string, family: string): { address: string; port: number | undefined } {
  const [, address = text, port] =
    (family === 'IP' ? /^(\d+\.\d+\.\d+\.\d+)\.(\d+)$/ : /^(.*:.*)\.(\d+)$/).exec(text) ?? []
  return { address, port: port === undefined ? undefined : Number(port) }
}

function protocolOf(rest: string): Packet['protocol'] {
  const [, word = ''] = /^(?:HBH )?(tcp|udp|icmp6?|igmp)\b/i.exec(rest) ?? []
  const protocol = word.toLowerCase().replace('icmp6', 'icmp')
  return protocol === 'tcp' || protocol === 'udp' || protocol === 'icmp' || protocol === 'igmp'
    ? protocol
    : 'other'
}
