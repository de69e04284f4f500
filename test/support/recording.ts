// What nodes receive, as bytes, after decryption: what their owners could read if they were curious.
import type { PeerId, Stream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import { concat } from 'uint8arrays/concat'
import { toString as bytesToText } from 'uint8arrays/to-string'

/** By peer id: one list of chunks for each connection, as its muxer gets them, and one for each stream in it. */
const recordings = new Map<string, Uint8Array[][]>()

type MuxerComponent = (components: { peerId: PeerId }) => StreamMuxerFactory

/**
 * Wraps what makes muxers (`yamux`), so that every node made with it is recorded under its peer id. For `vi.mock`.
 */
export function recorded<Init>(
  create: (init?: Init) => () => StreamMuxerFactory
): (init?: Init) => MuxerComponent {
  return init => components => {
    const factory = create(init)()
    return {
      protocol: factory.protocol,
      createStreamMuxer: connection => {
        const muxer = factory.createStreamMuxer(connection)
        record(muxer, recordingOf(components.peerId.toString()))
        return muxer
      }
    }
  }
}

function recordingOf(peer: string): Uint8Array[][] {
  const recording = recordings.get(peer) ?? []
  recordings.set(peer, recording)
  return recording
}

type OnData = { onData(data: Uint8Array | Uint8ArrayList): void }

function record(muxer: StreamMuxer, recording: Uint8Array[][]): void {
  tap(muxer as StreamMuxer & OnData, recording)
  const create = muxer.createStream.bind(muxer)
  muxer.createStream = async options => {
    const stream = await create(options)
    tap(stream as Stream & OnData, recording)
    return stream
  }
  const dispatch = muxer.dispatchEvent.bind(muxer)
  muxer.dispatchEvent = event => {
    if (event.type === 'stream') tap((event as CustomEvent<Stream & OnData>).detail, recording)
    return dispatch(event)
  }
}

function tap(target: OnData, recording: Uint8Array[][]): void {
  const chunks: Uint8Array[] = []
  recording.push(chunks)
  const onData = target.onData.bind(target)
  target.onData = data => {
    chunks.push(data.slice())
    onData(data)
  }
}

/** How many bytes a peer has received, those of streams counted twice. */
export function bytesReceivedBy(peer: string): number {
  return recordingOf(peer)
    .flat()
    .reduce((sum, { byteLength }) => sum + byteLength, 0)
}

/** Has this peer received this text or these bytes, as they are, as UTF-16, or as hex, base32 or base64 of any kind? */
export function hasReceived(peer: string, secret: string | Uint8Array): boolean {
  const received = recordingOf(peer).map(chunks => bytesToText(concat(chunks), 'latin1'))
  return formsOf(secret).some(form => received.some(text => text.includes(form)))
}

function formsOf(secret: string | Uint8Array): string[] {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  const plain = bytesToText(bytes, 'latin1')
  const wide = [...plain].map(char => `${char}\0`).join('')
  const encoded = (['base16', 'base16upper', 'base32', 'base32upper'] as const).map(name =>
    bytesToText(bytes, name)
  )
  // In the middle of something else the groups of three bytes may begin at any of three places.
  const grouped = [0, 1, 2].flatMap(skipped =>
    (['base64', 'base64url'] as const).map(name => {
      const inner = bytes.subarray(skipped)
      return bytesToText(inner.subarray(0, inner.byteLength - (inner.byteLength % 3)), name)
    })
  )
  return [plain, wide, `\0${wide.slice(0, -1)}`, ...encoded, ...grouped]
}
