// IP multicast addresses in groupspecs: address ‖ port 2 [‖ source], each address of 4 or 16 bytes.
import { multiaddr } from '@multiformats/multiaddr'
import { concat } from 'uint8arrays/concat'

/** An address that members listen at. */
export interface IPMulticastAddress {
  /** A multicast address of IPv4 (224.0.0.0/4) or IPv6 (ff00::/8). */
  readonly address: string
  /** UDP port, 1 to 65535. */
  readonly port: number
  /** Only what comes from here counts (source-specific multicast). */
  readonly source?: string
}

const IP4_CODE = 0x04
const IP6_CODE = 0x29

/**
 * The bytes of an IP multicast address.
 *
 * @param address '224.0.0.254', 'ff03::1', or with the port: '224.0.0.254:30000', '[ff03::1]:30000'
 * @param port 1 to 65535; may be left out when the address has it
 * @param source an address of the same family that alone may send
 * @throws RangeError when it is no multicast address, or the port or source does not fit
 */
export function encodeIPMulticastAddress(address: string, port?: number, source?: string): Uint8Array {
  const { host, ownPort } = splitPort(address)
  const hostBytes = ipBytes(host)
  if (hostBytes === undefined || !isMulticast(hostBytes))
    throw new RangeError(`Cannot use '${address}': it is no multicast address (224.0.0.0/4 or ff00::/8)`)
  const usedPort = port ?? ownPort
  if (usedPort === undefined || !Number.isInteger(usedPort) || usedPort < 1 || usedPort > 65_535)
    throw new RangeError(`Cannot use '${address}' with port ${usedPort}: give a port from 1 to 65535`)
  if (port !== undefined && ownPort !== undefined && port !== ownPort)
    throw new RangeError(`Cannot use '${address}' with port ${port}: the address has another port in it`)
  const portBytes = Uint8Array.of(usedPort >> 8, usedPort & 0xff)
  if (source === undefined) return concat([hostBytes, portBytes])
  const sourceBytes = ipBytes(source)
  if (sourceBytes?.byteLength !== hostBytes.byteLength || isMulticast(sourceBytes))
    throw new RangeError(
      `Cannot use source '${source}': it must be one host's address, of the kind of '${address}'`
    )
  return concat([hostBytes, portBytes, sourceBytes])
}

/** The address that these bytes (6, 10, 18 or 34) are. @throws RangeError for any other length. */
export function decodeIPMulticastAddress(bytes: Uint8Array): IPMulticastAddress {
  const size = bytes.byteLength === 6 || bytes.byteLength === 10 ? 4 : 16
  const sourceAt = size + 2
  if (bytes.byteLength !== sourceAt && bytes.byteLength !== sourceAt + size)
    throw new RangeError(`Cannot read an IP multicast address of ${bytes.byteLength} bytes`)
  const address = ipText(bytes.subarray(0, size))
  const port = (bytes[size] ?? 0) * 256 + (bytes[size + 1] ?? 0)
  if (bytes.byteLength === sourceAt) return { address, port }
  return { address, port, source: ipText(bytes.subarray(sourceAt)) }
}

function splitPort(text: string): { host: string; ownPort?: number } {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text)
  if (match === null) return { host: text }
  const host = match[1] ?? match[2] ?? ''
  return match[3] === undefined ? { host } : { host, ownPort: Number(match[3]) }
}

function ipBytes(text: string): Uint8Array | undefined {
  if (!/^[0-9a-fA-F:.]+$/.test(text)) return undefined
  try {
    return multiaddr(`/${text.includes(':') ? 'ip6' : 'ip4'}/${text}`).bytes.subarray(1)
  } catch {
    return undefined
  }
}

function ipText(bytes: Uint8Array): string {
  const code = bytes.byteLength === 4 ? IP4_CODE : IP6_CODE
  return multiaddr(concat([Uint8Array.of(code), bytes]))
    .toString()
    .slice('/ip4/'.length)
}

function isMulticast(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0
  return bytes.byteLength === 4 ? first >= 224 && first <= 239 : first === 0xff
}
