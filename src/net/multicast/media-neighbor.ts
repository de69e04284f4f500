import { MAX_MEDIA_STREAMS } from '../../wire/limits.ts'
import type { NeighborLink } from '../neighbor-link.ts'
import type { SideStreams } from '../side-streams.ts'
import { TakenTeller, UNHURRIED } from '../taken-teller.ts'
import { MediaReceiver } from './media-receiver.ts'
import { MediaSender } from './media-sender.ts'
import type { StreamsInit } from './streams-runner.ts'

/** A neighbor, and the side streams of fragments from and to it. */
export class MediaNeighbor {
  readonly link: NeighborLink
  readonly sender: MediaSender
  readonly #receivers = new Set<MediaReceiver>()
  readonly #stopTaking: () => void

  constructor(
    link: NeighborLink,
    streams: SideStreams,
    { host, log }: Pick<StreamsInit, 'host' | 'log'>,
    onFragment: (stream: Uint8Array, bytes: Uint8Array) => void
  ) {
    this.link = link
    this.sender = new MediaSender(link, streams, host.clock, log)
    this.#stopTaking = streams.take(link, (stream, reader) => {
      if (this.#receivers.size >= MAX_MEDIA_STREAMS) {
        stream.abort(new Error(`More than ${MAX_MEDIA_STREAMS} streams of fragments`))
        return
      }
      const teller = new TakenTeller(stream, link.scheduler, host.clock, UNHURRIED)
      const receiver = new MediaReceiver(stream, reader, teller, onFragment)
      this.#receivers.add(receiver)
      stream.addEventListener('close', () => this.#receivers.delete(receiver))
    })
  }

  close(): void {
    this.#stopTaking()
    this.sender.close()
    for (const receiver of this.#receivers) receiver.close()
  }
}
