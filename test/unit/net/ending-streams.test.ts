import type { Stream } from '@libp2p/interface'
import { beforeEach, describe, expect, it } from 'vitest'
import { EndingStreams } from '../../../src/net/ending-streams.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

/** As much of a stream as is watched. */
class PlainStream extends EventTarget {
  status = 'open'

  end(): this {
    this.status = 'closed'
    this.dispatchEvent(new Event('close'))
    return this
  }

  get asStream(): Stream {
    return this as unknown as Stream
  }
}

let clock: VirtualClock
let ending: EndingStreams
beforeEach(() => {
  clock = new VirtualClock()
  ending = new EndingStreams(clock)
})

/** Waits in the background. @returns whether the wait is over */
function waiting(): () => boolean {
  let isOver = false
  void ending.untilRead().then(() => {
    isOver = true
  })
  return () => isOver
}

describe('EndingStreams', () => {
  it('waits until the other side has ended all of them', async () => {
    const streams = [new PlainStream(), new PlainStream()]
    for (const { asStream } of streams) ending.add(asStream)
    const isOver = waiting()
    streams[0]?.end()
    await clock.advance(1)
    expect(isOver()).toBe(false)
    streams[1]?.end()
    await clock.advance(1)
    expect(isOver()).toBe(true)
  })

  it('waits 500 ms for a side that does not answer', async () => {
    ending.add(new PlainStream().asStream)
    const isOver = waiting()
    await clock.advance(499)
    expect(isOver()).toBe(false)
    await clock.advance(1)
    expect(isOver()).toBe(true)
  })

  it('waits for nothing that has ended before', async () => {
    ending.add(new PlainStream().end().asStream)
    const stream = new PlainStream()
    ending.add(stream.asStream)
    ending.add(stream.asStream)
    stream.end()
    await ending.untilRead()
  })
})
