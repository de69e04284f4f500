// @libp2p/yamux 8.0.3 says in a microtask of its own that a stream begins. Where the connection closes in between, what that throws is nobody's to catch, and in Node it ends the process: to open a stream on
// a connection at the wrong moment was enough. The stream is aborted instead, as are all others of the connection a moment later.
import type { Stream, StreamMuxerFactory } from '@libp2p/interface'

/** What yamux keeps to itself; where it does not have it (another version), nothing happens. */
interface MuxerInside {
  onCreateStream?: (...options: unknown[]) => StreamInside
}

interface StreamInside extends Pick<Stream, 'abort'> {
  sendWindowUpdate(): void
}

/** Makes a factory of yamux one whose streams harm nobody when the connection closes while they are opened. */
export function surviveMuxerErrors(create: () => StreamMuxerFactory): () => StreamMuxerFactory {
  return () => {
    const factory = create()
    const createStreamMuxer = factory.createStreamMuxer.bind(factory)
    return Object.assign(factory, {
      createStreamMuxer: (...given: Parameters<typeof createStreamMuxer>) => {
        const muxer = createStreamMuxer(...given)
        const inside = muxer as MuxerInside
        const onCreateStream = inside.onCreateStream?.bind(muxer)
        if (onCreateStream !== undefined)
          inside.onCreateStream = (...options) => guarded(onCreateStream(...options))
        return muxer
      }
    })
  }
}

function guarded(stream: StreamInside): StreamInside {
  const sendWindowUpdate = stream.sendWindowUpdate.bind(stream)
  stream.sendWindowUpdate = () => {
    try {
      sendWindowUpdate()
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }
  return stream
}
