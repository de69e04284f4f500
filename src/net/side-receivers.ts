import type { Stream } from '@libp2p/interface'
import type { NeighborLink } from './neighbor-link.ts'
import type { SideStreams } from './side-streams.ts'
import type { StreamReader } from './stream-reader.ts'

/** Reads one side stream, until that closes or nobody wants it any more. */
export interface SideReceiver {
  close(): void
}

/** What reads the side streams that one neighbor opens: at most so many at once, since each may hold something that is on its way. */
export class SideReceivers {
  readonly #receivers = new Set<SideReceiver>()
  readonly #stopTaking: () => void

  constructor(
    link: NeighborLink,
    streams: SideStreams,
    most: number,
    receive: (stream: Stream, reader: StreamReader) => SideReceiver
  ) {
    this.#stopTaking = streams.take(link, (stream, reader) => {
      // It may be over before it is handed over, and nothing more is heard of it.
      if (stream.status !== 'open') return
      if (this.#receivers.size >= most) {
        stream.abort(new Error(`More than ${most} streams of ${stream.protocol} at once`))
        return
      }
      const receiver = receive(stream, reader)
      this.#receivers.add(receiver)
      stream.addEventListener('close', () => this.#receivers.delete(receiver))
    })
  }

  close(): void {
    this.#stopTaking()
    for (const receiver of this.#receivers) receiver.close()
  }
}
