import '../../src/platform/polyfill.ts'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { memberOf } from '../../src/api/net-group.ts'
import { GroupSpecifier, type NetGroup, NetStream } from '../../src/index.ts'
import { PublishedStream } from '../../src/net/multicast/published-stream.ts'
import { SideStreams } from '../../src/net/side-streams.ts'
import { createTestNetwork, joinAll, type TestNetwork } from '../../src/testing.ts'
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
      memberCount: 3,
      grant: () => undefined,
      groupNow: () => member.now()
    })
    await until('it is refused', () => (neighbor.info.rejected['false stream'] ?? 0) > 0)
    expect(neighbor.streams).toEqual([])
    expect(other.streams).toEqual([])
  })
})

describe('a member who alters what it passes on', () => {
  it('is heard by nobody, and loses its links', async () => {
    const { network, groups } = await meet(3)
    const [publisher, liar, viewer] = [at(groups, 0), at(groups, 1), at(groups, 2)]
    network.partition([at(network.connections, 0)], [at(network.connections, 2)])
    await until('there is only the way through the liar', () => viewer.neighborCount === 1)
    const isLiars = (connection: object): boolean =>
      liar.connection.libp2p.getConnections().includes(connection as never)
    const open = SideStreams.prototype.open
    vi.spyOn(SideStreams.prototype, 'open').mockImplementation(async function (this: SideStreams, link) {
      const stream = await open.call(this, link)
      if (!isLiars(link.connection)) return stream
      const send = stream.send.bind(stream)
      stream.send = data => {
        const altered = data.subarray().slice()
        altered[altered.byteLength - 1] = (altered.at(-1) ?? 0) ^ 1
        return send(altered)
      }
      return stream
    })
    const seen: string[] = []
    const play = async (group: NetGroup): Promise<void> => {
      const player = await NetStream.play(group, 'film', { bufferTime: 0 })
      for await (const { data } of player.frames()) seen.push(`${group.groupAddress} ${data.join(' ')}`)
    }
    void play(liar)
    void play(viewer)
    const stream = await NetStream.publish(publisher, 'film')
    const write = async (): Promise<void> => {
      while (viewer.neighborCount > 0) {
        await stream.write({ kind: 'video', timestamp: 0, data: Uint8Array.of(1, 2, 3) })
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    }
    await write()
    expect(viewer.info.rejected['false stream']).toBeGreaterThanOrEqual(3)
    expect(seen.filter(line => line.startsWith(viewer.groupAddress))).toEqual([])
    expect(seen.length).toBeGreaterThan(0)
  })
})
