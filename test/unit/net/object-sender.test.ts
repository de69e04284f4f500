import type { Logger, Stream } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { ClassScheduler } from '../../../src/net/class-scheduler.ts'
import type { NeighborLink } from '../../../src/net/neighbor-link.ts'
import { ObjectSender, type OutgoingObject } from '../../../src/net/object-sender.ts'
import type { SideStreams } from '../../../src/net/side-streams.ts'
import { ObjectHeader } from '../../../src/wire/objects.ts'
import { FakeStream } from '../../support/fake-stream.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

/** A stream that can be read from, too. */
class OpenStream extends FakeStream {
  status = 'open'
}

function make(): { sender: ObjectSender; scheduler: ClassScheduler; streams: OpenStream[] } {
  const scheduler = new ClassScheduler()
  const streams: OpenStream[] = []
  const open = async (): Promise<Stream> => {
    // One object fills it.
    const stream = new OpenStream(1_000)
    streams.push(stream)
    return stream as unknown as Stream
  }
  const sender = new ObjectSender(
    { transport: 'tcp', scheduler } as unknown as NeighborLink,
    { open } as unknown as SideStreams,
    new VirtualClock(),
    (() => {}) as unknown as Logger
  )
  return { sender, scheduler, streams }
}

const object = (index: number, onDone: () => void, onLost: () => void = () => {}): OutgoingObject => ({
  namespace: 'x',
  index,
  bytes: new Uint8Array(1_000),
  waiting: 0,
  onDone,
  onLost
})
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('ObjectSender', () => {
  it('begins what waits when a stream ends on the next one, from its header on', async () => {
    const { sender, scheduler, streams } = make()
    const link = new FakeStream()
    let isReplaced = false
    const next = (): void => {
      if (isReplaced) return
      isReplaced = true
      sender.send(object(2, () => {}))
      // Something else goes out while the scheduler still knows the old stream.
      first?.drain()
      scheduler.pull(link, () => undefined, 'data')
    }
    sender.send(object(0, () => {}))
    sender.send(object(1, () => {}, next))
    await turn()
    const [first] = streams
    expect(first?.sent).toHaveLength(1)
    first?.close()
    await turn()
    expect(first?.sent).toHaveLength(1)
    const [sent = new Uint8Array()] = streams[1]?.sent ?? []
    const headerBytes = new DataView(sent.buffer, sent.byteOffset).getUint32(0)
    expect(ObjectHeader.decode(sent.subarray(4, 4 + headerBytes))).toMatchObject({ index: 2, length: 1_000 })
  })
})
