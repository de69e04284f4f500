import { generateKeyPair } from '@libp2p/crypto/keys'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { Libp2p, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { memberOf } from '../../src/api/net-group.ts'
import { GroupHost } from '../../src/net/group-host.ts'
import { GroupSpecifier, NetConnection, NetGroup } from '../../src/node.ts'
import { RelayServer } from '../../src/relay.ts'
import { waitUntilKnown } from '../../src/testing/wait-until-known.ts'
import { LINK_PROTOCOL } from '../../src/wire/protocol-ids.ts'
import { at, Inbox } from '../support/inbox.ts'
import { bytesReceivedBy, hasReceived } from '../support/recording.ts'
import { until } from '../support/until.ts'

vi.mock('@libp2p/yamux', async importOriginal => {
  const original = await importOriginal<typeof import('@libp2p/yamux')>()
  const { recorded } = await import('../support/recording.ts')
  return { ...original, yamux: recorded(original.yamux) }
})

const NAME = 'very-secret-name'
const PAYLOAD = 'a very private remark'
const LISTENING_MS = 3_000

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** What outsiders must not learn. */
function secretsOf(group: NetGroup): Record<string, string | Uint8Array> {
  const { keys, groupspec } = memberOf(group)
  return {
    name: NAME,
    payload: PAYLOAD,
    topic: keys.topic,
    'topic in the group': keys.topic.slice('/netgroup/3/'.length),
    groupspec: groupspec.canonical,
    groupID: keys.groupID,
    'link key': keys.linkKey,
    'content key': keys.contentKey
  }
}

/** Which of the group's secrets a peer has received. */
function learnedBy(peer: string, group: NetGroup): string[] {
  return Object.entries(secretsOf(group))
    .filter(([, secret]) => hasReceived(peer, secret))
    .map(([what]) => what)
}

function secretGroup(): GroupSpecifier {
  return new GroupSpecifier(NAME, { postingEnabled: true })
}

async function join(connection: NetConnection, groupspec: GroupSpecifier): Promise<NetGroup> {
  cleanups.push(() => connection.close())
  return await NetGroup.join(connection, groupspec)
}

/** Members over TCP on 127.0.0.1, who are told of each other: nothing depends on the machine's multicast. */
async function startMembers(count: number): Promise<NetGroup[]> {
  const groupspec = new GroupSpecifier(NAME, { postingEnabled: true, ipMulticastMemberUpdatesEnabled: false })
  const groups: NetGroup[] = []
  for (let i = 0; i < count; i++) {
    const connection = await NetConnection.connect('lan:', { listen: ['/ip4/127.0.0.1/tcp/0'] })
    const group = await join(connection, groupspec)
    await Promise.all(
      groups.map(async other => {
        await connection.libp2p.dial(multiaddr(at(other.connection.multiaddrs, 0)))
        group.addNeighbor(other.connection.nearID)
      })
    )
    groups.push(group)
  }
  const deadline = AbortSignal.timeout(15_000)
  await Promise.all(groups.map(group => waitUntilKnown(memberOf(group), count - 1, deadline)))
  return groups
}

/** A node as anybody has it, with the gossipsub that everybody has. */
async function startStockNode(): Promise<Libp2p<{ pubsub: GossipSub }>> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }) as never }
  })
  cleanups.push(async () => node.stop())
  return node as unknown as Libp2p<{ pubsub: GossipSub }>
}

async function dial(from: Libp2p, to: Libp2p): Promise<void> {
  const identified = new Promise(resolve => from.addEventListener('peer:identify', resolve, { once: true }))
  await from.dial(to.getMultiaddrs())
  await identified
}

/** A promise for how a stream ends. */
function endOf(stream: Stream): Promise<string> {
  return new Promise(resolve => {
    if (stream.status !== 'open') resolve(stream.status)
    stream.addEventListener('close', () => resolve(stream.status))
  })
}

describe('a relay', () => {
  it('carries a chat without receiving any name, topic or message of it', async () => {
    const identity = await generateKeyPair('Ed25519')
    const relay = await RelayServer.start({ identity, listen: ['/ip4/127.0.0.1/tcp/0'] })
    cleanups.push(() => relay.close())
    const relayID = peerIdFromPrivateKey(identity).toString()
    const groups: NetGroup[] = []
    for (let i = 0; i < 2; i++) {
      const connection = await NetConnection.connect(relay.multiaddrs, { listen: [] })
      // No better path is looked for: WebRTC would be there in half a second.
      GroupHost.of(connection.libp2p)?.pathKeeper.close()
      groups.push(await join(connection, secretGroup()))
    }
    const [a, b] = groups as [NetGroup, NetGroup]
    const inboxes = groups.map(group => new Inbox(group))
    await a.waitForNeighbors(1, { signal: AbortSignal.timeout(10_000) })
    const before = bytesReceivedBy(relayID)
    for (let i = 0; i < 20; i++) await Promise.all([a.post(PAYLOAD + i), b.post(PAYLOAD + i)])
    await until('both hear all', () => inboxes.every(({ messages }) => messages.length === 20))

    // It went through the relay, and what is searched below is there when it is there.
    expect(groups.map(group => at(group.neighbors, 0).relayed)).toEqual([true, true])
    expect(bytesReceivedBy(relayID) - before).toBeGreaterThan(40 * PAYLOAD.length)
    expect(hasReceived(relayID, memberOf(a).keys.rendezvousNamespace)).toBe(true)
    expect(learnedBy(a.connection.nearID, a)).toEqual(['topic', 'topic in the group'])

    expect(learnedBy(relayID, a)).toEqual([])
  })
})

