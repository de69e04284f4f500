import '../../src/platform/polyfill.ts'
import { afterEach, describe, expect, it } from 'vitest'
import {
  GroupSpecifier,
  type MediaFrame,
  NetGroup,
  NetStream,
  type NetStreamPlayer,
  type NetStreamPublisher
} from '../../src/index.ts'
import { createTestNetwork, joinAll, type TestNetwork } from '../../src/testing.ts'
import { Film, FilmViewer, filmFrame } from '../support/film.ts'
import { at } from '../support/inbox.ts'
import { until } from '../support/until.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const networks: TestNetwork[] = []
const clocks = new WeakMap<TestNetwork, VirtualClock>()
afterEach(async () => {
  for (const network of networks.splice(0)) {
    const closing = network.close()
    await (clocks.get(network)?.during(closing) ?? closing)
  }
})

async function meet(size: number, clock?: VirtualClock): Promise<NetGroup[]> {
  const network = await createTestNetwork(size, clock === undefined ? {} : { clock })
  networks.push(network)
  if (clock !== undefined) clocks.set(network, clock)
  const joining = joinAll(network.connections, new GroupSpecifier('stage', { multicastEnabled: true }))
  return await (clock?.during(joining) ?? joining)
}

/** Writes so many frames, one each so often, in ms. */
async function writePaced(
  stream: NetStreamPublisher,
  frames: readonly MediaFrame[],
  { clock, everyMs }: { clock: VirtualClock; everyMs: number }
): Promise<void> {
  const writes: Promise<void>[] = []
  for (const frame of frames) {
    writes.push(stream.write(frame))
    await clock.advance(everyMs)
  }
  await clock.during(Promise.all(writes))
}

const numbered = <T>(count: number, make: (number: number) => T): T[] =>
  Array.from({ length: count }, (_, number) => make(number))

/** Bytes are under way for so long from now on, in ms. */
function slowDown(latencyMs: number): void {
  networks.at(-1)?.setLatencyMs(latencyMs)
}

function dataFrame(text: string, timestamp = 0): MediaFrame {
  return { kind: 'data', timestamp, data: new TextEncoder().encode(text) }
}

/** Reads bytes to their end, as text; then `!` where they fail. */
async function textOf({ readable }: NetStreamPlayer): Promise<string> {
  let text = ''
  try {
    for await (const chunk of readable as unknown as AsyncIterable<Uint8Array>)
      text += new TextDecoder().decode(chunk)
  } catch (error) {
    expect((error as Error).message).toContain('is missing')
    text += '!'
  }
  return text
}

function known(group: NetGroup, count = 1): Promise<void> {
  return until('the stream is known', () => group.streams.length === count)
}

describe('the bytes of a frame', () => {
  it('are the viewer’s own: what it does with them reaches nobody else', async () => {
    const clock = new VirtualClock()
    const groups = await meet(4, clock)
    const options = { bufferTime: 0, multicastPushNeighborLimit: 1 }
    const spoilers = [1, 2].map(async index => {
      const player = await NetStream.play(at(groups, index), 'film', options)
      for await (const { data } of player.frames()) {
        data.fill(7)
        structuredClone(data, { transfer: [data.buffer as ArrayBuffer] })
      }
    })
    const players = await Promise.all([1, 3].map(index => NetStream.play(at(groups, index), 'film', options)))
    const stream = await NetStream.publish(at(groups, 0), 'film', options)
    const film = numbered(100, filmFrame)
    const seen = players.map(async player => {
      const frames: MediaFrame[] = []
      for await (const frame of player.frames()) frames.push(frame)
      return frames
    })
    await writePaced(stream, film, { clock, everyMs: 10 })
    await clock.during(stream.close())
    for (const frames of await clock.during(Promise.all(seen)))
      expect(frames.map(({ data }, number) => Buffer.compare(data, at(film, number).data))).toEqual(
        film.map(() => 0)
      )
    await clock.during(Promise.all(spoilers))
    for (const { info } of groups) expect(info.rejected).toEqual({})
  })

  it('may be changed by its publisher as soon as write has been called', async () => {
    const [publishing, watching] = (await meet(2)) as [NetGroup, NetGroup]
    const player = await NetStream.play(watching, 'film', { bufferTime: 0 })
    const stream = await NetStream.publish(publishing, 'film')
    await known(watching)
    const buffer = Buffer.alloc(1_000)
    for (let number = 1; number <= 50; number++) {
      buffer.fill(number)
      void stream.write({ kind: 'video', timestamp: number, data: buffer })
    }
    buffer.fill(255)
    await stream.close()
    const firsts: (number | undefined)[] = []
    for await (const { data } of player.frames()) firsts.push(data[0])
    expect(firsts).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
    expect(watching.info.rejected).toEqual({})
  })
})

