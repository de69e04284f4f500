import '../../src/platform/polyfill.ts'
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { concat } from 'uint8arrays/concat'
import { afterEach, describe, expect, it } from 'vitest'
import {
  isNetGroupError,
  type MediaFrame,
  NetStream,
  type NetStreamPlayer,
  type PlayOptions,
  type PublishDirectOptions
} from '../../src/index.ts'
import { NetConnection } from '../../src/node.ts'
import { createTestNetwork, type TestNetwork, type TestNetworkOptions } from '../../src/testing.ts'
import { DIRECT_PROTOCOL } from '../../src/wire/protocol-ids.ts'
import { addressOf, DirectViewer, frameOf } from '../support/direct-viewer.ts'
import { at } from '../support/inbox.ts'
import { until } from '../support/until.ts'

const toClose: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(toClose.splice(0).map(each => each.close()))
})

async function network(size: number, options: TestNetworkOptions = {}): Promise<TestNetwork> {
  const made = await createTestNetwork(size, options)
  toClose.push(made)
  return made
}

const code =
  (wanted: Parameters<typeof isNetGroupError>[1]) =>
  (error: unknown): boolean =>
    isNetGroupError(error, wanted)

async function publish(
  connection: NetConnection,
  options: PublishDirectOptions = {}
): Promise<Awaited<ReturnType<typeof NetStream.publishDirect>>> {
  return await NetStream.publishDirect(connection, 'cam', options)
}

const play = async (
  connection: NetConnection,
  publisher: NetConnection,
  options: PlayOptions<object> = {}
): Promise<NetStreamPlayer> => await NetStream.playDirect(connection, addressOf(publisher), 'cam', options)

