import type { Connection, Logger, Stream } from '@libp2p/interface'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { HANDSHAKE_TIMEOUT_MS, MAX_SIDE_STREAMS, MAX_UNBOUND_STREAMS } from '../wire/limits.ts'
import type { GroupHost } from './group-host.ts'
import { LINK_ID_BYTES } from './link-handshake.ts'
import type { NeighborLink } from './neighbor-link.ts'
import { StreamReader } from './stream-reader.ts'

/** Takes a stream of a link. What follows the link's id is still to be read. */
export type OnSideStream = (stream: Stream, reader: StreamReader) => void

/** An incoming stream that has said whose it is, before that link is known here. */
interface Unbound {
  readonly stream: Stream
  readonly reader: StreamReader
  onTaken(): void
}

/**
 * Streams of one protocol beside the neighbor links, for what is large. Each begins with the id of its link, which only both sides know. One per node and protocol, over all groups.
 */
export class SideStreams {
  readonly #host: GroupHost
  readonly #protocol: string
  readonly #log: Logger
  readonly #maxWaitingBytes: number
  readonly #takers = new Map<string, OnSideStream>()
  readonly #unbound = new Map<string, Unbound>()
  readonly #unboundOf = new Map<string, number>()
  #holders = 0

  /** @param maxWaitingBytes what may come before it is read; more ends the stream */
  constructor(host: GroupHost, protocol: string, maxWaitingBytes: number) {
    this.#host = host
    this.#protocol = protocol
    this.#maxWaitingBytes = maxWaitingBytes
    this.#log = host.components.logger.forComponent('netgroup:side-streams')
  }

  /** Streams are taken from now on. To be released as often. */
  async retain(): Promise<void> {
    this.#holders += 1
    if (this.#holders > 1) return
    await this.#host.components.registrar.handle(this.#protocol, this.#onStream, {
      runOnLimitedConnection: true,
      maxInboundStreams: MAX_SIDE_STREAMS,
      maxOutboundStreams: MAX_SIDE_STREAMS
    })
  }

  async release(): Promise<void> {
    this.#holders -= 1
    if (this.#holders === 0) await this.#host.components.registrar.unhandle(this.#protocol)
  }

  /** Streams of this link go there. @returns stops it */
  take(link: NeighborLink, onStream: OnSideStream): () => void {
    const key = keyOf(link.peerID.toString(), link.linkID)
    this.#takers.set(key, onStream)
    const early = this.#unbound.get(key)
    this.#unbound.delete(key)
    if (early !== undefined) {
      early.onTaken()
      onStream(early.stream, early.reader)
    }
    return () => this.#takers.delete(key)
  }

  /** Opens a stream of this link. Rejects when the other side does not take such. */
  async open(link: NeighborLink): Promise<Stream> {
    const stream = await link.connection.newStream(this.#protocol, {
      runOnLimitedConnection: true,
      maxOutboundStreams: MAX_SIDE_STREAMS,
      signal: AbortSignal.timeout(HANDSHAKE_TIMEOUT_MS)
    })
    stream.send(link.linkID)
    return stream
  }

  readonly #onStream = (stream: Stream, connection: Connection): void => {
    const peer = connection.remotePeer.toString()
    const count = this.#unboundOf.get(peer) ?? 0
    if (count >= MAX_UNBOUND_STREAMS) {
      stream.abort(new Error('Too many streams that belong to no link'))
      return
    }
    this.#unboundOf.set(peer, count + 1)
    this.#bind(stream, peer)
      .catch(error => {
        this.#log('a stream of %p belongs to no link - %e', connection.remotePeer, error)
        stream.abort(error instanceof Error ? error : new Error(String(error)))
      })
      .finally(() => {
        const left = (this.#unboundOf.get(peer) ?? 1) - 1
        if (left > 0) this.#unboundOf.set(peer, left)
        else this.#unboundOf.delete(peer)
      })
  }

  /** Hands the stream over to who takes it; its link may be known here a moment later than there. */
  async #bind(stream: Stream, peer: string): Promise<void> {
    const reader = new StreamReader(stream, this.#maxWaitingBytes)
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = this.#host.clock.setTimer(
      () => reject(new Error(`No link within ${HANDSHAKE_TIMEOUT_MS} ms`)),
      HANDSHAKE_TIMEOUT_MS
    )
    try {
      const key = keyOf(peer, await Promise.race([reader.read(LINK_ID_BYTES), late]))
      const onStream = this.#takers.get(key)
      if (onStream !== undefined) onStream(stream, reader)
      else await Promise.race([this.#waitForLink(key, stream, reader), late])
    } finally {
      timer.cancel()
      for (const [key, unbound] of this.#unbound) if (unbound.stream === stream) this.#unbound.delete(key)
    }
  }

  /** Resolves when somebody has taken it, or it is closed. */
  #waitForLink(key: string, stream: Stream, reader: StreamReader): Promise<void> {
    if (this.#unbound.has(key)) throw new Error('A second one already')
    return new Promise(resolve => {
      this.#unbound.set(key, { stream, reader, onTaken: resolve })
      stream.addEventListener('close', () => resolve())
    })
  }
}

function keyOf(peer: string, linkID: Uint8Array): string {
  return `${peer} ${bytesToText(linkID, 'base16')}`
}
