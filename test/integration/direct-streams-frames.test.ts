import '../../src/platform/polyfill.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { NetStream } from '../../src/index.ts'
import type { NetConnection } from '../../src/node.ts'
import { createTestNetwork } from '../../src/testing.ts'
import { Viewer } from '../support/direct-viewer.ts'
import { at } from '../support/inbox.ts'
import { until } from '../support/until.ts'

const toClose: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(toClose.splice(0).map(each => each.close()))
})

/** A publisher's connection and a player's. */
async function pair(): Promise<{ near: NetConnection; far: NetConnection }> {
  const network = await createTestNetwork(2)
  toClose.push(network)
  return { near: at(network.connections, 0), far: at(network.connections, 1) }
}

describe('NetStreamPublisher.write()', () => {
  it.each([
    ['Uint8Array', (bytes: number) => new Uint8Array(bytes)],
    ['Buffer', (bytes: number) => Buffer.alloc(bytes)]
  ])('has taken what is in a %s that is used again afterwards', async (_, make) => {
    const { near, far } = await pair()
    const publisher = await NetStream.publishDirect(near, 'cam')
    const viewer = await Viewer.of(far, near)
    const data = make(50_000)
    for (let i = 0; i < 4; i++) {
      data.fill(i)
      await publisher.write({ kind: 'data', timestamp: i, data })
    }
    data.fill(255)
    await until('they are there', () => viewer.frames.length === 4)
    expect(viewer.frames.map(frame => [...new Set(frame.data)])).toEqual([[0], [1], [2], [3]])
  })
})
