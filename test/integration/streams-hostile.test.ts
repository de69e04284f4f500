import '../../src/platform/polyfill.ts'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { Uint8ArrayList } from 'uint8arraylist'
import { concat } from 'uint8arrays/concat'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { groupspecOf } from '../../src/api/group-specifier.ts'
import { memberOf } from '../../src/api/net-group.ts'
import { decodeFragment, HEADER_BYTES, SIGNATURE_BYTES } from '../../src/core/multicast/fragment.ts'
import { fragmentOf } from '../../src/core/multicast/fragmenter.ts'
import { GroupSpecifier, NetGroup, NetStream } from '../../src/index.ts'
import { appendBlock } from '../../src/net/blocks.ts'
import { PublishedStream } from '../../src/net/multicast/published-stream.ts'
import { announce, readAnnouncement } from '../../src/net/multicast/stream-announcement.ts'
import { StreamDirectory } from '../../src/net/multicast/stream-directory.ts'
import type { StreamsRunner } from '../../src/net/multicast/streams-runner.ts'
import { SideStreams } from '../../src/net/side-streams.ts'
import { createTestNetwork, joinAll, type TestNetwork } from '../../src/testing.ts'
import { MAX_ANNOUNCEMENT_BURST, MAX_ANNOUNCEMENT_BYTES, MAX_MEDIA_STREAMS } from '../../src/wire/limits.ts'
import { MEDIA_PROTOCOL } from '../../src/wire/protocol-ids.ts'
import { StreamAnnouncements, type StreamDescription } from '../../src/wire/streams.ts'
import { at } from '../support/inbox.ts'
import { until } from '../support/until.ts'

const networks: TestNetwork[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(networks.splice(0).map(network => network.close()))
})

async function meet(
  size: number,
  spec = new GroupSpecifier('stage', { multicastEnabled: true })
): Promise<{ network: TestNetwork; groups: NetGroup[] }> {
  const network = await createTestNetwork(size)
  networks.push(network)
  return { network, groups: await joinAll(network.connections, spec) }
}

function runnerOf(group: NetGroup): StreamsRunner {
  const { runner } = memberOf(group).streams
  if (runner === undefined) throw new Error('There are no streams')
  return runner
}

/** An announcement that holds, of whom it names, with so many bytes more than it needs. */
async function announcementOf(
  group: NetGroup,
  identity: PrivateKey,
  more: Partial<StreamDescription> = {},
  padding = 0,
  key?: PrivateKey
): Promise<Uint8Array> {
  const streamKey = key ?? (await generateKeyPair('Ed25519'))
  const nowMs = Math.floor(memberOf(group).now())
  const description: StreamDescription = {
    name: 'film',
    streamKey: streamKey.publicKey.raw,
    publisher: peerIdFromPrivateKey(identity).toMultihash().bytes,
    startedAt: nowMs,
    revision: nowMs,
    isEnded: false,
    window: 8_000,
    fetchPeriod: 500,
    availabilityPeriod: 100,
    availabilityToAll: false,
    stripes: 8,
    ...more
  }
  const bytes = await announce(description, runnerOf(group).rules, identity, streamKey)
  // A field that nobody knows.
  const field = Uint8Array.of(0x7a, 0x80 | (padding & 0x7f), padding >> 7)
  return padding === 0 ? bytes : concat([bytes, field, new Uint8Array(padding)])
}

/** Tells a neighbor of streams, one frame for each. */
function tell(from: NetGroup, to: NetGroup, announcements: readonly Uint8Array[]): void {
  const link = memberOf(from).links.get(to.connection.nearID)
  for (const each of announcements)
    link?.send({ streamAnnouncements: StreamAnnouncements.encode({ announcements: [each] }) })
}