describe('a stream that is read as bytes', () => {
  it('is not read as frames too', async () => {
    const [publishing, watching] = (await meet(2)) as [NetGroup, NetGroup]
    await NetStream.publish(publishing, 'film')
    const [one, other] = [await NetStream.play(watching, 'film'), await NetStream.play(watching, 'film')]
    expect(one.readable).toBe(one.readable)
    expect(() => one.frames()).toThrow(TypeError)
    other.frames()
    expect(() => other.readable).toThrow(TypeError)
  })

  it('fails where its reader was too slow, and goes on behind that when it is taken anew, or skips it', async () => {
    const clock = new VirtualClock()
    const [publishing, watching] = (await meet(2, clock)) as [NetGroup, NetGroup]
    const options = { bufferTime: 0, multicastWindowDuration: 1.5 }
    const failing = await NetStream.play(watching, 'film', options)
    const skipping = await NetStream.play(watching, 'film', { ...options, gaps: 'skip' })
    const stream = await NetStream.publish(publishing, 'film', options)
    await clock.during(known(watching))
    const frames = numbered(60, number => dataFrame(`${number} `))
    await writePaced(stream, frames, { clock, everyMs: 40 })
    await clock.during(stream.close())
    expect(await textOf(failing)).toBe('!')
    for (const player of [failing, skipping]) expect(await textOf(player)).toMatch(/^\d+ .*59 $/)
    expect(await textOf(failing)).toBe('')
  })

  it('fails when its publisher aborts it, and when its group is closed', async () => {
    const [publishing, watching] = (await meet(2)) as [NetGroup, NetGroup]
    const players = await Promise.all(
      ['aborted', 'left'].map(name => NetStream.play(watching, name, { bufferTime: 0 }))
    )
    const options = { multicastWindowDuration: 1 }
    const streams = await Promise.all(
      ['aborted', 'left'].map(name => NetStream.publish(publishing, name, options))
    )
    await known(watching, 2)
    for (const stream of streams) await stream.write(dataFrame('half'))
    await until('it has come', () => players.every(({ info }) => info['byteCount'] === 4))
    const [aborted, left] = players.map(player => textOf(player))
    await at(streams, 0).writable.abort(new Error('the source has failed'))
    expect(await aborted).toBe('half!')
    await watching.close()
    expect(await left).toBe('half!')
  })
})

describe('a stream that is taken over by another of its name', () => {
  it('comes to its end before, and its bytes end there with an error', async () => {
    const groups = await meet(3)
    const options = { bufferTime: 0 }
    const [frames, bytes] = [
      await NetStream.play(at(groups, 2), 'film', options),
      await NetStream.play(at(groups, 2), 'film', options)
    ]
    const newer = await NetStream.publish(at(groups, 0), 'film')
    await until('the first is played', () => frames.farID === at(groups, 0).connection.nearID)
    const older = await NetStream.publish(at(groups, 1), 'film')
    await known(at(groups, 2), 2)
    await newer.write(dataFrame('a0'))
    await until('it begins', () => [frames, bytes].every(({ info }) => info['byteCount'] === 2))
    const told: string[] = []
    frames.addEventListener('netStatus', ({ info }) => void told.push(info.code))
    const text = textOf(bytes)
    slowDown(50)
    for (let number = 1; number < 10; number++) await newer.write(dataFrame(`a${number}`))
    await newer.close()
    const read: string[] = []
    for await (const { data, afterGap } of frames.frames()) {
      read.push(`${afterGap === true ? '- ' : ''}${new TextDecoder().decode(data)}`)
      if (read.length === 10)
        void until('the other is played', () => told.length > 1).then(async () => {
          await older.write(dataFrame('b'))
          await older.close()
        })
    }
    expect(read).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8', 'a9', '- b'])
    expect(told.slice(0, 2)).toEqual(['NetStream.Play.UnpublishNotify', 'NetStream.MulticastStream.Reset'])
    expect(await text).toBe('a0a1a2a3a4a5a6a7a8a9!')
    expect(await textOf(bytes)).toBe('b')
  })
})

