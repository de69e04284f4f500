import '../../src/platform/polyfill.ts'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Stream } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, it } from 'vitest'
import {
  isNetGroupError,
  NetStream,
  type NetStreamPlayer,
  type NetStreamPublisher,
  type PublishDirectOptions
} from '../../src/index.ts'
import { Wish } from '../../src/net/direct/direct-piece.ts'
import { requestDirect } from '../../src/net/direct/direct-request.ts'
import { wordOf } from '../../src/net/paced-stream.ts'
import type { NetConnection } from '../../src/node.ts'
import { createTestNetwork, type TestNetworkOptions } from '../../src/testing.ts'
import { addressOf, DirectViewer, frameOf } from '../support/direct-viewer.ts'
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

/** One that publishes, and one that plays it. */
async function publishAndPlay(
  clock?: VirtualClock,
  published: PublishDirectOptions = {}
): Promise<{ publisher: NetStreamPublisher; player: NetStreamPlayer }> {
  const connections = await connect(2, clock === undefined ? {} : { clock })
  const [near, far] = [at(connections, 0), at(connections, 1)]
  const publisher = await NetStream.publishDirect(near, 'cam', published)
  const playing = NetStream.playDirect(far, addressOf(near), 'cam', options)
  return { publisher, player: await (clock?.during(playing) ?? playing) }
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
    const other = await clock.during(DirectViewer.of(third, near))
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
    const { publisher, player } = await publishAndPlay(clock)
    const reader = player.readable.getReader()
    await Promise.all([reader.read(), fill(publisher, clock)])
    for (let i = 0; i < 5; i++) {
      await clock.advance(8_000)
      expect((await reader.read()).done).toBe(false)
    }
    expect(publisher.peerStreams).toHaveLength(1)
  })

  /** One that plays it and takes nothing, of which something waits. @returns the write that does, and what the player says its words on */
  async function publishToIdler(clock: VirtualClock): Promise<{
    publisher: NetStreamPublisher
    stream: Stream
    last: Promise<void>
  }> {
    const connections = await connect(2, { clock })
    const [near, far] = [at(connections, 0), at(connections, 1)]
    const publisher = await NetStream.publishDirect(near, 'cam')
    const path = await far.libp2p.dial(multiaddr(addressOf(near)))
    const request = requestDirect(path, 'cam', new AbortController().signal)
    const outcome = await clock.during(request)
    if (outcome.type !== 'accepted') throw new Error(`It was ${outcome.type}`)
    return { publisher, stream: outcome.stream, ...(await fill(publisher, clock)) }
  }

  it('lets go of one who takes nothing, whatever else it says every 9 s, so that write goes on', async () => {
    const clock = new VirtualClock()
    const { publisher, stream, last } = await publishToIdler(clock)
    for (let i = 0; i < 3 && stream.status === 'open'; i++) {
      stream.send(wordOf(Wish.AUDIO | Wish.VIDEO))
      await clock.advance(9_000)
    }
    expect(publisher.peerStreams).toEqual([])
    await last
  })

  it('waits for what is on its way when one who could not take more goes on after 9.9 s', async () => {
    const clock = new VirtualClock()
    const { publisher, stream } = await publishToIdler(clock)
    stream.send(wordOf(Wish.AUDIO | Wish.VIDEO | Wish.HOLD))
    // It has arrived before the rest passes.
    await clock.advance(1)
    await clock.advance(9_900)
    stream.send(wordOf(Wish.AUDIO | Wish.VIDEO))
    await clock.advance(1)
    await clock.advance(1_000)
    expect(publisher.peerStreams).toHaveLength(1)
  })
})

describe('a direct stream that is not reliable', () => {
  it('lets go of who has stalled too, whether or not all that waits for it has been dropped', async () => {
    const clock = new VirtualClock()
    const { publisher, player } = await publishAndPlay(clock, { videoReliable: false })
    const first = player.readable.getReader().read()
    for (let i = 0; i < 160 && publisher.peerStreams.length > 0; i++) {
      await publisher.write({ ...frameOf(i, 'video', 50_000), keyframe: i % 10 === 0 })
      await clock.advance(100)
    }
    await first
    expect(publisher.peerStreams).toEqual([])
  })
})

