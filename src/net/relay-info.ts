import type { Connection } from '@libp2p/interface'
import { getNetConfig, pbStream } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { MAX_ICE_SERVERS, MAX_ICE_URLS, MAX_RELAY_INFO_BYTES } from '../wire/limits.ts'
import { RELAY_INFO_PROTOCOL } from '../wire/protocol-ids.ts'
import { RelayInfo as Message } from '../wire/relay-info.ts'
import type { IceServer } from './platform.ts'

/** What a relay tells of itself. */
export interface RelayInfo {
  /** STUN and TURN servers that its members are to use, its own among them. */
  readonly iceServers: readonly IceServer[]
}

/** RFC 7064 and RFC 7065, strictly: one URL that is none makes WebRTC refuse all. */
const ICE_URL = /^(?:stuns?|turns?):(?:[\w.-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?(\?transport=(?:udp|tcp))?$/i

const READ_LIMITS = { maxDataLength: MAX_RELAY_INFO_BYTES, maxBufferSize: 2 * MAX_RELAY_INFO_BYTES }
const DECODE_LIMITS = { iceServers: MAX_ICE_SERVERS, iceServers$: { urls: MAX_ICE_URLS } }

/**
 * Asks the relay at the other end of this connection for its STUN and TURN servers. A relay that does not know the question has none. Rejects when it does not answer, or with nonsense.
 */
export async function readRelayInfo(
  connection: Connection,
  { signal }: { signal: AbortSignal }
): Promise<RelayInfo> {
  const message = await ask(connection, signal)
  if (message === undefined) return { iceServers: [] }
  const own = message.stunPort === 0 ? undefined : stunURL(connection.remoteAddr, message.stunPort)
  const told = message.iceServers.flatMap(({ urls, username, credential }): IceServer[] => {
    const isKnown = username !== undefined && credential !== undefined
    // A browser refuses a whole configuration for one TURN server without a password.
    const known = urls.filter(url => isIceURL(url) && (isKnown || url.startsWith('stun')))
    if (known.length === 0) return []
    return [
      {
        urls: known,
        ...(username === undefined ? {} : { username }),
        ...(credential === undefined ? {} : { credential })
      }
    ]
  })
  return { iceServers: own === undefined ? told : [{ urls: own }, ...told] }
}

function isIceURL(url: string): boolean {
  const [found, port = '3478', transport] = ICE_URL.exec(url) ?? []
  const isPort = Number(port) >= 1 && Number(port) <= 65_535
  return found !== undefined && isPort && (transport === undefined || url.startsWith('turn'))
}

async function ask(connection: Connection, signal: AbortSignal): Promise<Message | undefined> {
  const stream = await connection.newStream(RELAY_INFO_PROTOCOL, { signal }).catch((error: Error) => {
    if (error.name === 'UnsupportedProtocolError') return undefined
    throw error
  })
  if (stream === undefined) return undefined
  try {
    const message = await pbStream(stream, READ_LIMITS).pb(Message).read({ signal, limits: DECODE_LIMITS })
    await stream.close({ signal })
    return message
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}

/** The relay answers STUN at the host where it was reached, so it need not know its own address. */
function stunURL(reached: Multiaddr, port: number): string | undefined {
  try {
    const { type, host } = getNetConfig(reached)
    return `stun:${type === 'ip6' ? `[${host}]` : host}:${port}`
  } catch {
    return undefined
  }
}