describe('a player', () => {
  it('plays the next stream of the name when one has ended before anything of it came', async () => {
    const groups = await meet(3)
    const player = await NetStream.play(at(groups, 2), 'film', { bufferTime: 0, multicastWindowDuration: 1 })
    await NetStream.publish(at(groups, 0), 'film')
    await until('it is played', () => player.farID !== '')
    await at(groups, 0).close()
    for await (const _ of player.frames());
    const stream = await NetStream.publish(at(groups, 1), 'film')
    await stream.write(dataFrame('here'))
    await stream.close()
    const read: string[] = []
    for await (const { data } of player.frames()) read.push(new TextDecoder().decode(data))
    expect(read).toEqual(['here'])
  })

  it('keeps what it gathers, for longer than the window', async () => {
    const [publishing, watching] = (await meet(2)) as [NetGroup, NetGroup]
    const viewer = new FilmViewer(
      await NetStream.play(watching, 'film', { bufferTime: 2, multicastWindowDuration: 1 })
    )
    const film = new Film(await NetStream.publish(publishing, 'film'))
    await until('it is handed out', () => viewer.numbers.length > 40)
    expect(at(viewer.numbers, 0)).toBe(0)
    expect(viewer.player.info['droppedFrames']).toBe(0)
    film.stop()
  })

  it('goes on with a keyframe when video is wanted again', async () => {
    const [publishing, watching] = (await meet(2)) as [NetGroup, NetGroup]
    const viewer = await FilmViewer.of(watching)
    const film = new Film(await NetStream.publish(publishing, 'film'))
    await until('it plays', () => viewer.numbers.length > 5)
    viewer.player.receiveVideo(false)
    const before = film.sent
    await until('some is not wanted', () => film.sent > before + 30)
    viewer.player.receiveVideo(true)
    const seen = viewer.numbers.length
    await until('it plays again', () => viewer.numbers.length > seen + 5)
    expect(at(viewer.numbers, seen) % 25).toBe(0)
    expect(viewer.holes).toHaveLength(1)
    expect(() => viewer.player.receiveVideo('no' as never)).toThrow(TypeError)
    film.stop()
  })

  it('does not run what was sent to handlers before it was there', async () => {
    const clock = new VirtualClock()
    const groups = await meet(3, clock)
    const heard: number[][] = [[], []]
    const clients = heard.map(calls => ({ onNumber: (number: number) => void calls.push(number) }))
    await NetStream.play(at(groups, 1), 'game', { client: at(clients, 0) })
    const stream = await NetStream.publish<{ onNumber(number: number): void }>(at(groups, 0), 'game')
    const heardBy = (viewer: number, number: number): Promise<void> =>
      clock.during(
        until(`${number} is heard by ${viewer}`, () => {
          stream.send('onNumber', number)
          return at(heard, viewer).length > 10
        })
      )
    await heardBy(0, 1)
    // Whoever comes within two seconds was waiting for it.
    await clock.advance(2_500)
    const late = await NetStream.play(at(groups, 2), 'game', { client: at(clients, 1) })
    await clock.during(new Promise(resolve => late.addEventListener('NetStream.Play.Start', resolve)))
    await heardBy(1, 2)
    expect(at(heard, 1)).not.toContain(1)
    expect(stream.info['dataByteCount']).toBeGreaterThan(0)
    await clock.during(stream.close())
  })

  it('shows its counters also after the end', async () => {
    const [publishing, watching] = (await meet(2)) as [NetGroup, NetGroup]
    const player = await NetStream.play(watching, 'film', { bufferTime: 0 })
    const stream = await NetStream.publish(publishing, 'film')
    await known(watching)
    await stream.write(filmFrame(0))
    await stream.close()
    for await (const _ of player.frames());
    const { fragmentsPushedFromPeers = 0, fragmentsRequestedFromPeers = 0 } = player.multicastInfo
    expect(fragmentsPushedFromPeers + fragmentsRequestedFromPeers).toBeGreaterThan(3)
  })
})

