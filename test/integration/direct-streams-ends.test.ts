import '../../src/platform/polyfill.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { NetStream, type NetStreamPublisher } from '../../src/index.ts'
import type { NetConnection } from '../../src/node.ts'
import { createTestNetwork, type TestNetworkOptions } from '../../src/testing.ts'
import { addressOf, frameOf, Viewer } from '../support/direct-viewer.ts'
import { at } from '../support/inbox.ts'
import { until } from '../support/until.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const toClose: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(toClose.splice(0).map(each => each.close()))
})

async function connect(size: 2 | 3, options: TestNetworkOptions = {}): Promise<readonly NetConnection[]> {
  const network = await createTestNetwork(size, options)
  toClose.push(network)
  return network.connections
}

const CUT = ['NetStream.Play.UnpublishNotify', 'NetStream.Connect.Closed']
const options = { bufferTime: 0 }

describe('a reliable direct stream', () => {
  /** Writes until that waits. @returns the write that does */
  async function fill(publisher: NetStreamPublisher, clock: VirtualClock): Promise<{ last: Promise<void> }> {
    let isWaiting = false
    const write = async (): Promise<void> => {
      isWaiting = true
      await publisher.write(frameOf(0, 'data', 50_000))
      isWaiting = false
    }
    let last = write()
    for (let i = 0; i < 100; i++) {
      await clock.advance(10)
      if (!isWaiting) last = write()
    }
    expect(isWaiting).toBe(true)
    return { last }
  }

  it('is held for 10 s by one who has stalled, who then sees that it was let go', async () => {
    const clock = new VirtualClock()
    const connections = await connect(3, { clock })
    const [near, far, third] = [at(connections, 0), at(connections, 1), at(connections, 2)]
    const publisher = await NetStream.publishDirect(near, 'cam')
    const stalled = await clock.during(NetStream.playDirect(far, addressOf(near), 'cam', options))
    const codes: string[] = []
    stalled.addEventListener('netStatus', ({ info }) => void codes.push(info.code))
    const other = await clock.during(Viewer.of(third, near))
    const reader = stalled.readable.getReader()
    const first = reader.read()
    const { last } = await fill(publisher, clock)
    await clock.advance(8_000)
    expect(publisher.peerStreams).toHaveLength(2)
    await clock.advance(4_000)
    await last
    expect(publisher.peerStreams).toEqual([{ farID: third.nearID }])
    const seen = other.frames.length
    await publisher.write(frameOf(1))
    await clock.advance(100)
    expect(other.frames.length).toBeGreaterThan(seen)
    expect(codes.slice(-2)).toEqual(CUT)
    await first
    const readOn = async (): Promise<void> => {
      while (!(await reader.read()).done) {}
    }
    await expect(readOn()).rejects.toThrow('missing')
  })

  it('waits on for one who reads slowly', async () => {
    const clock = new VirtualClock()
    const connections = await connect(2, { clock })
    const [near, far] = [at(connections, 0), at(connections, 1)]
    const publisher = await NetStream.publishDirect(near, 'cam')
    const player = await clock.during(NetStream.playDirect(far, addressOf(near), 'cam', options))
    const reader = player.readable.getReader()
    await Promise.all([reader.read(), fill(publisher, clock)])
    for (let i = 0; i < 5; i++) {
      await clock.advance(8_000)
      expect((await reader.read()).done).toBe(false)
    }
    expect(publisher.peerStreams).toHaveLength(1)
  })
})
