import type { Connection, Stream } from '@libp2p/interface'
import {
  DIRECT_ANSWER_TIMEOUT_MS,
  HANDSHAKE_TIMEOUT_MS,
  MAX_DIRECT_STREAMS,
  MAX_UNREAD_DIRECT_BYTES
} from '../../wire/limits.ts'
import { DIRECT_PROTOCOL } from '../../wire/protocol-ids.ts'
import { StreamReader } from '../stream-reader.ts'
import { Answer } from './direct-piece.ts'
import { blockOf, readBlock } from './direct-streams.ts'

/** How long a publisher has to answer, in ms: as long as its application has, and to hear of it. */
export const REQUEST_TIMEOUT_MS: number = DIRECT_ANSWER_TIMEOUT_MS + HANDSHAKE_TIMEOUT_MS

/** How a publisher has answered. */
export type RequestOutcome =
  | { readonly type: 'accepted'; readonly stream: Stream; readonly reader: StreamReader }
  | { readonly type: 'refused' | 'not found' | 'full' }

/**
 * Asks the peer at the other end of a connection for a direct stream. What comes of an accepted one has to be read from the same task on.
 *
 * @throws the signal's reason; what libp2p says when the stream breaks
 */
export async function requestDirect(
  connection: Connection,
  name: string,
  signal: AbortSignal
): Promise<RequestOutcome> {
  let stream: Stream
  try {
    stream = await connection.newStream(DIRECT_PROTOCOL, {
      runOnLimitedConnection: true,
      maxOutboundStreams: MAX_DIRECT_STREAMS,
      signal
    })
  } catch (error) {
    signal.throwIfAborted()
    // It publishes nothing at all.
    if (error instanceof Error && error.name === 'UnsupportedProtocolError') return { type: 'not found' }
    throw error
  }
  const onAbort = (): void => stream.abort(new Error('No longer wanted'))
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const reader = new StreamReader(stream, MAX_UNREAD_DIRECT_BYTES)
    stream.send(blockOf(new TextEncoder().encode(name)))
    const [answer] = await readBlock(reader, 1)
    signal.throwIfAborted()
    if (answer === Answer.ACCEPTED) return { type: 'accepted', stream, reader }
    stream.close().catch(error => stream.abort(error))
    return { type: answer === Answer.NOT_FOUND ? 'not found' : answer === Answer.FULL ? 'full' : 'refused' }
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)))
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
