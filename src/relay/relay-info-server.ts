import type { Libp2p, Stream } from '@libp2p/interface'
import { pbStream } from '@libp2p/utils'
import type { IceServer } from '../net/platform.ts'
import { MAX_ICE_SERVERS, MAX_ICE_URLS, MAX_RELAY_INFO_BYTES } from '../wire/limits.ts'
import { RELAY_INFO_PROTOCOL } from '../wire/protocol-ids.ts'
import { type IceServerInfo, RelayInfo } from '../wire/relay-info.ts'

/** How long telling may take, in ms. */
const TELL_TIMEOUT_MS = 5_000

/** Streams of it that one connection may have open: the answer is short. */
const MAX_STREAMS = 4

/** Can members be told of these? They pass over a relay's servers when there are too many. @throws RangeError when not */
export function requireTellable(iceServers: readonly IceServer[] = []): void {
  if (iceServers.length > MAX_ICE_SERVERS)
    throw new RangeError(`Cannot start a relay: ${iceServers.length} ICE servers, at most ${MAX_ICE_SERVERS}`)
  if (iceServers.some(({ urls }) => [urls].flat().length > MAX_ICE_URLS))
    throw new RangeError(`Cannot start a relay: an ICE server has more than ${MAX_ICE_URLS} urls`)
  const { byteLength } = RelayInfo.encode({ stunPort: 0, iceServers: iceServers.map(asMessage) })
  if (byteLength > MAX_RELAY_INFO_BYTES)
    throw new RangeError(`Cannot start a relay: its ICE servers take more than ${MAX_RELAY_INFO_BYTES} bytes`)
}

/** Tells whoever asks of the relay's STUN and TURN servers. */
export class RelayInfoServer {
  readonly #libp2p: Pick<Libp2p, 'handle' | 'unhandle'>
  readonly #info: RelayInfo

  /** @param stunPort of the relay's own STUN server, if there is one */
  constructor(
    libp2p: Pick<Libp2p, 'handle' | 'unhandle'>,
    stunPort: number | undefined,
    iceServers: readonly IceServer[]
  ) {
    this.#libp2p = libp2p
    this.#info = {
      stunPort: stunPort ?? 0,
      iceServers: iceServers.map(asMessage)
    }
  }

  /** Begins to answer. */
  async start(): Promise<void> {
    await this.#libp2p.handle(RELAY_INFO_PROTOCOL, stream => this.#tell(stream), {
      maxInboundStreams: MAX_STREAMS
    })
  }

  /** Answers no more. */
  async stop(): Promise<void> {
    await this.#libp2p.unhandle(RELAY_INFO_PROTOCOL)
  }

  async #tell(stream: Stream): Promise<void> {
    const signal = AbortSignal.timeout(TELL_TIMEOUT_MS)
    try {
      await pbStream(stream).pb(RelayInfo).write(this.#info, { signal })
      await stream.close({ signal })
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }
}

function asMessage({ urls, username, credential }: IceServer): IceServerInfo {
  return {
    urls: [urls].flat(),
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential })
  }
}