describe('announcements of streams', () => {
  it('do not keep new members out, however many and large they are', async () => {
    const { network, groups } = await meet(1)
    const group = at(groups, 0)
    for (let publisher = 0; publisher < 8; publisher++) {
      const identity = await generateKeyPair('Ed25519')
      for (let i = 0; i < 8; i++) {
        const { byteLength } = await announcementOf(group, identity)
        const bytes = await announcementOf(group, identity, {}, MAX_ANNOUNCEMENT_BYTES - byteLength - 3)
        runnerOf(group).directory.say(readAnnouncement(bytes))
      }
    }
    const late = await NetGroup.join(
      await network.connect(),
      new GroupSpecifier('stage', { multicastEnabled: true })
    )
    await until('the new one knows all of them', () => late.streams.length === 64)
    expect(late.neighborCount).toBe(1)
  })

  it('of long ago bring no stream back, and nobody is at fault', async () => {
    const { groups } = await meet(2)
    const [liar, other] = [at(groups, 0), at(groups, 1)]
    const identity = await generateKeyPair('Ed25519')
    const longAgo = Math.floor(memberOf(liar).now()) - 600_000
    tell(liar, other, [
      await announcementOf(liar, identity, { name: 'old', startedAt: longAgo, revision: longAgo }),
      await announcementOf(liar, identity, { name: 'new' })
    ])
    await until('the new one is known', () => other.streams.some(({ name }) => name === 'new'))
    expect(other.streams.map(({ name }) => name)).toEqual(['new'])
    expect(other.info.rejected).toEqual({})
  })

  it('go no further than what one neighbor may tell, however many it makes', async () => {
    const { network, groups } = await meet(3)
    const [liar, neighbor, other] = [at(groups, 0), at(groups, 1), at(groups, 2)]
    network.partition([at(network.connections, 0)], [at(network.connections, 2)])
    await until('there is only the way through a neighbor', () => other.neighborCount === 1)
    const hear = vi.spyOn(StreamDirectory.prototype, 'hear')
    const identity = await generateKeyPair('Ed25519')
    const nowMs = Math.floor(memberOf(liar).now())
    const flood: Uint8Array[] = []
    for (let i = 0; i < 150; i++) {
      const key = await generateKeyPair('Ed25519')
      const of = (isEnded: boolean): Promise<Uint8Array> =>
        announcementOf(
          liar,
          identity,
          { isEnded, revision: nowMs + (isEnded ? 1 : 0), startedAt: nowMs },
          0,
          key
        )
      flood.push(await of(false), await of(true))
    }
    const key = await generateKeyPair('Ed25519')
    for (let i = 0; i < 100; i++)
      flood.push(await announcementOf(liar, identity, { revision: nowMs + 5 * i, startedAt: nowMs }, 0, key))
    for (const each of flood) {
      const before = hear.mock.results.length
      tell(liar, neighbor, [each])
      await until('it is heard', () => hear.mock.results.length > before)
      await Promise.allSettled(hear.mock.results.map(({ value }) => value as Promise<void>))
    }
    const passedOn = hear.mock.calls.filter(([, from]) => from === neighbor.connection.nearID)
    expect(passedOn.length).toBeGreaterThan(0)
    expect(passedOn.length).toBeLessThan(MAX_ANNOUNCEMENT_BURST + 100)
  })

  it('are no more than eight of one member, also when it publishes them all at once', async () => {
    const { groups } = await meet(2)
    const published = await Promise.allSettled(
      Array.from({ length: 12 }, (_, i) => NetStream.publish(at(groups, 0), `film ${i}`))
    )
    expect(published.filter(({ status }) => status === 'fulfilled')).toHaveLength(8)
    for (const each of published)
      if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(RangeError)
  })

  it('are not false when the right of their publisher has just ended', async () => {
    const secret = new GroupSpecifier('stage', { multicastEnabled: true })
    await secret.setPublishPassword('secret')
    const { groups } = await meet(2, GroupSpecifier.parse(secret.groupspecWithoutAuthorizations()))
    const [publisher, neighbor] = [at(groups, 0), at(groups, 1)]
    const member = memberOf(publisher)
    const rights = [member.rightIn(groupspecOf(secret), 'publish')]
    const stream = await PublishedStream.start({
      runner: runnerOf(publisher),
      name: 'film',
      parameters: {},
      grant: () => rights.shift(),
      groupNow: () => member.now(),
      check: () => {}
    })
    await until('it is known', () => neighbor.streams.length === 1)
    await stream.close()
    await until('its end is known', () => neighbor.streams.length === 0)
    expect(neighbor.info.rejected).toEqual({})
    stream.drop()
  })
})

describe('a stream that is published while its group is left', () => {
  it('is not, and leaves nothing behind', async () => {
    const { groups } = await meet(2)
    const group = at(groups, 0)
    const { directory } = runnerOf(group)
    const hasRoomFor = directory.hasRoomFor.bind(directory)
    vi.spyOn(directory, 'hasRoomFor').mockImplementationOnce(publisher => {
      queueMicrotask(() => void group.close())
      return hasRoomFor(publisher)
    })
    const say = vi.spyOn(directory, 'say')
    await expect(NetStream.publish(group, 'film')).rejects.toMatchObject({ code: 'CLOSED' })
    expect(say).not.toHaveBeenCalled()
  })
})