describe('a stranger', () => {
  it('learns nothing from the members it is connected to', async () => {
    const groups = await startMembers(2)
    const [a, b] = groups as [NetGroup, NetGroup]
    const stranger = await startStockNode()
    const strangerID = stranger.peerId.toString()
    const { pubsub } = stranger.services
    const { topic } = memberOf(a).keys
    const heard: unknown[] = []
    pubsub.addEventListener('message', event => heard.push(event))
    for (const guess of [NAME, '/netgroup/3/', topic]) pubsub.subscribe(guess)
    for (const group of groups) await dial(stranger, group.connection.libp2p)
    // It takes them for peers, and tries to open streams to them.
    expect(pubsub.getPeers()).toHaveLength(2)

    const inbox = new Inbox(b)
    const until3s = Date.now() + LISTENING_MS
    let posted = 0
    while (Date.now() < until3s) {
      await a.post(`${PAYLOAD} ${posted}`)
      posted += 1
      await pubsub.publish(topic, new TextEncoder().encode('from outside')).catch(() => {})
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    await until('the members hear each other', () => inbox.messages.length === posted)

    expect(inbox.from.every(peer => peer === a.connection.nearID)).toBe(true)
    expect([...new Set(groups.flatMap(group => Object.keys(group.info.rejected)))]).toEqual([])
    expect(heard).toEqual([])
    expect(pubsub.getSubscribers(topic)).toEqual([])
    expect(bytesReceivedBy(strangerID)).toBeGreaterThan(100)
    expect(hasReceived(strangerID, LINK_PROTOCOL)).toBe(true)
    expect(learnedBy(strangerID, a)).toEqual([])
    expect(groups.map(group => group.neighbors.map(({ peerID }) => peerID))).toEqual([
      [b.connection.nearID],
      [a.connection.nearID]
    ])
  })

  it('would learn the topics of stock gossipsub', async () => {
    const topic = `/netgroup/3/${NAME}`
    const nodes = [await startStockNode(), await startStockNode()]
    for (const { services } of nodes) services.pubsub.subscribe(topic)
    await dial(at(nodes, 0), at(nodes, 1))
    const stranger = await startStockNode()
    await dial(stranger, at(nodes, 0))
    await until('the stranger was told', () => hasReceived(stranger.peerId.toString(), topic))
    expect(hasReceived(stranger.peerId.toString(), NAME)).toBe(true)
    expect(stranger.services.pubsub.getSubscribers(topic).map(String)).toEqual([
      at(nodes, 0).peerId.toString()
    ])
  })

  it('is reset when it cannot prove to be a member, and after three times before it says anything', async () => {
    const [group] = (await startMembers(1)) as [NetGroup]
    const stranger = await startStockNode()
    const connection = await stranger.dial(group.connection.libp2p.getMultiaddrs())
    // Who says nothing is waited for: refusal is told by its haste.
    const patient = endOf(await connection.newStream(LINK_PROTOCOL))
    for (let attempt = 1; attempt <= 3; attempt++) {
      const stream = await connection.newStream(LINK_PROTOCOL)
      const end = endOf(stream)
      const wasOpen = await Promise.race([end, new Promise(resolve => setTimeout(() => resolve('open'), 50))])
      expect(wasOpen).toBe('open')
      stream.send(crypto.getRandomValues(new Uint8Array(64)))
      expect(await end).toBe('reset')
    }
    const refused = await connection.newStream(LINK_PROTOCOL)
    expect(await Promise.race([patient.then(() => 'too late'), endOf(refused)])).toBe('reset')
    expect(group.neighborCount).toBe(0)
    expect(memberOf(group).links.has(peerIdFromString(stranger.peerId.toString()).toString())).toBe(false)
  })
})

describe('twenty members behind one IP address', () => {
  it('all hear each other', async () => {
    const groups = await startMembers(20)
    const inboxes = groups.map(group => new Inbox(group))
    const ids = groups.map(({ connection }) => connection.nearID)
    await Promise.all(groups.map((group, i) => group.post(`from ${i}`)))
    await until('everybody has heard everybody', () => inboxes.every(({ messages }) => messages.length >= 19))
    for (const [i, { from }] of inboxes.entries())
      expect([...from].sort()).toEqual(ids.filter(id => id !== ids[i]).sort())
  }, 40_000)
})
