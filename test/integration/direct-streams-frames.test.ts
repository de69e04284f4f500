import '../../src/platform/polyfill.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { type MediaFrame, NetStream, type PublishDirectOptions } from '../../src/index.ts'
import type { NetConnection } from '../../src/node.ts'
import { createTestNetwork } from '../../src/testing.ts'
import { addressOf, DirectViewer, frameOf } from '../support/direct-viewer.ts'
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
    const viewer = await DirectViewer.of(far, near)
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

describe('NetStreamPlayer.receiveVideo()', () => {
  /** Writes video and audio with one number, and sees that the audio arrives. */
  const both =
    (publisher: { write(frame: MediaFrame): Promise<void> }, viewer: DirectViewer) =>
    async (number: number, keyframe = false): Promise<void> => {
      await publisher.write({ ...frameOf(number, 'video'), keyframe })
      await publisher.write(frameOf(number, 'audio'))
      await until('it is heard', () => viewer.numbers('audio').at(-1) === number)
    }

  it('resumes at a keyframe, not in the middle of a group of pictures', async () => {
    const { near, far } = await pair()
    const publisher = await NetStream.publishDirect(near, 'cam')
    const viewer = await DirectViewer.of(far, near)
    const write = both(publisher, viewer)
    let number = 0
    await write(number, true)
    viewer.player.receiveVideo(false)
    const lastSeen = (): number => viewer.numbers('video').at(-1) ?? -1
    while (lastSeen() >= number - 1 && number < 100) await write(++number)
    const seen = viewer.numbers('video')
    viewer.player.receiveVideo(true)
    for (let i = 0; i < 20; i++) await write(++number)
    const keyframe = ++number
    await write(keyframe, true)
    await write(++number)
    await until('it is seen', () => lastSeen() === number)
    expect(viewer.numbers('video').slice(seen.length)).toEqual([keyframe, number])
    expect(viewer.player.info).toMatchObject({ droppedFrames: 0, videoLossRate: 0 })
    expect(publisher.info).toMatchObject({ droppedFrames: 0, videoLossRate: 0 })
  })
})

describe('NetStreamPublisher.send()', () => {
  interface Client {
    chat(number: number, bytes: Uint8Array): void
    move(number: number, bytes: Uint8Array): void
  }

  async function callAll(options: PublishDirectOptions): Promise<{
    answers: boolean[]
    heard: Record<keyof Client, number[]>
    dropped: number
  }> {
    const { near, far } = await pair()
    const publisher = await NetStream.publishDirect<Client>(near, 'cam', options)
    const heard: Record<keyof Client, number[]> = { chat: [], move: [] }
    const client: Client = {
      chat: number => void heard.chat.push(number),
      move: number => void heard.move.push(number)
    }
    await NetStream.playDirect(far, addressOf(near), 'cam', { client })
    const bytes = new Uint8Array(20_000)
    const answers: boolean[] = []
    for (let i = 0; i < 200; i++) {
      if (i === 20) answers.push(publisher.send('chat', i, bytes))
      answers.push(publisher.send('move', i, bytes))
    }
    await until('the last is heard', () => heard.move.at(-1) === 199)
    return { answers, heard, dropped: Number(publisher.info['droppedFrames']) }
  }

  it('lets older calls of the same handler give way, and no others, when data is not reliable', async () => {
    const { answers, heard, dropped } = await callAll({ dataReliable: false })
    expect(heard.chat).toEqual([20])
    expect(dropped).toBeGreaterThan(100)
    expect(heard.move).toHaveLength(200 - dropped)
    expect(heard.move[0]).toBe(0)
    expect(answers.slice(0, 5)).not.toContain(false)
    expect(answers.slice(50)).not.toContain(true)
  })

  it('loses no call when data is reliable, and says when too much waits', async () => {
    const { answers, heard } = await callAll({})
    expect(heard.chat).toEqual([20])
    expect(heard.move).toEqual(Array.from({ length: 200 }, (_, i) => i))
    expect(answers.slice(50)).not.toContain(true)
  })

  it('says that too much waits also when that is video, which never makes write wait', async () => {
    const { near, far } = await pair()
    const publisher = await NetStream.publishDirect<Client>(near, 'cam', { videoReliable: false })
    await NetStream.playDirect(far, addressOf(near), 'cam')
    const written: Promise<void>[] = []
    for (let i = 0; i < 60; i++) written.push(publisher.write(frameOf(i, 'video', 20_000)))
    expect(publisher.send('chat', 1, new Uint8Array(1))).toBe(false)
    await Promise.all(written)
    expect(Number(publisher.info['videoBufferByteLength'])).toBeGreaterThan(262_144)
  })
})