describe('a neighbor who opens many streams of fragments', () => {
  it('has no more of them read than it needs', async () => {
    const { groups } = await meet(2)
    const [liar, other] = [at(groups, 0), at(groups, 1)]
    const link = memberOf(liar).links.get(other.connection.nearID)
    if (link === undefined) throw new Error('There is no link')
    for (let i = 0; i < 10; i++) {
      const stream = await link.connection.newStream(MEDIA_PROTOCOL)
      stream.send(link.linkID)
    }
    const open = (): number =>
      other.connection.libp2p
        .getConnections()
        .flatMap(({ streams }) => streams)
        .filter(({ protocol, direction }) => protocol === MEDIA_PROTOCOL && direction === 'inbound').length
    await until('the others are reset', () => open() <= MAX_MEDIA_STREAMS)
    expect(open()).toBe(MAX_MEDIA_STREAMS)
  })
})

describe('a stream of who has no right to publish', () => {
  it('is seen by nobody, though its client does not ask whether it may', async () => {
    const secret = new GroupSpecifier('stage', { multicastEnabled: true })
    await secret.setPublishPassword('secret')
    const spec = GroupSpecifier.parse(secret.groupspecWithoutAuthorizations())
    const { groups } = await meet(3, spec)
    const [liar, neighbor, other] = [at(groups, 0), at(groups, 1), at(groups, 2)]
    const member = memberOf(liar)
    const { runner } = member.streams
    if (runner === undefined) throw new Error('There are no streams')
    await PublishedStream.start({
      runner,
      name: 'film',
      parameters: {},
      grant: () => undefined,
      groupNow: () => member.now(),
      check: () => {}
    })
    await until('it is refused', () => (neighbor.info.rejected['false stream'] ?? 0) > 0)
    expect(neighbor.streams).toEqual([])
    expect(other.streams).toEqual([])
  })
})

describe('a member who', () => {
  const WRITTEN = Uint8Array.of(1, 2, 3)

  /** As it came, with its last byte changed. */
  function altered(block: Uint8Array): Uint8Array[] {
    const copy = block.slice()
    copy[copy.byteLength - 1] = (copy.at(-1) ?? 0) ^ 1
    return [copy]
  }

  /** As it came, and behind it one of its own making: the next, of the same stream, with what its frame holds and a signature. */
  function withInjected(block: Uint8Array): Uint8Array[] {
    const fragmentBytes = HEADER_BYTES + SIGNATURE_BYTES + WRITTEN.byteLength
    const prefix = block.subarray(-fragmentBytes - 8, -fragmentBytes)
    const next = decodeFragment(block.slice(-fragmentBytes))
    const signature = next.bytes.subarray(HEADER_BYTES, HEADER_BYTES + SIGNATURE_BYTES)
    const own = fragmentOf({ ...next, number: next.number + 1 }, signature, Uint8Array.of(6, 6, 6))
    const blocks = new Uint8ArrayList()
    appendBlock(blocks, prefix, own.bytes)
    return [block, blocks.subarray()]
  }

  it.each([
    ['alters what it passes on', altered, []],
    ['injects what the publisher has not sent', withInjected, [WRITTEN.join(' ')]]
  ])('%s is not heard, and loses its links', async (_, spoil, delivered) => {
    const { network, groups } = await meet(3)
    const [publisher, liar, viewer] = [at(groups, 0), at(groups, 1), at(groups, 2)]
    network.partition([at(network.connections, 0)], [at(network.connections, 2)])
    await until('there is only the way through the liar', () => viewer.neighborCount === 1)
    const seen: string[] = []
    const seenBy = ({ groupAddress }: NetGroup): string[] =>
      seen.filter(line => line.startsWith(groupAddress)).map(line => line.slice(groupAddress.length + 1))
    const play = async (group: NetGroup): Promise<void> => {
      const player = await NetStream.play(group, 'film', { bufferTime: 0 })
      for await (const { data } of player.frames()) seen.push(`${group.groupAddress} ${data.join(' ')}`)
    }
    const isLiars = (connection: object): boolean =>
      liar.connection.libp2p.getConnections().includes(connection as never)
    const open = SideStreams.prototype.open
    vi.spyOn(SideStreams.prototype, 'open').mockImplementation(async function (this: SideStreams, link) {
      const stream = await open.call(this, link)
      if (!isLiars(link.connection)) return stream
      const send = stream.send.bind(stream)
      stream.send = data => {
        const isSpoiling = seenBy(viewer).length >= delivered.length
        const blocks = isSpoiling ? spoil(data.subarray()) : [data]
        return blocks.map(block => send(block)).every(Boolean)
      }
      return stream
    })
    void play(liar)
    void play(viewer)
    const stream = await NetStream.publish(publisher, 'film')
    while (viewer.neighborCount > 0) {
      await stream.write({ kind: 'video', timestamp: 0, data: WRITTEN })
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    expect(viewer.info.rejected['false stream']).toBeGreaterThanOrEqual(3)
    expect([...new Set(seenBy(viewer))]).toEqual(delivered)
    expect([...new Set(seenBy(liar))]).toEqual([WRITTEN.join(' ')])
  })
})
