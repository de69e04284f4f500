import type { Connection, Logger, Stream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import {
  DIRECT_ANSWER_TIMEOUT_MS,
  HANDSHAKE_TIMEOUT_MS,
  MAX_DIRECT_STREAMS,
  MAX_DIRECT_STREAMS_PER_PEER,
  MAX_STREAM_NAME_BYTES
} from '../../wire/limits.ts'
import { DIRECT_PROTOCOL } from '../../wire/protocol-ids.ts'
import { appendBlock, BLOCK_LENGTH_BYTES } from '../blocks.ts'
import type { GroupHost } from '../group-host.ts'
import { MAX_UNREAD_WORD_BYTES } from '../paced-stream.ts'
import { StreamReader } from '../stream-reader.ts'
import { Answer } from './direct-piece.ts'
import type { DirectPublication } from './direct-publication.ts'

const hosts = new WeakMap<GroupHost, DirectStreams>()

/** The direct streams that are published at one node: one per node, over all its connections, since a node has one handler per protocol. */
export class DirectStreams {
  readonly #host: GroupHost
  readonly #log: Logger
  readonly #publications = new Map<string, DirectPublication>()
  /** Streams that others have opened and that stand, by peer. */
  readonly #counts = new Map<string, number>()
  #count = 0
  #handling: Promise<void> | undefined

  private constructor(host: GroupHost) {
    this.#host = host
    this.#log = host.components.logger.forComponent('netgroup:direct')
  }

  static of(host: GroupHost): DirectStreams {
    const known = hosts.get(host)
    if (known !== undefined) return known
    const streams = new DirectStreams(host)
    hosts.set(host, streams)
    return streams
  }

  /** Lets others play it from now on. Rejects RangeError when one of its name is published already. */
  async publish(publication: DirectPublication): Promise<void> {
    if (this.#publications.has(publication.name))
      throw new RangeError('one of this name is published already')
    this.#publications.set(publication.name, publication)
    // Beyond the bound there is an answer; who opens far more gets none.
    this.#handling ??= this.#host.components.registrar.handle(DIRECT_PROTOCOL, this.#onStream, {
      runOnLimitedConnection: true,
      maxInboundStreams: 2 * MAX_DIRECT_STREAMS_PER_PEER
    })
    try {
      await this.#handling
    } catch (error) {
      this.#handling = undefined
      this.remove(publication)
      throw error
    }
  }

  /** Nobody more is let in. */
  remove(publication: DirectPublication): void {
    if (this.#publications.get(publication.name) === publication) this.#publications.delete(publication.name)
  }

  readonly #onStream = (stream: Stream, connection: Connection): void => {
    // It may be over before it is handed over, and nothing more is heard of it.
    if (stream.status !== 'open') return
    const reader = new StreamReader(stream, MAX_UNREAD_WORD_BYTES)
    const peer = connection.remotePeer.toString()
    const isFull =
      this.#count >= MAX_DIRECT_STREAMS || (this.#counts.get(peer) ?? 0) >= MAX_DIRECT_STREAMS_PER_PEER
    if (isFull) {
      this.#refuse(stream, Answer.FULL)
      return
    }
    this.#countStream(peer, 1)
    stream.addEventListener('close', () => this.#countStream(peer, -1), { once: true })
    this.#answer(stream, reader, connection).catch(error => {
      this.#log('no stream for %p - %e', connection.remotePeer, error)
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    })
  }

  async #answer(stream: Stream, reader: StreamReader, connection: Connection): Promise<void> {
    const peer = connection.remotePeer.toString()
    const name = await this.#within(HANDSHAKE_TIMEOUT_MS, readName(reader))
    const publication = this.#publications.get(name)
    if (publication === undefined) {
      this.#refuse(stream, Answer.NOT_FOUND)
      return
    }
    const isAccepted = !this.#host.isBlocked(peer) && (await this.#decide(publication, peer))
    if (stream.status !== 'open') return
    if (publication.isClosed) this.#refuse(stream, Answer.NOT_FOUND)
    else if (!isAccepted || this.#host.isBlocked(peer)) this.#refuse(stream, Answer.REFUSED)
    else {
      stream.send(blockOf(Uint8Array.of(Answer.ACCEPTED)))
      publication.add({ host: this.#host, connection, stream, reader })
    }
  }

  async #decide(publication: DirectPublication, peer: string): Promise<boolean> {
    try {
      return await this.#within(DIRECT_ANSWER_TIMEOUT_MS, publication.accepts(peer))
    } catch (error) {
      this.#log.error('onPeerConnect of "%s" failed - %e', publication.name, error)
      return false
    }
  }

  #refuse(stream: Stream, answer: number): void {
    stream.send(blockOf(Uint8Array.of(answer)))
    const timer = this.#host.clock.setTimer(() => stream.abort(new Error('Refused')), HANDSHAKE_TIMEOUT_MS)
    stream.addEventListener('close', () => timer.cancel(), { once: true })
    stream.close().catch(error => stream.abort(error))
  }

  async #within<T>(ms: number, promise: Promise<T>): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = this.#host.clock.setTimer(() => reject(new Error(`Not within ${ms} ms`)), ms)
    try {
      return await Promise.race([promise, late])
    } finally {
      timer.cancel()
    }
  }

  #countStream(peer: string, change: 1 | -1): void {
    this.#count += change
    const count = (this.#counts.get(peer) ?? 0) + change
    if (count === 0) this.#counts.delete(peer)
    else this.#counts.set(peer, count)
  }
}

/** One block, ready to be sent. */
export function blockOf(bytes: Uint8Array): Uint8ArrayList {
  const block = new Uint8ArrayList()
  appendBlock(block, bytes)
  return block
}

/** The bytes of the next block. @throws RangeError when it is longer than `maxBytes`; rejects when the stream ends */
export async function readBlock(reader: StreamReader, maxBytes: number): Promise<Uint8Array> {
  const length = await reader.read(BLOCK_LENGTH_BYTES)
  const bytes = new DataView(length.buffer, length.byteOffset).getUint32(0)
  if (bytes > maxBytes) throw new RangeError(`A block of ${bytes} bytes`)
  return await reader.read(bytes)
}

async function readName(reader: StreamReader): Promise<string> {
  return new TextDecoder('utf-8', { fatal: true }).decode(await readBlock(reader, MAX_STREAM_NAME_BYTES))
}
