import '../../../src/platform/polyfill.ts'
import type { Connection, Stream, StreamHandler } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { describe, expect, it } from 'vitest'
import { DirectPublication } from '../../../src/net/direct/direct-publication.ts'
import { DirectStreams } from '../../../src/net/direct/direct-streams.ts'
import type { GroupHost } from '../../../src/net/group-host.ts'
import type { NeighborLink } from '../../../src/net/neighbor-link.ts'
import { SideReceivers } from '../../../src/net/side-receivers.ts'
import type { OnSideStream, SideStreams } from '../../../src/net/side-streams.ts'
import type { StreamReader } from '../../../src/net/stream-reader.ts'
import { MAX_DIRECT_STREAMS_PER_PEER } from '../../../src/wire/limits.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

/** As much of a stream as is looked at when it is handed over. Of one that is over, nothing is heard any more. */
class HandedOver extends EventTarget {
  readonly status: Stream['status']
  readonly protocol = '/test'
  readonly sent: Uint8Array[] = []
  aborted: Error | undefined

  constructor(status: Stream['status']) {
    super()
    this.status = status
  }

  send(data: { subarray(): Uint8Array }): boolean {
    if (this.status !== 'open') throw new Error(`Cannot write to a stream that is ${this.status}`)
    this.sent.push(data.subarray())
    return true
  }

  async close(): Promise<void> {}

  abort(error: Error): void {
    this.aborted = error
  }
}

const asStream = (stream: HandedOver): Stream => stream as unknown as Stream

describe('streams that are over when they are handed over', () => {
  it('take none of the places that one peer has at the direct streams here', async () => {
    let handler: StreamHandler | undefined
    const registrar = {
      handle: async (_: string, given: StreamHandler) => {
        handler = given
      }
    }
    const host = { clock: new VirtualClock(), components: { logger: defaultLogger(), registrar } }
    const publication = new DirectPublication({
      name: 'cam',
      reliable: { audio: true, video: true, data: true },
      accepts: () => true,
      onDropped: () => {},
      onJoined: () => {},
      onLeft: () => {}
    })
    await DirectStreams.of(host as unknown as GroupHost).publish(publication)
    const connection = { remotePeer: 'somebody' } as unknown as Connection
    for (let i = 0; i < MAX_DIRECT_STREAMS_PER_PEER; i++)
      handler?.(asStream(new HandedOver(i % 2 === 0 ? 'reset' : 'closed')), connection)
    const alive = new HandedOver('open')
    handler?.(asStream(alive), connection)
    // Who is one too many is told so at once; others are asked for the name first.
    expect(alive.sent).toEqual([])
  })

  it('take none of the places that one neighbor has for its side streams', () => {
    let onStream: OnSideStream | undefined
    const streams = {
      take: (_: NeighborLink, given: OnSideStream) => {
        onStream = given
        return () => {}
      }
    }
    const received: HandedOver[] = []
    new SideReceivers({} as NeighborLink, streams as unknown as SideStreams, 2, stream => {
      received.push(stream as unknown as HandedOver)
      return { close: () => {} }
    })
    const reader = {} as StreamReader
    for (const status of ['reset', 'closed', 'aborted'] as const)
      onStream?.(asStream(new HandedOver(status)), reader)
    const alive = new HandedOver('open')
    onStream?.(asStream(alive), reader)
    expect(received).toEqual([alive])
    expect(alive.aborted).toBeUndefined()
  })
})
