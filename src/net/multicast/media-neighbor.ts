import { MAX_MEDIA_STREAMS } from '../../wire/limits.ts'
import type { NeighborLink } from '../neighbor-link.ts'
import { SideReceivers } from '../side-receivers.ts'
import type { SideStreams } from '../side-streams.ts'
import { TakenTeller, UNHURRIED } from '../taken-teller.ts'
import { MediaReceiver } from './media-receiver.ts'
import { MediaSender } from './media-sender.ts'
import type { StreamsInit } from './streams-runner.ts'

/** A neighbor, and the side streams of fragments from and to it. */
export class MediaNeighbor {
  readonly link: NeighborLink
  readonly sender: MediaSender
  readonly #receivers: SideReceivers

  constructor(
    link: NeighborLink,
    streams: SideStreams,
    { host, log }: Pick<StreamsInit, 'host' | 'log'>,
    onFragment: (stream: Uint8Array, bytes: Uint8Array) => void
  ) {
    this.link = link
    this.sender = new MediaSender(link, streams, host.clock, log)
    this.#receivers = new SideReceivers(link, streams, MAX_MEDIA_STREAMS, (stream, reader) => {
      const teller = new TakenTeller(stream, link.scheduler, host.clock, UNHURRIED)
      return new MediaReceiver(stream, reader, teller, onFragment)
    })
  }

  close(): void {
    this.sender.close()
    this.#receivers.close()
  }
}