describe('the writable of a direct stream', () => {
  /** What is read of "half", and how that ends. */
  async function readAll(readable: ReadableStream<Uint8Array>): Promise<string> {
    let text = ''
    try {
      for await (const bytes of readable) text += new TextDecoder().decode(bytes)
      return `${text}, over`
    } catch (error) {
      return `${text}, ${error instanceof Error && error.message.includes('missing') ? 'cut' : error}`
    }
  }

  it.each([
    ['closed', 'half, over'],
    ['aborted', 'half, cut']
  ])('that is %s is read as %s', async (end, outcome) => {
    const { publisher, player } = await publishAndPlay()
    const codes: string[] = []
    player.addEventListener('netStatus', ({ info }) => void codes.push(info.code))
    const reading = readAll(player.readable)
    const writer = publisher.writable.getWriter()
    await writer.write(new TextEncoder().encode('half'))
    await until('it is there', () => player.info['dataByteCount'] === 4)
    await (end === 'closed' ? writer.close() : writer.abort(new Error('the source has failed')))
    expect(await reading).toBe(outcome)
    const told = end === 'closed' ? CUT.slice(0, 1) : CUT
    await until('it is told', () => codes.length >= 1 + told.length)
    expect(codes).toEqual(['NetStream.Play.Start', ...told])
    await expect(publisher.write(frameOf(0))).rejects.toSatisfy(error => isNetGroupError(error, 'CLOSED'))
  })

  it('that is aborted drops what waits for a slow reader, at once', async () => {
    const clock = new VirtualClock()
    const { publisher, player } = await publishAndPlay(clock)
    const reader = player.readable.getReader()
    await clock.during(Promise.all([reader.read(), publisher.write(frameOf(0, 'data', 3_000_000))]))
    // From here on no time passes.
    const writing = publisher.write(frameOf(1, 'data', 3_000_000))
    await publisher.writable.abort(new Error('the source has failed'))
    await writing
    expect(publisher.peerStreams).toEqual([])
    await expect(reader.read()).rejects.toThrow('missing')
  })
})

describe('NetStreamPlayer.close() of a direct stream', () => {
  it("rejects with its signal's reason, and ends the stream all the same", async () => {
    const connections = await connect(2)
    const [near, far] = [at(connections, 0), at(connections, 1)]
    const publisher = await NetStream.publishDirect(near, 'cam')
    const viewer = await DirectViewer.of(far, near)
    const signal = AbortSignal.abort(new Error('no longer'))
    await expect(viewer.player.close({ signal })).rejects.toThrow('no longer')
    await until('it has left', () => publisher.peerStreams.length === 0)
    expect(viewer.isOver).toBe(true)
  })
})

describe('NetStream.playDirect()', () => {
  it('rejects CLOSED when its own connection is closed while the publisher decides', async () => {
    const connections = await connect(2)
    const [near, far] = [at(connections, 0), at(connections, 1)]
    const asked = Promise.withResolvers<void>()
    await NetStream.publishDirect(near, 'cam', {
      onPeerConnect: () => {
        asked.resolve()
        return new Promise(() => {})
      }
    })
    const outcome = NetStream.playDirect(far, addressOf(near), 'cam').catch((error: unknown) => error)
    await asked.promise
    await far.close()
    expect(await outcome).toSatisfy(error => isNetGroupError(error, 'CLOSED'))
  })

  it('says that no address is known of a peer that nobody has met', async () => {
    const [connection] = await connect(2)
    const stranger = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
    const playing = NetStream.playDirect(connection as NetConnection, stranger, 'cam')
    await expect(playing).rejects.toThrow(
      `${stranger}: no address of it is known here: give one that ends with`
    )
  })
})

describe('NetStream.publishDirect()', () => {
  it.each(['notfn', null])(
    'refuses the onPeerConnect %s instead of refusing everybody',
    async onPeerConnect => {
      const [connection] = await connect(2)
      const publishing = NetStream.publishDirect(connection as NetConnection, 'cam', {
        onPeerConnect: onPeerConnect as never
      })
      await expect(publishing).rejects.toThrow(TypeError)
      await expect(publishing).rejects.toThrow('give a function')
    }
  )
})
