import '../../src/platform/polyfill.ts'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { GroupSpecifier, NetConnection, NetGroup } from '../../src/node.ts'
import { RelayServer } from '../../src/relay.ts'
import { createTestNetwork, joinAll } from '../../src/testing.ts'
import { Inbox } from '../support/inbox.ts'
import { until } from '../support/until.ts'

const spec = new GroupSpecifier('paths', { postingEnabled: true })

const open: { close(): unknown }[] = []
let relay: RelayServer
beforeEach(async () => {
  relay = await RelayServer.start({ listen: ['/ip4/127.0.0.1/tcp/0'] })
  open.push(relay)
})
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

/** A member of the group, and what it heard of neighbors that came and went. */
interface Member {
  readonly group: NetGroup<string>
  readonly events: string[]
  /** How its first neighbor was reached, one after the other. */
  readonly paths: string[]
  readonly inbox: Inbox
}

/** @param listen @default reachable through the relay only, and by WebRTC */
async function startMember(listen: string[] | undefined = ['/webrtc']): Promise<Member> {
  const connection = await NetConnection.connect(relay.multiaddrs[0] ?? '', { listen })
  open.push(connection)
  const events: string[] = []
  const group = await NetGroup.join<string>(connection, spec, {
    onStatus: ({ code }) => {
      if (code.startsWith('NetGroup.Neighbor')) events.push(code.replace('NetGroup.Neighbor.', ''))
    }
  })
  const paths: string[] = []
  group.subscribe(() => {
    const path = pathOf(group)
    if (path !== paths.at(-1)) paths.push(path)
  })
  return { group, events, paths, inbox: new Inbox(group) }
}

function pathOf({ neighbors: [neighbor] }: NetGroup<string>): string {
  return neighbor === undefined ? 'none' : `${neighbor.transport}${neighbor.relayed ? ' relayed' : ''}`
}

const areBoth = (path: string, a: Member, b: Member): boolean =>
  a.paths.at(-1) === path && b.paths.at(-1) === path

/** Cuts the connections of a member with its neighbor, as a network does that goes away. */
function cut(group: NetGroup<string>): void {
  const [neighbor] = group.neighbors
  for (const connection of group.connection.libp2p.getConnections())
    if (connection.remotePeer.toString() === neighbor?.peerID) connection.abort(new Error('The path is gone'))
}

test('two members behind a relay begin on it, come to WebRTC, and fall back and come again when that dies, without hearing of it', async () => {
  const [a, b] = [await startMember(), await startMember()]
  await b.group.waitForNeighbors(1, { signal: AbortSignal.timeout(10_000) })
  await b.group.post('over the relay', { waitForNeighborMs: 10_000 })
  await until('both are on WebRTC', () => areBoth('webrtc', a, b), 15_000)
  const since = a.group.neighbors[0]?.since
  await until('the circuit is gone', () => relay.stats.circuits === 0, 15_000)
  await b.group.post('without it')
  await a.group.post('both ways')
  await until('both arrive', () => a.inbox.messages.length === 2 && b.inbox.messages.length === 1, 10_000)

  cut(a.group)
  await a.group.post('while there is no path')
  await until('it arrives', () => b.inbox.messages.includes('while there is no path'), 10_000)
  await until('both are on WebRTC again', () => areBoth('webrtc', a, b), 15_000)
  expect([a.events, b.events]).toEqual([['Connect'], ['Connect']])
  for (const { paths } of [a, b])
    expect(paths).toEqual(['circuit relayed', 'webrtc', 'circuit relayed', 'webrtc'])
  expect(a.group.neighbors[0]?.since).toEqual(since)
  expect(b.inbox.messages).toEqual(['both ways', 'while there is no path'])
}, 60_000)

test('a neighbor that can be reached directly is, and no circuit stays behind', async () => {
  const [a, b] = [await startMember(['/ip4/127.0.0.1/tcp/0']), await startMember([])]
  await b.group.waitForNeighbors(1, { signal: AbortSignal.timeout(10_000) })
  await until('both are on TCP', () => areBoth('tcp', a, b), 10_000)
  await until('there is no circuit', () => relay.stats.circuits === 0, 10_000)
  expect([a.events, b.events]).toEqual([['Connect'], ['Connect']])
}, 30_000)