describe('a direct stream', () => {
  it.each(['in memory', 'over TCP'])('is played by two, %s, each of whom gets all of it', async where => {
    const listen = ['/ip4/127.0.0.1/tcp/0']
    const connections =
      where === 'in memory'
        ? (await network(3)).connections
        : await Promise.all([1, 2, 3].map(() => NetConnection.connect('lan:', { listen })))
    if (where !== 'in memory') toClose.push(...connections)
    const publisher = await publish(at(connections, 0))
    const told: unknown[] = []
    publisher.addEventListener('netStatus', ({ info }) => void told.push(info))
    const viewers = [await DirectViewer.of(at(connections, 1), at(connections, 0))]
    expect(publisher.peerStreams).toEqual([{ farID: at(connections, 1).nearID }])
    viewers.push(await DirectViewer.of(at(connections, 2), at(connections, 0)))
    const kinds = ['audio', 'video', 'data'] as const
    for (let i = 0; i < 300; i++)
      await publisher.write(frameOf(i, at(kinds, i % 3), i % 3 === 1 ? 40_000 : 500))
    await publisher.close()
    await until('both are at the end', () => viewers.every(({ isOver }) => isOver))
    for (const viewer of viewers) {
      for (const [i, kind] of kinds.entries())
        expect(viewer.numbers(kind)).toEqual(Array.from({ length: 100 }, (_, n) => 3 * n + i))
      const film = viewer.frames.find(({ kind, timestamp }) => kind === 'video' && timestamp === 4_000)
      expect(film?.data).toEqual(frameOf(4, 'video', 40_000).data)
      expect(viewer.codes).toEqual(['NetStream.Play.Start', 'NetStream.Play.UnpublishNotify'])
      expect(viewer.player.farID).toBe(at(connections, 0).nearID)
      expect(viewer.player.info['videoByteCount']).toBe(4_000_000)
      expect(viewer.player.info).toMatchObject({ droppedFrames: 0, audioLossRate: 0, videoLossRate: 0 })
    }
    const farIDs = connections.slice(1).map(({ nearID }) => nearID)
    expect(told.slice(0, 2)).toEqual(
      farIDs.map(farID => ({ code: 'NetStream.Connect.Success', level: 'status', farID }))
    )
    expect(publisher.peerStreams).toEqual([])
  })

  it('is reached by the peer id alone where there is a connection', async () => {
    const { connections } = await network(2)
    const publisher = await publish(at(connections, 0))
    await DirectViewer.of(at(connections, 1), at(connections, 0))
    const second = new DirectViewer(
      await NetStream.playDirect(at(connections, 1), at(connections, 0).nearID, 'cam', { bufferTime: 0 })
    )
    await publisher.write(frameOf(1))
    await until('it is seen', () => second.frames.length === 1)
    expect(publisher.peerStreams).toHaveLength(2)
  })

  it('is played by those whom onPeerConnect lets in, now or later', async () => {
    const { connections } = await network(4)
    const asked: string[] = []
    const [, friend, stranger, broken] = connections.map(({ nearID }) => nearID)
    const publisher = await publish(at(connections, 0), {
      onPeerConnect: async ({ farID }) => {
        asked.push(farID)
        if (farID === broken) throw new Error('not today')
        return farID === friend
      }
    })
    await play(at(connections, 1), at(connections, 0))
    for (const i of [2, 3])
      await expect(play(at(connections, i), at(connections, 0))).rejects.toSatisfy(code('NOT_AUTHORIZED'))
    expect(asked).toEqual([friend, stranger, broken])
    expect(publisher.peerStreams).toEqual([{ farID: friend }])
  })

  it('is never played by who is blocked', async () => {
    const { connections } = await network(2)
    const asked: string[] = []
    await publish(at(connections, 0), { onPeerConnect: ({ farID }) => asked.push(farID) > 0 })
    at(connections, 0).block(at(connections, 1).nearID)
    await expect(play(at(connections, 1), at(connections, 0))).rejects.toSatisfy(code('PEER_UNREACHABLE'))
    await expect(play(at(connections, 0), at(connections, 1))).rejects.toSatisfy(code('PEER_UNREACHABLE'))
    expect(asked).toEqual([])
  })

  it('that is not there is not found, of a peer that publishes and of one that does not', async () => {
    const { connections } = await network(2)
    const isNotFound = code('STREAM_NOT_FOUND')
    await expect(play(at(connections, 1), at(connections, 0))).rejects.toSatisfy(isNotFound)
    const other = await NetStream.publishDirect(at(connections, 0), 'other')
    await expect(play(at(connections, 1), at(connections, 0))).rejects.toSatisfy(isNotFound)
    await other.close()
    const second = await NetStream.publishDirect(at(connections, 0), 'other')
    await second.close()
  })

  it('says what it cannot do', async () => {
    const { connections } = await network(2)
    const [first, second] = [at(connections, 0), at(connections, 1)]
    const publisher = await publish(first)
    await expect(publish(first)).rejects.toThrow('published already')
    await expect(NetStream.publishDirect(first, '')).rejects.toThrow(RangeError)
    await expect(publish(first, { videoReliable: 1 as never })).rejects.toThrow(TypeError)
    await expect(NetStream.playDirect(second, 'nobody', 'cam')).rejects.toThrow(TypeError)
    await expect(NetStream.playDirect(second, '/memory/x', 'cam')).rejects.toThrow('/p2p/')
    const nobody = `/memory/nobody/p2p/${(await network(1)).connections[0]?.nearID}`
    await expect(NetStream.playDirect(second, nobody, 'cam')).rejects.toSatisfy(code('PEER_UNREACHABLE'))
    await expect(play(second, first, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
    const tooLarge = { kind: 'data', timestamp: 0, data: new Uint8Array(4_194_305) } as const
    await expect(publisher.write(tooLarge)).rejects.toSatisfy(code('MESSAGE_TOO_LARGE'))
    await publisher.close()
    await expect(publisher.write(frameOf(0))).rejects.toSatisfy(code('CLOSED'))
    await second.close()
    await expect(play(second, first)).rejects.toSatisfy(code('CLOSED'))
  })

  it('calls what the publisher sends at those who play', async () => {
    const { connections } = await network(2)
    const heard: unknown[] = []
    const client = { onTitle: (title: string, year: number) => void heard.push([title, year]) }
    const publisher = await NetStream.publishDirect<typeof client>(at(connections, 0), 'cam')
    await NetStream.playDirect(at(connections, 1), addressOf(at(connections, 0)), 'cam', { client })
    expect(publisher.send('onTitle', 'Metropolis', 1927)).toBe(true)
    await until('it is heard', () => heard.length === 1)
    expect(heard).toEqual([['Metropolis', 1927]])
  })

  it('carries bytes as a pair of streams, at the pace of the reader', async () => {
    const { connections } = await network(2)
    const publisher = await publish(at(connections, 0))
    const player = await play(at(connections, 1), at(connections, 0))
    const sent = Array.from({ length: 600 }, (_, i) => new Uint8Array(10_000).fill(i % 251))
    let written = 0
    const writing = (async () => {
      const writer = publisher.writable.getWriter()
      for (const chunk of sent) {
        await writer.write(chunk)
        written += 1
      }
      await writer.close()
    })()
    const reader = player.readable.getReader()
    const chunks = [(await reader.read()).value as Uint8Array]
    await until('the publisher waits', () => Number(publisher.info['dataBufferByteLength']) >= 262_144)
    expect(written).toBeLessThan(400)
    for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value)
    await writing
    expect(Buffer.compare(Buffer.concat(chunks), Buffer.concat(sent))).toBe(0)
  })

  it('fails, read as bytes, when its publisher is gone before it was over', async () => {
    const { connections } = await network(2)
    const publisher = await publish(at(connections, 0))
    const player = await play(at(connections, 1), at(connections, 0), { bufferTime: 0 })
    const codes: string[] = []
    player.addEventListener('netStatus', ({ info }) => void codes.push(info.code))
    await publisher.write(frameOf(1))
    const reader = player.readable.getReader()
    expect((await reader.read()).value).toEqual(frameOf(1).data)
    await at(connections, 0).libp2p.stop()
    await expect(reader.read()).rejects.toThrow('missing')
    expect(codes).toEqual([
      'NetStream.Play.Start',
      'NetStream.Play.UnpublishNotify',
      'NetStream.Connect.Closed'
    ])
  })

  it('ends in good order when the connection of its publisher is closed', async () => {
    const { connections } = await network(2)
    const publisher = await publish(at(connections, 0))
    const viewer = await DirectViewer.of(at(connections, 1), at(connections, 0))
    for (let i = 0; i < 20; i++) void publisher.write(frameOf(i, 'data', 20_000))
    await at(connections, 0).close()
    await until('it is over', () => viewer.isOver)
    expect(viewer.numbers()).toHaveLength(20)
    expect(viewer.codes.at(-1)).toBe('NetStream.Play.UnpublishNotify')
  })

  it('goes on for others when one who plays it leaves', async () => {
    const { connections } = await network(3)
    const publisher = await publish(at(connections, 0))
    const leaving = await DirectViewer.of(at(connections, 1), at(connections, 0))
    const staying = await DirectViewer.of(at(connections, 2), at(connections, 0))
    const gone = new Promise(resolve => publisher.addEventListener('NetStream.Connect.Closed', resolve))
    await publisher.write(frameOf(0))
    await until('both see it', () => leaving.frames.length + staying.frames.length === 2)
    await leaving.player.close()
    await gone
    expect(publisher.peerStreams).toEqual([{ farID: at(connections, 2).nearID }])
    await publisher.write(frameOf(1))
    await until('it goes on', () => staying.frames.length === 2)
    expect(leaving.isOver).toBe(true)
    expect(leaving.frames).toHaveLength(1)
  })

  it('leaves out video that is not wanted', async () => {
    const { connections } = await network(2)
    const publisher = await publish(at(connections, 0))
    const viewer = await DirectViewer.of(at(connections, 1), at(connections, 0))
    viewer.player.receiveVideo(false)
    let number = 0
    const write = async (): Promise<void> => {
      await publisher.write(frameOf(number, 'video'))
      await publisher.write(frameOf(number, 'audio'))
      number += 1
    }
    const isQuiet = (): boolean =>
      (viewer.numbers('audio').at(-1) ?? 0) > (viewer.numbers('video').at(-1) ?? 0) + 5
    while (!isQuiet() && number < 500) {
      await write()
      await new Promise(resolve => setTimeout(resolve, 2))
    }
    expect(isQuiet()).toBe(true)
    viewer.player.receiveVideo(true)
    const seen = viewer.numbers('video').length
    while (viewer.numbers('video').length === seen && number < 1_000) {
      await write()
      await new Promise(resolve => setTimeout(resolve, 2))
    }
    expect(viewer.numbers('video').length).toBeGreaterThan(seen)
    expect(viewer.numbers('audio')).toEqual(
      Array.from({ length: viewer.numbers('audio').length }, (_, i) => i)
    )
    // What was left out since nobody wanted it is not lost.
    expect(viewer.player.info).toMatchObject({ droppedFrames: 0, videoLossRate: 0 })
    viewer.player.receiveAudio(false)
    await write()
    await publisher.close()
    await until('it is at the end', () => viewer.isOver)
    expect(viewer.player.info).toMatchObject({ droppedFrames: 0, audioLossRate: 0 })
  })

  it('drops video that is not reliable for who does not keep up, and never makes write wait', async () => {
    const { connections } = await network(2)
    const publisher = await publish(at(connections, 0), { videoReliable: false })
    const player = await play(at(connections, 1), at(connections, 0), { bufferTime: 0 })
    const frames = player.frames()[Symbol.asyncIterator]()
    // It begins to read, and stops: the publisher comes to hold.
    const first = frames.next()
    for (let i = 0; i < 400; i++) {
      await publisher.write(frameOf(i, 'video', 20_000))
      if (i % 20 === 0) await new Promise(resolve => setTimeout(resolve, 1))
    }
    expect(((await first).value as MediaFrame).timestamp).toBe(0)
    const isDropping = (): boolean => Number(publisher.info['droppedFrames']) > 100
    await until('some of it is dropped', isDropping)
    // One of them may be on its way in part, and counts whole.
    expect(publisher.info['videoBufferByteLength']).toBeLessThanOrEqual(1_048_576 + 20_000)
    const numbers: number[] = []
    const reading = (async () => {
      for (let next = await frames.next(); next.done !== true; next = await frames.next())
        numbers.push(new DataView(next.value.data.buffer, next.value.data.byteOffset).getUint32(0))
    })()
    await publisher.write(frameOf(1_000, 'video'))
    await publisher.close()
    await reading
    expect(numbers.at(-1)).toBe(1_000)
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    const missed = Number(player.info['droppedFrames'])
    expect(missed).toBeGreaterThan(0)
    expect(player.info).toMatchObject({
      audioLossRate: 0,
      videoLossRate: missed / (1 + numbers.length + missed)
    })
    const { droppedFrames = 0, videoLossRate } = publisher.info
    expect(videoLossRate).toBe(droppedFrames / 401)
  })

  it('is refused to a peer that plays sixteen, and let go of again', async () => {
    const { connections } = await network(2)
    const publisher = await publish(at(connections, 0))
    const players: NetStreamPlayer[] = []
    for (let i = 0; i < 16; i++) players.push(await play(at(connections, 1), at(connections, 0)))
    await expect(play(at(connections, 1), at(connections, 0))).rejects.toThrow('no room')
    await at(players, 0).close()
    await until('one has left', () => publisher.peerStreams.length === 15)
    await play(at(connections, 1), at(connections, 0))
  })
})

describe('a modified client', () => {
  /** A libp2p stream of the protocol, on which anything can be sent. */
  async function rawStream(from: NetConnection, to: NetConnection): Promise<Stream> {
    const path = await from.libp2p.dial(multiaddr(addressOf(to)))
    return await path.newStream(DIRECT_PROTOCOL)
  }

  const block = (...bytes: number[]): Uint8Array => Uint8Array.of(0, 0, 0, bytes.length, ...bytes)
  const cam = block(...new TextEncoder().encode('cam'))

  it.each([
    ['takes what was not sent', Uint8Array.of(0x7f, 0, 0, 0)],
    ['takes a byte more than there is', Uint8Array.of(0, 0, 0, 1)]
  ])('that %s is no longer sent to', async (_, word) => {
    const { connections } = await network(3)
    const publisher = await publish(at(connections, 0))
    const honest = await DirectViewer.of(at(connections, 2), at(connections, 0))
    const stream = await rawStream(at(connections, 1), at(connections, 0))
    const isClosed = new Promise(resolve => stream.addEventListener('close', resolve))
    stream.send(cam)
    await until('it plays', () => publisher.peerStreams.length === 2)
    stream.send(word)
    await isClosed
    await until('it is gone', () => publisher.peerStreams.length === 1)
    await publisher.write(frameOf(1))
    await until('others play on', () => honest.frames.length === 1)
  })

  it.each([
    ['a name that is too long', Uint8Array.of(0, 0, 1, 0)],
    ['a name that is no UTF-8', block(0xff)]
  ])('that asks for %s gets no answer', async (_, request) => {
    const { connections } = await network(2)
    await publish(at(connections, 0))
    const stream = await rawStream(at(connections, 1), at(connections, 0))
    const isClosed = new Promise(resolve => stream.addEventListener('close', resolve))
    stream.send(request)
    await isClosed
    expect(stream.status).toBe('reset')
  })

  const header = (kind: number, flags: number): number[] => [kind, flags, ...Array<number>(8).fill(0)]
  it.each([
    ['a piece of no frame', block(...header(1, 2), 7)],
    ['a piece of no known kind', block(...header(3, 3), 7)],
    ['a piece at no possible time', block(0, 3, ...Array<number>(8).fill(255), 7)],
    ['a piece that is too long', Uint8Array.of(0, 0, 0x40, 0)],
    ['a block that is no piece', block(1, 2, 3)],
    [
      'a frame of too many pieces',
      concat([block(...header(1, 1), 7), ...Array<Uint8Array>(512).fill(block(...header(1, 0), 7))])
    ]
  ])('that publishes %s is played no longer', async (_, pieces) => {
    const { connections } = await network(2)
    await at(connections, 0).libp2p.handle(DIRECT_PROTOCOL, stream => {
      stream.send(block(0))
      stream.send(pieces)
    })
    const viewer = await DirectViewer.of(at(connections, 1), at(connections, 0))
    await until('it is over', () => viewer.isOver)
    expect(viewer.frames).toEqual([])
    await until('it is told', () => viewer.codes.at(-1) === 'NetStream.Connect.Closed')
  })
})
