import type { Connection, Stream } from '@libp2p/interface'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ClassScheduler } from '../../../src/net/class-scheduler.ts'
import { NeighborLink } from '../../../src/net/neighbor-link.ts'
import type { StreamReader } from '../../../src/net/stream-reader.ts'
import { FrameReader, frame } from '../../../src/wire/framing.ts'
import { Frame } from '../../../src/wire/link.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

let clock: VirtualClock
let link: NeighborLink
/** A frame of the neighbor's arrives. */
let hear: (message: Frame) => void
let goodbyes: number
let aborted: number

beforeEach(() => {
  clock = new VirtualClock()
  goodbyes = 0
  aborted = 0
  const stream = { status: 'open', addEventListener: () => {}, close: async () => {} } as unknown as Stream
  link = new NeighborLink({
    stream,
    reader: {
      pipe: onBytes => {
        hear = message => onBytes(frame(Frame.encode(message)))
      }
    } as StreamReader,
    connection: {
      remotePeer: {},
      abort: () => {
        aborted += 1
      }
    } as unknown as Connection,
    linkID: new Uint8Array(16),
    scheduler: {
      send: (_stream: Stream, bytes: Uint8Array) => {
        for (const encoded of new FrameReader(1_000).read(bytes))
          if (Frame.decode(encoded).goodbye !== undefined) goodbyes += 1
      }
    } as unknown as ClassScheduler,
    clock
  })
  const nothing = (): void => {}
  link.start({ onFrame: nothing, onClose: nothing, onClockOffset: nothing, onRtt: nothing }, 0)
})

describe('A neighbor that is asked for a sign of life', () => {
  it('is cut off, and all that its connection carries, when it has said nothing for 5 s', async () => {
    await clock.advance(1)
    link.probe()
    await clock.advance(4_999)
    expect(link.ending).toBeUndefined()
    await clock.advance(200)
    expect([link.ending, aborted]).toEqual(['cut', 1])
  })

  it('is kept when its answer was there in time, and the process was too busy to read it', async () => {
    await clock.advance(1)
    link.probe()
    await clock.advance(5_001)
    hear({ wanting: { isWanted: true } })
    await clock.advance(1_000)
    expect([link.ending, aborted]).toEqual([undefined, 0])
  })
})

describe('A link', () => {
  it('ends with a goodbye', () => {
    link.close()
    expect([link.ending, goodbyes]).toEqual(['closed', 1])
  })

  it('ends without one when another has taken its place', () => {
    link.giveWay()
    link.close()
    expect([link.ending, goodbyes]).toEqual(['replaced', 0])
  })
})