describe('a publisher', () => {
  it('that comes after its viewer, over a long path, loses nothing of what it writes at once', async () => {
    const network = await createTestNetwork(2)
    networks.push(network)
    slowDown(100)
    const spec = new GroupSpecifier('stage', { multicastEnabled: true })
    const watching = await NetGroup.join(at(network.connections, 1), spec)
    const player = await NetStream.play(watching, 'film', { bufferTime: 0 })
    const publishing = await NetGroup.join(at(network.connections, 0), spec)
    await publishing.waitForNeighbors(1)
    const stream = await NetStream.publish(publishing, 'film')
    const reading = (async () => {
      let count = 0
      for await (const _ of player.frames()) count += 1
      return count
    })()
    for (let number = 0; number < 60; number++)
      await stream.write({ kind: 'data', timestamp: number, data: new Uint8Array(60_000) })
    await stream.close()
    expect(await reading).toBe(60)
  })

  it('waits for the places of those who wait for its stream, who are pushed nearly all of it then', async () => {
    const groups = await meet(4)
    const players = await Promise.all(
      groups.slice(1).map(group => NetStream.play(group, 'film', { bufferTime: 0 }))
    )
    const stream = await NetStream.publish(at(groups, 0), 'film')
    // 4 Mbit/s.
    const film = new Film(stream, number => ({ ...filmFrame(number), data: new Uint8Array(20_000) }))
    await until('it runs', () => film.sent > 60)
    for (const { multicastInfo } of players) {
      const { fragmentsPushedFromPeers = 0, fragmentsRequestedFromPeers = 0 } = multicastInfo
      expect(fragmentsPushedFromPeers).toBeGreaterThan(200)
      expect(fragmentsRequestedFromPeers).toBeLessThan(fragmentsPushedFromPeers / 10)
    }
    film.stop()
  })

  it('is told to have ended at once when its NetGroup is closed, though another one of the membership stays', async () => {
    const clock = new VirtualClock()
    const [staying, watching] = (await meet(2, clock)) as [NetGroup, NetGroup]
    const spec = new GroupSpecifier('stage', { multicastEnabled: true })
    const closing = await clock.during(NetGroup.join(staying.connection, spec))
    const viewer = await FilmViewer.of(watching)
    const stream = await clock.during(NetStream.publish(closing, 'film'))
    await clock.during(stream.write(filmFrame(0)))
    await clock.advance(500)
    expect(viewer.numbers).toEqual([0])
    await clock.during(closing.close())
    await clock.advance(200)
    expect(viewer.codes.at(-1)).toBe('NetStream.Play.UnpublishNotify')
    expect([staying, watching].map(({ streams }) => streams)).toEqual([[], []])
    // It has said so itself: nobody waits for it to come back.
    await clock.advance(8_000)
    expect(viewer.isOver).toBe(true)
  })

  it('leaves nothing on the air when it refuses the bufferTime', async () => {
    const clock = new VirtualClock()
    const groups = await meet(2, clock)
    const publishing = NetStream.publish(at(groups, 0), 'film', { bufferTime: -1 })
    await expect(publishing).rejects.toThrow('bufferTime')
    await clock.advance(200)
    expect(groups.map(({ streams }) => streams)).toEqual([[], []])
  })

  it('ends in time after a long pause, though nobody takes what it pushes', async () => {
    const clock = new VirtualClock()
    const [publishing, watching] = (await meet(2, clock)) as [NetGroup, NetGroup]
    await NetStream.play(watching, 'film', { bufferTime: 0 })
    const stream = await NetStream.publish(publishing, 'film', { multicastPushNeighborLimit: 0 })
    await clock.advance(5_000)
    void stream.write(filmFrame(0))
    await clock.advance(60_000)
    let isOver = false
    void stream.close().then(() => {
      isOver = true
    })
    await clock.advance(12_000)
    expect(isOver).toBe(true)
  })

  it('hears from send that it should pause', async () => {
    const [publishing] = (await meet(1)) as [NetGroup]
    const stream = await NetStream.publish<{ onBytes(bytes: Uint8Array): void }>(publishing, 'game')
    const answers = Array.from({ length: 100 }, () => stream.send('onBytes', new Uint8Array(16_000)))
    expect(answers[0]).toBe(true)
    expect(answers.at(-1)).toBe(false)
    await until('it has gone out', () => stream.send('onBytes', new Uint8Array(1)))
  })
})

describe('the multicast parameters of a stream', () => {
  it('can be read and set on it, as in the original', async () => {
    const [publishing, watching] = (await meet(2)) as [NetGroup, NetGroup]
    const stream = await NetStream.publish(publishing, 'film', { multicastWindowDuration: 3 })
    const player = await NetStream.play(watching, 'film', { multicastFetchPeriod: 0.25 })
    await until('it is played', () => player.farID !== '')
    expect([player.multicastWindowDuration, player.multicastFetchPeriod]).toEqual([3, 0.25])
    expect([stream.multicastWindowDuration, stream.multicastPushNeighborLimit]).toEqual([3, 4])
    player.multicastWindowDuration = 5
    stream.multicastPushNeighborLimit = 2
    expect([player.multicastWindowDuration, stream.multicastPushNeighborLimit]).toEqual([5, 2])
    expect(() => {
      player.multicastWindowDuration = 0
    }).toThrow(RangeError)
    expect(() => {
      player.bufferTime = -1
    }).toThrow(RangeError)
  })
})
