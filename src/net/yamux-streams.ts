// What @libp2p/yamux 8.0.3 does that we do not want, of its streams. What is reached into is named in `MuxerInside` and `StreamInside`, and nowhere else.
//  - In a microtask of its own it says that a stream begins. Where the connection closes in between, what that throws is nobody's to catch, and in Node it ends the process: to open a stream at the wrong
//    moment was enough. The stream is aborted instead, as are all others of the connection a moment later.
//  - It answers each piece of data with a window update, which costs both sides as much as a piece of data does: encryption, a system call, a packet. So it is sent when a half of the window is used, as the
//    first implementation does (hashicorp/yamux, stream.go, sendWindowUpdate).
import type { Stream, StreamMuxerFactory } from '@libp2p/interface'

/** Where its muxers do not have this (another version), nothing happens. */
interface MuxerInside {
  _newStream?: (...init: unknown[]) => StreamInside
}

interface StreamInside extends Pick<Stream, 'abort'> {
  readonly state: number
  readonly recvWindow: number
  readonly recvWindowCapacity: number
  sendWindowUpdate(): void
}

/** States in which an update says nothing else: in others it opens the stream, or is held back. */
const SYN_SENT = 1
const ESTABLISHED = 3

/** Makes a factory of yamux one whose streams behave. */
export function mendYamux<Components extends unknown[]>(
  create: (...components: Components) => StreamMuxerFactory
): (...components: Components) => StreamMuxerFactory {
  return (...components) => {
    const factory = create(...components)
    const createStreamMuxer = factory.createStreamMuxer.bind(factory)
    return Object.assign(factory, {
      createStreamMuxer: (...given: Parameters<typeof createStreamMuxer>) => {
        const muxer = createStreamMuxer(...given)
        const inside = muxer as MuxerInside
        const newStream = inside._newStream?.bind(muxer)
        if (newStream !== undefined) inside._newStream = (...init) => mended(newStream(...init))
        return muxer
      }
    })
  }
}

function mended(stream: StreamInside): StreamInside {
  const sendWindowUpdate = stream.sendWindowUpdate.bind(stream)
  stream.sendWindowUpdate = () => {
    const { state, recvWindow, recvWindowCapacity } = stream
    if ((state === SYN_SENT || state === ESTABLISHED) && recvWindowCapacity > recvWindow / 2) return
    try {
      sendWindowUpdate()
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }
  return stream
}
