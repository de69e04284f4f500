import '../../src/platform/polyfill.ts'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { StripeEngine } from '../../src/core/multicast/stripe-engine.ts'
import { GroupSpecifier, isNetGroupError, type MediaFrame, NetGroup, NetStream } from '../../src/index.ts'
import { createTestNetwork, joinAll, type TestNetwork } from '../../src/testing.ts'
import { bytesHeld } from '../support/bytes-held.ts'
import { Film, FilmViewer, filmFrame } from '../support/film.ts'
import { at } from '../support/inbox.ts'
import { numberedBytes, numberOf } from '../support/numbered-frames.ts'
import { until } from '../support/until.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const networks: TestNetwork[] = []
afterEach(async () => {
  await Promise.all(networks.splice(0).map(network => network.close()))
})

const stage = (): GroupSpecifier => new GroupSpecifier('stage', { multicastEnabled: true })

async function meet(
  size: number,
  spec = stage(),
  clock?: VirtualClock
): Promise<{ network: TestNetwork; groups: NetGroup[] }> {
  const network = await createTestNetwork(size, clock === undefined ? {} : { clock })
  networks.push(network)
  const joining = joinAll(network.connections, spec)
  return { network, groups: await (clock?.during(joining) ?? joining) }
}

describe('a stream in a group', () => {
  it('is announced, played by all who want it, and ends', async () => {
    const { groups } = await meet(4)
    const told: string[] = []
    at(groups, 3).addEventListener('netStatus', ({ info }) => {
      if ('name' in info) told.push(`${info.code.split('.').at(-1)} ${info.name}`)
    })
    const viewers = await Promise.all(groups.slice(1).map(group => FilmViewer.of(group)))
    const film = new Film(await NetStream.publish(at(groups, 0), 'film'))
    await until('all have seen it', () => viewers.every(({ numbers }) => numbers.length >= 50))
    expect(at(groups, 3).streams).toEqual([{ name: 'film', publisher: at(groups, 0).connection.nearID }])
    film.stop()
    await film.publisher.close()
    await until('all have reached its end', () => viewers.every(({ isOver }) => isOver))
    for (const viewer of viewers) {
      expect(viewer.holes).toEqual([])
      expect(viewer.numbers.at(-1)).toBe(film.sent - 1)
      expect(viewer.codes).toEqual(['NetStream.Play.Start', 'NetStream.Play.UnpublishNotify'])
    }
    expect(told).toEqual(['PublishNotify film', 'UnpublishNotify film'])
    expect(at(groups, 3).streams).toEqual([])
  })

  it('begins at a keyframe for who comes later', async () => {
    const { groups } = await meet(3)
    const film = new Film(await NetStream.publish(at(groups, 0), 'film'))
    await until('it has run a while', () => film.sent > 40)
    const late = await FilmViewer.of(at(groups, 1))
    await until('it plays', () => late.numbers.length > 10)
    expect(at(late.numbers, 0) % 25).toBe(0)
    expect(late.holes).toEqual([])
    film.stop()
  })

  it('is played from its first frame on by who was waiting for it, though it begins with a burst', async () => {
    const { network, groups } = await meet(3)
    const viewers = [await FilmViewer.of(at(groups, 1)), await FilmViewer.of(at(groups, 2))]
    network.setLatencyMs(40)
    const stream = await NetStream.publish(at(groups, 0), 'film')
    for (let number = 0; number < 60; number++) await stream.write(filmFrame(number))
    await stream.close()
    await until('both have reached its end', () => viewers.every(({ isOver }) => isOver), 20_000)
    for (const { numbers } of viewers) expect([at(numbers, 0), numbers.length]).toEqual([0, 60])
  })

  it('calls what the publisher sends at its viewers', async () => {
    const { groups } = await meet(2)
    const heard: unknown[] = []
    const client = { onTitle: (title: string, year: number) => void heard.push([title, year]) }
    await NetStream.play(at(groups, 1), 'film', { client })
    const publisher = await NetStream.publish<typeof client>(at(groups, 0), 'film')
    await until('it is heard', () => {
      if (heard.length === 0) publisher.send('onTitle', 'Metropolis', 1927)
      return heard.length > 0
    })
    expect(heard[0]).toEqual(['Metropolis', 1927])
    expect(() => publisher.send('_private' as never)).toThrow(TypeError)
    await publisher.close()
  })

  it('carries bytes as a pair of streams', async () => {
    const { groups } = await meet(2)
    const player = await NetStream.play(at(groups, 1), 'bytes', { bufferTime: 0 })
    const publisher = await NetStream.publish(at(groups, 0), 'bytes')
    await until('it is known', () => at(groups, 1).streams.length === 1)
    const writer = publisher.writable.getWriter()
    const sent = Array.from({ length: 200 }, (_, i) => new Uint8Array(1_000).fill(i))
    const reading = (async () => {
      const chunks: Uint8Array[] = []
      for await (const chunk of player.readable as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk)
      return Buffer.concat(chunks)
    })()
    for (const chunk of sent) await writer.write(chunk)
    await writer.close()
    const got = await reading
    expect(Buffer.compare(got, Buffer.concat(sent))).toBe(0)
  })

  it('fails as a stream of bytes when its last ones do not come', async () => {
    const { groups } = await meet(2)
    const player = await NetStream.play(at(groups, 1), 'bytes', { bufferTime: 0 })
    const publisher = await NetStream.publish(at(groups, 0), 'bytes', { multicastWindowDuration: 1 })
    await until('it is known', () => at(groups, 1).streams.length === 1)
    const reader = player.readable.getReader()
    const first = reader.read()
    await new Promise(resolve => setTimeout(resolve))
    expect(() => player.frames()).toThrow('`readable` is read already')
    await publisher.write({ kind: 'data', timestamp: 0, data: Uint8Array.of(1) })
    expect((await first).value).toEqual(Uint8Array.of(1))
    vi.spyOn(StripeEngine.prototype, 'handle').mockReturnValue([])
    await publisher.write({ kind: 'data', timestamp: 1, data: Uint8Array.of(2) })
    const closing = publisher.close()
    await expect(reader.read()).rejects.toThrow('missing')
    vi.restoreAllMocks()
    await closing
  })

  it('is taken over by another of the same name when its publisher is gone', async () => {
    const { network, groups } = await meet(4)
    const first = new Film(await NetStream.publish(at(groups, 0), 'film'))
    const viewer = await FilmViewer.of(at(groups, 2))
    await until('the first is seen', () => viewer.numbers.length > 10)
    const second = new Film(await NetStream.publish(at(groups, 1), 'film'))
    expect(viewer.player.farID).toBe(at(groups, 0).connection.nearID)
    const goneAtMs = Date.now()
    await at(network.connections, 0).libp2p.stop()
    await until('its end is told', () => viewer.codes.includes('NetStream.Play.UnpublishNotify'))
    expect(Date.now() - goneAtMs).toBeLessThan(5_000)
    await until('the other is seen', () => viewer.player.farID === at(groups, 1).connection.nearID)
    const seen = viewer.numbers.length
    await until('it plays', () => viewer.numbers.length > seen + 10)
    expect(viewer.codes).toEqual([
      'NetStream.Play.Start',
      'NetStream.Play.UnpublishNotify',
      'NetStream.MulticastStream.Reset'
    ])
    first.stop()
    second.stop()
  })

  it('is told to be over at once when its publisher leaves the group', async () => {
    const { groups } = await meet(3)
    const film = new Film(await NetStream.publish(at(groups, 0), 'film'))
    const viewer = await FilmViewer.of(at(groups, 1))
    await until('it is seen', () => viewer.numbers.length > 10)
    film.stop()
    await at(groups, 0).close()
    await until('its end is told', () => viewer.codes.includes('NetStream.Play.UnpublishNotify'), 2_000)
    await until('to others too', () => at(groups, 2).streams.length === 0, 2_000)
  })

  it('is for those only who have the right, where there is a password', async () => {
    const spec = new GroupSpecifier('stage', { multicastEnabled: true })
    await spec.setPublishPassword('secret')
    const { network, groups } = await meet(3, GroupSpecifier.parse(spec.groupspecWithoutAuthorizations()))
    const isRefused = (error: unknown): boolean => isNetGroupError(error, 'NOT_AUTHORIZED')
    await expect(NetStream.publish(at(groups, 0), 'film')).rejects.toSatisfy(isRefused)
    const viewer = await FilmViewer.of(at(groups, 1))
    const allowed = await NetGroup.join(at(network.connections, 2), spec)
    const film = new Film(await NetStream.publish(allowed, 'film'))
    await until('it is seen', () => viewer.numbers.length > 10)
    film.stop()
  })

  it('is played twice by one member, and by its publisher, without harm to anybody', async () => {
    const { groups } = await meet(2)
    const first = await FilmViewer.of(at(groups, 1))
    const film = new Film(await NetStream.publish(at(groups, 0), 'film'))
    await until('it is seen', () => first.numbers.length > 10)
    const own = await FilmViewer.of(at(groups, 0))
    const second = await FilmViewer.of(at(groups, 1))
    const seen = first.numbers.length
    await until('all see it', () => own.numbers.length > 30 && second.numbers.length > 30)
    await until('the first sees it still', () => first.numbers.length > seen + 30)
    for (const viewer of [own, second]) {
      expect(at(viewer.numbers, 0) % 25).toBe(0)
      expect(viewer.codes).toEqual(['NetStream.Play.Start'])
    }
    await second.player.close()
    const seenThen = first.numbers.length
    await until('one goes and the other stays', () => first.numbers.length > seenThen + 10)
    film.stop()
    await film.publisher.close()
    await until('all have reached its end', () => own.isOver && first.isOver)
    for (const viewer of [own, first, second]) expect(viewer.holes).toEqual([])
    expect(own.numbers.at(-1)).toBe(film.sent - 1)
  })

  it('reaches its end also where it comes by a viewer who has all of it', async () => {
    const { network, groups } = await meet(3)
    const [publisher, relaying, last] = [at(groups, 0), at(groups, 1), at(groups, 2)]
    network.partition([at(network.connections, 0)], [at(network.connections, 2)])
    await until('there is only the way through a viewer', () => last.neighborCount === 1)
    const [near, far] = [await FilmViewer.of(relaying), await FilmViewer.of(last)]
    const stream = await NetStream.publish(publisher, 'film')
    await stream.write(filmFrame(0))
    await until('both see it', () => near.numbers.length === 1 && far.numbers.length === 1)
    network.setLatencyMs(60)
    for (let number = 1; number < 150; number++) {
      // First as it is seen, so that each has a parent; then all that is left at once.
      if (number < 50) await new Promise(resolve => setTimeout(resolve, 40))
      await stream.write({ ...filmFrame(number), keyframe: false })
    }
    await stream.close()
    await until('both have reached its end', () => near.isOver && far.isOver, 20_000)
    expect([near.numbers.length, far.numbers.length]).toEqual([150, 150])
  })

  it('neither waits for who stops reading for 30 s nor keeps more for it than its window, and has it at the live edge then', async () => {
    const clock = new VirtualClock()
    const { groups } = await meet(3, stage(), clock)
    const stream = await NetStream.publish(at(groups, 0), 'film', { multicastWindowDuration: 2 })
    const viewer = await FilmViewer.of(at(groups, 1))
    const sleeper = await NetStream.play(at(groups, 2), 'film', { bufferTime: 0 })
    /** At 2 Mbit/s. */
    const window = 2 * 250_000
    let sent = 0
    const runFor = async (seconds: number): Promise<void> => {
      for (const last = sent + seconds * 10; sent < last; sent++) {
        void stream.write({
          ...filmFrame(sent),
          keyframe: sent % 10 === 0,
          data: numberedBytes(sent, 25_000)
        })
        await clock.advance(100)
      }
    }
    await runFor(8)
    const before = await bytesHeld()
    await runFor(30)
    expect((await bytesHeld()) - before).toBeLessThan(window / 2)
    expect(sleeper.info['videoBufferByteLength']).toBeLessThan(1.2 * window)
    expect(viewer.holes).toEqual([])
    expect(sent - at(viewer.numbers, viewer.numbers.length - 1)).toBeLessThan(5)
    const frames = sleeper.frames()[Symbol.asyncIterator]()
    const first = (await frames.next()).value as MediaFrame
    expect(sent - numberOf(first)).toBeLessThan(25)
    expect(first).toMatchObject({ keyframe: true, afterGap: true })
    await clock.during(stream.close())
  })

  it('says what it cannot do', async () => {
    const { groups } = await meet(2)
    const group = at(groups, 0)
    await expect(NetStream.publish(group, '')).rejects.toThrow(RangeError)
    await expect(NetStream.play(group, 'x', { bufferTime: -1 })).rejects.toThrow('bufferTime')
    await expect(NetStream.publish(group, 'x', { multicastFetchPeriod: 0 })).rejects.toThrow(
      'multicastFetchPeriod'
    )
    await expect(NetStream.publish(group, 'x', { multicastWindowDuration: 0.0001 })).rejects.toThrow('0.001')
    await expect(NetStream.play(undefined as never, 'x')).rejects.toThrow('give a NetGroup')
    await expect(NetStream.play(group, 'x', { gaps: 'leave' as never })).rejects.toThrow("'fail' or 'skip'")
    const publisher = await NetStream.publish(group, 'x')
    await expect(publisher.write({ kind: 'film' } as never)).rejects.toThrow(TypeError)
    const frameAt = (timestamp: unknown): MediaFrame => ({ ...filmFrame(0), timestamp: timestamp as number })
    await expect(publisher.write(frameAt(1n))).rejects.toThrow('as a number')
    const most = new Uint8Array(4 * 1024 * 1024 - 1)
    await publisher.write({ kind: 'data', timestamp: 0, data: most })
    const over = { kind: 'data', timestamp: 0, data: new Uint8Array(most.byteLength + 1) } as const
    await expect(publisher.write(over)).rejects.toThrow(`${over.data.byteLength} bytes`)
    const large = { kind: 'video', timestamp: 0, data: new Uint8Array(4 * 1024 * 1024 + 1) } as const
    await expect(publisher.write(large)).rejects.toSatisfy((error: unknown) =>
      isNetGroupError(error, 'MESSAGE_TOO_LARGE')
    )
    await publisher.close()
    await expect(publisher.write(filmFrame(0))).rejects.toSatisfy((error: unknown) =>
      isNetGroupError(error, 'CLOSED')
    )
    const other = await meet(2, new GroupSpecifier('no stage'))
    await expect(NetStream.publish(at(other.groups, 0), 'x')).rejects.toSatisfy((error: unknown) =>
      isNetGroupError(error, 'CAPABILITY_DISABLED')
    )
  })
})