test('a peer of which nothing is known but its id is reached through the relay that both use', async () => {
  const hidden = new GroupSpecifier('hidden', { postingEnabled: true, serverChannelEnabled: false })
  const groups = await Promise.all(
    [1, 2].map(async () => {
      const connection = await NetConnection.connect(relay.multiaddrs[0] ?? '', { listen: ['/webrtc'] })
      open.push(connection)
      return await NetGroup.join<string>(connection, hidden)
    })
  )
  const [a, b] = groups as [NetGroup<string>, NetGroup<string>]
  expect(a.addNeighbor(b.connection.nearID)).toBe(true)
  await Promise.all(groups.map(group => group.waitForNeighbors(1, { signal: AbortSignal.timeout(10_000) })))
}, 30_000)

test('a neighbor that says goodbye is gone at once', async () => {
  const [a, b] = [await startMember(), await startMember()]
  await a.group.waitForNeighbors(1, { signal: AbortSignal.timeout(10_000) })
  const leftAtMs = performance.now()
  await b.group.close()
  await until('it is gone', () => a.group.neighborCount === 0, 1_000)
  expect(performance.now() - leftAtMs).toBeLessThan(1_000)
}, 30_000)

test('the relay dies: who is connected directly chats on; it comes back: within 10 s it is used again, and newcomers are found', async () => {
  const identity = await generateKeyPair('Ed25519')
  const first = await RelayServer.start({ listen: ['/ip4/127.0.0.1/tcp/0'], identity })
  relay = first
  const [a, b] = [await startMember(), await startMember()]
  await until('both are on WebRTC', () => areBoth('webrtc', a, b), 15_000)
  const lost = a.group.connection.statuses({ code: 'NetConnection.Relay.Disconnect' })[Symbol.asyncIterator]()
  const [address = ''] = first.multiaddrs
  await first.close()
  expect((await lost.next()).value).toMatchObject({ reason: 'The connection to the relay was lost' })
  expect(a.group.connection.relays[0]).toMatchObject({ state: 'waiting' })
  await a.group.post('without a relay')
  await until('it arrives', () => b.inbox.messages.includes('without a relay'), 10_000)

  relay = await RelayServer.start({ listen: [address.split('/p2p/')[0] ?? ''], identity })
  open.push(relay)
  const back = [a, b].map(({ group }) => group.connection)
  await until(
    'both are back',
    () => back.every(({ relays: [known] }) => known?.state === 'connected'),
    10_000
  )
  const c = await startMember()
  await until('a newcomer has both', () => c.group.neighborCount === 2, 10_000)
  // Each side hears of a link by itself, and not at the same moment.
  await until('both have it', () => a.events.length > 1 && b.events.length > 1)
  expect([a.events, b.events]).toEqual([
    ['Connect', 'Connect'],
    ['Connect', 'Connect']
  ])
}, 60_000)

test('a relay that was full at first gives a place, and an address, when there is room', async () => {
  const full = await RelayServer.start({ listen: ['/ip4/127.0.0.1/tcp/0'], limits: { maxReservations: 1 } })
  open.push(full)
  const [address = ''] = full.multiaddrs
  const first = await NetConnection.connect(address, { listen: ['/webrtc'] })
  const second = await NetConnection.connect(address, { listen: ['/webrtc'], requireRelay: false })
  open.push(second)
  await until('the relay refuses', () => second.relays[0]?.reason !== undefined)
  expect(second.relays[0]?.reason).toBe('the relay is full')
  await first.close()
  await until('there is room', () => second.relays[0]?.state === 'connected', 20_000)
  await until('there is an address', () => second.multiaddrs.some(each => each.includes('/p2p-circuit')))
}, 40_000)

test('a connection that breaks is made again, and nobody hears of a neighbor that went', async () => {
  const network = await createTestNetwork(2)
  open.push(network)
  const groups = await joinAll<string>(network.connections, spec)
  const events: string[] = []
  for (const group of groups)
    group.addEventListener('NetGroup.Neighbor.Disconnect', ({ type }) => events.push(type))
  const [a, b] = groups as [NetGroup<string>, NetGroup<string>]
  const inbox = new Inbox(b)
  cut(a)
  await a.post('hello')
  await until('the post arrives', () => inbox.messages.length === 1, 10_000)
  expect([a.neighborCount, b.neighborCount, events]).toEqual([1, 1, []])
})
