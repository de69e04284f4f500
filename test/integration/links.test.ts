import '../../src/platform/polyfill.ts'
import type { Connection, Stream } from '@libp2p/interface'
import { equals } from 'uint8arrays/equals'
import { afterEach, describe, expect, it } from 'vitest'
import type { NetConnection } from '../../src/api/net-connection.ts'
import { memberOf } from '../../src/api/net-group.ts'
import { GroupSpecifier, NetGroup } from '../../src/index.ts'
import type { GroupMember } from '../../src/net/group-member.ts'
import { ANSWER_BYTES, type LinkParties, openingMessage } from '../../src/net/link-handshake.ts'
import type { NeighborLink } from '../../src/net/neighbor-link.ts'
import { StreamReader } from '../../src/net/stream-reader.ts'
import { waitUntilKnown } from '../../src/testing/wait-until-known.ts'
import { createTestNetwork, joinAll, type TestNetwork, type TestNetworkOptions } from '../../src/testing.ts'
import { LINK_PROTOCOL } from '../../src/wire/protocol-ids.ts'
import { at, Inbox } from '../support/inbox.ts'
import { hostOf } from '../support/modified-client.ts'
import { until } from '../support/until.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const networks: TestNetwork[] = []
afterEach(async () => {
  await Promise.all(networks.splice(0).map(network => network.close()))
})

async function networkOf(size: number, options: TestNetworkOptions = {}): Promise<TestNetwork> {
  const network = await createTestNetwork(size, options)
  networks.push(network)
  return network
}

function groupspecFor(name: string): GroupSpecifier {
  const groupspec = new GroupSpecifier(name)
  groupspec.postingEnabled = true
  return groupspec
}

/** The codes of what a group tells about neighbors, from now on. */
function neighborEvents(group: NetGroup): string[] {
  const codes: string[] = []
  for (const code of ['NetGroup.Neighbor.Connect', 'NetGroup.Neighbor.Disconnect'] as const)
    group.addEventListener(code, () => codes.push(code))
  return codes
}

/** Open streams of neighbor links at this node. */
function linkStreams({ libp2p }: NetConnection): Stream[] {
  return libp2p
    .getConnections()
    .flatMap(({ streams }) => streams)
    .filter(({ protocol, status }) => protocol === LINK_PROTOCOL && status === 'open')
}

/** Have the two one link between them, and the same on both sides? */
function haveOneLink(a: NetGroup, b: NetGroup): boolean {
  const linkA = memberOf(a).links.get(b.connection.nearID)
  const linkB = memberOf(b).links.get(a.connection.nearID)
  if (linkA === undefined || linkB === undefined || !equals(linkA.linkID, linkB.linkID)) return false
  return linkStreams(a.connection).length === 1 && linkStreams(b.connection).length === 1
}

/** Has it a link with this id, to anybody? */
function hasLink(group: NetGroup, linkID: Uint8Array | undefined): boolean {
  return [...memberOf(group).links.values()].some(link => equals(link.linkID, linkID ?? new Uint8Array(0)))
}

/** What the next stream on this connection sends after its first message, and its close, waits, as it does where a network is slow. @returns lets it go */
function holdAfterOpening(connection: Connection): () => void {
  const held: (() => unknown)[] = []
  const { newStream } = connection
  connection.newStream = async (...args) => {
    connection.newStream = newStream
    const stream = await newStream.apply(connection, args)
    const [send, close] = [stream.send.bind(stream), stream.close.bind(stream)]
    stream.send = opening => {
      stream.send = data => held.push(() => send(data)) > 0
      stream.close = options => new Promise(resolve => held.push(() => resolve(close(options))))
      return send(opening)
    }
    return stream
  }
  return () => {
    for (const action of held) action()
  }
}

/** The next stream on this connection is made, and held back. @returns hands it out */
function holdNewStream(connection: Connection): () => Promise<Stream> {
  const made = Promise.withResolvers<Stream>()
  const gate = Promise.withResolvers<void>()
  const { newStream } = connection
  connection.newStream = async (...args) => {
    connection.newStream = newStream
    const stream = await newStream.apply(connection, args)
    made.resolve(stream)
    await gate.promise
    return stream
  }
  return () => {
    gate.resolve()
    return made.promise
  }
}

/** Two members with a link between them. */
async function pair(
  options: TestNetworkOptions = {}
): Promise<{ a: NetGroup; b: NetGroup; network: TestNetwork }> {
  const network = await networkOf(2, options)
  const joined = joinAll(network.connections, groupspecFor('links'))
  const { clock } = options
  const groups = clock instanceof VirtualClock ? await clock.during(joined) : await joined
  const [a, b] = [at(groups, 0), at(groups, 1)]
  await until('one link on each side', () => haveOneLink(a, b))
  return { a, b, network }
}

/** Two members; A has made two links one after the other, and B has heard the end of the newest alone. `release` lets it hear of the older one. */
async function overtaken(): Promise<{
  a: NetGroup
  b: NetGroup
  events: string[][]
  newest: NeighborLink | undefined
  release: () => void
}> {
  const { a, b } = await pair()
  const events = [neighborEvents(a), neighborEvents(b)]
  const slow = await connectionTo(a, b, true)
  const release = holdAfterOpening(slow)
  await hostOf(a).links.open(memberOf(a), slow)
  await hostOf(a).links.open(memberOf(a), await connectionTo(a, b, true))
  const newest = memberOf(a).links.get(b.connection.nearID)
  await until('B has the newest', () => hasLink(b, newest?.linkID))
  return { a, b, events, newest, release }
}

/** The connection between two that `from` has; a further one on request. */
async function connectionTo(from: NetGroup, to: NetGroup, force = false): Promise<Connection> {
  const address = at(to.connection.libp2p.getMultiaddrs(), 0)
  return await from.connection.libp2p.dial(address, { force })
}

describe('Two members that dial each other at once', () => {
  it('have exactly one link, the same on both sides, and hear of each other once: 50 times', async () => {
    for (let run = 0; run < 50; run++) {
      // From both in the same moment to one after the other.
      const network = await networkOf(2, { latencyMs: run % 4, seed: run })
      const events: string[] = []
      const onStatus = ({ code }: { code: string }): void => {
        events.push(code)
      }
      const groups = await Promise.all(
        network.connections.map(connection =>
          NetGroup.join(connection, groupspecFor(`run ${run}`), { onStatus })
        )
      )
      const [a, b] = [at(groups, 0), at(groups, 1)]
      await until(`one link on each side, run ${run}`, () => haveOneLink(a, b))
      await Promise.all(groups.map(group => waitUntilKnown(memberOf(group), 1, AbortSignal.timeout(10_000))))
      const inbox = new Inbox(b)
      await a.post('hello')
      await until('the post arrives', () => inbox.messages.length === 1)
      expect(haveOneLink(a, b)).toBe(true)
      expect(events.filter(code => code.startsWith('NetGroup.Neighbor'))).toEqual([
        'NetGroup.Neighbor.Connect',
        'NetGroup.Neighbor.Connect'
      ])
    }
  }, 60_000)

  it('have one link in each of many groups that they join at once', async () => {
    const { connections } = await networkOf(2)
    const names = Array.from({ length: 12 }, (_, i) => `group ${i}`)
    const joined = await Promise.all(names.map(name => joinAll(connections, groupspecFor(name))))
    for (const groups of joined) expect(groups.map(({ neighborCount }) => neighborCount)).toEqual([1, 1])
    for (const connection of connections)
      await until('one stream per link', () => linkStreams(connection).length === names.length)
  })
})

describe('A new attempt', () => {
  it('replaces a standing link, and nobody hears of a neighbor that came or went', async () => {
    const { a, b } = await pair()
    const events = [neighborEvents(a), neighborEvents(b)]
    let changes = 0
    for (const group of [a, b])
      memberOf(group).listeners.add({
        onNeighborChange: () => {
          changes += 1
        }
      })
    const before = memberOf(a).links.get(b.connection.nearID)?.linkID ?? new Uint8Array(0)
    await hostOf(a).links.open(memberOf(a), await connectionTo(a, b))
    await until('the new link is the only one', () => haveOneLink(a, b) && changes >= 2)
    expect(memberOf(a).links.get(b.connection.nearID)?.linkID).not.toEqual(before)
    const inbox = new Inbox(b)
    await a.post('hello')
    await until('the post arrives', () => inbox.messages.length === 1)
    expect(events).toEqual([[], []])
  })

  it('loses nobody when the confirmation of the one before it comes after it, over a slower connection', async () => {
    const { a, b, events, newest, release } = await overtaken()
    release()
    await until('the older one has ended on both sides', () => haveOneLink(a, b))
    expect([hasLink(a, newest?.linkID), hasLink(b, newest?.linkID)]).toEqual([true, true])
    expect(events).toEqual([[], []])
  })

  it('loses nobody when the other side has just begun one over another connection', async () => {
    const { a, b } = await pair()
    const events = [neighborEvents(a), neighborEvents(b)]
    const slow = await connectionTo(a, b, true)
    const release = holdAfterOpening(slow)
    const other = await connectionTo(b, a, true)
    const goOn = holdNewStream(other)
    const opening = hostOf(b).links.open(memberOf(b), other)
    // For A it stands; B has answered, and not heard the rest.
    await hostOf(a).links.open(memberOf(a), slow)
    const stream = await goOn()
    const own = (): Stream | undefined => memberOf(b).links.get(a.connection.nearID)?.stream
    await until('B has given its own up, or made it', () => stream.status !== 'open' || own() === stream)
    release()
    await opening
    await until('there is one, the same on both sides', () => haveOneLink(a, b))
    expect(events).toEqual([[], []])
  })

  it('that dies before it is confirmed loses nobody', async () => {
    const { a, b } = await pair()
    const events = [neighborEvents(a), neighborEvents(b)]
    const slow = await connectionTo(a, b, true)
    holdAfterOpening(slow)
    await hostOf(a).links.open(memberOf(a), slow)
    const dead = memberOf(a).links.get(b.connection.nearID)
    slow.abort(new Error('The path is gone'))
    await until('there is a third', () => haveOneLink(a, b) && !hasLink(a, dead?.linkID))
    expect(events).toEqual([[], []])
  })

  it('loses nobody when the link is cut while one that it has overtaken is still waited for', async () => {
    const { a, b, events, newest, release } = await overtaken()
    // B alone looks for another path, and finds the slow connection.
    hostOf(a).paths.connect = () => new Promise(() => {})
    const { links } = hostOf(b)
    const open = links.open.bind(links)
    let opened = 0
    links.open = (...args) => {
      opened += 1
      return open(...args)
    }
    memberOf(b).links.get(a.connection.nearID)?.connection.abort(new Error('The path is gone'))
    await until('B makes another', () => opened > 0)
    release()
    await until('there is another', () => haveOneLink(a, b) && !hasLink(a, newest?.linkID))
    expect(events).toEqual([[], []])
  })

  it('replaces it also when both sides try at once, again and again', async () => {
    const { a, b } = await pair()
    const events = [neighborEvents(a), neighborEvents(b)]
    const [toB, toA] = [await connectionTo(a, b), await connectionTo(b, a)]
    for (let run = 0; run < 20; run++) {
      const before = memberOf(a).links.get(b.connection.nearID)?.linkID
      // Both resolve: one side's attempt stands, and is what the other's came to.
      await Promise.all([hostOf(a).links.open(memberOf(a), toB), hostOf(b).links.open(memberOf(b), toA)])
      expect(memberOf(a).links.get(b.connection.nearID)?.linkID).not.toEqual(before)
      await until(`one link on each side, run ${run}`, () => haveOneLink(a, b))
    }
    expect(events).toEqual([[], []])
  })

  it('moves gossip when the connection that carried it closes while another one is there', async () => {
    const { a, b } = await pair()
    const events = [neighborEvents(a), neighborEvents(b)]
    const inboxes = [new Inbox(a), new Inbox(b)]
    const second = await connectionTo(a, b, true)
    const firsts = a.connection.libp2p.getConnections().filter(connection => connection !== second)
    expect(firsts.length).toBeGreaterThan(0)
    await hostOf(a).links.open(memberOf(a), second)
    await until('the link has moved', () => haveOneLink(a, b))
    for (const connection of firsts) await connection.close()
    await until('one connection is left', () => b.connection.libp2p.getConnections().length === 1)
    await a.post('from a')
    await b.post('from b')
    await until('the posts arrive', () => inboxes.every(({ messages }) => messages.length === 1))
    expect(events).toEqual([[], []])
  })
})

/** A peer that is in no group, and speaks the link protocol by hand. */
class Stranger {
  readonly #own: NetConnection
  readonly #member: GroupMember
  readonly #connection: Connection

  constructor(own: NetConnection, member: GroupMember, connection: Connection) {
    this.#own = own
    this.#member = member
    this.#connection = connection
  }

  get #parties(): LinkParties {
    return {
      opener: this.#own.libp2p.peerId.toMultihash().bytes,
      responder: this.#connection.remotePeer.toMultihash().bytes
    }
  }

  /** A handshake of which nothing is said yet. */
  async open(): Promise<{ stream: Stream; reader: StreamReader }> {
    const stream = await this.#connection.newStream(LINK_PROTOCOL)
    return { stream, reader: new StreamReader(stream, 1_000) }
  }

  /** Begins a handshake with the group's key, or with a false one. What came of it. */
  async knock({ withKey }: { withKey: boolean }): Promise<'answered' | 'reset'> {
    const { stream, reader } = await this.open()
    const key = withKey ? this.#member.linkKey : new Uint8Array(32)
    try {
      stream.send(openingMessage(key, this.#parties, new Uint8Array(32).fill(7)))
      await reader.read(ANSWER_BYTES)
      return 'answered'
    } catch {
      return 'reset'
    } finally {
      stream.abort(new Error('Enough'))
    }
  }
}

describe('A stranger to the group', () => {
  async function strangerAtMember(): Promise<{ clock: VirtualClock; stranger: Stranger; member: NetGroup }> {
    const clock = new VirtualClock()
    const network = await networkOf(2, { clock })
    const [own, other] = [at(network.connections, 0), at(network.connections, 1)]
    const member = await NetGroup.join(other, groupspecFor('strangers'))
    const connection = await own.libp2p.dial(at(other.libp2p.getMultiaddrs(), 0))
    return { clock, member, stranger: new Stranger(own, memberOf(member), connection) }
  }

  it('is reset, and after three failures refused for 60 s even with the key', async () => {
    const { clock, stranger, member } = await strangerAtMember()
    expect(await stranger.knock({ withKey: true })).toBe('answered')
    expect(await stranger.knock({ withKey: false })).toBe('reset')
    expect(await stranger.knock({ withKey: false })).toBe('reset')
    expect(await stranger.knock({ withKey: true })).toBe('answered')
    expect(await stranger.knock({ withKey: false })).toBe('reset')
    expect(await stranger.knock({ withKey: true })).toBe('reset')
    await clock.advance(59_999)
    expect(await stranger.knock({ withKey: true })).toBe('reset')
    await clock.advance(1)
    expect(await stranger.knock({ withKey: true })).toBe('answered')
    expect(member.neighborCount).toBe(0)
  })

  it('may have four handshakes under way and no fifth; they are reset after 5 s and count as failures', async () => {
    const { clock, stranger } = await strangerAtMember()
    const silent = await Promise.all(Array.from({ length: 4 }, () => stranger.open()))
    const areOpen = (): boolean[] => silent.map(({ stream }) => stream.status === 'open')
    expect(await stranger.knock({ withKey: true })).toBe('reset')
    await clock.advance(4_999)
    expect(areOpen()).toEqual([true, true, true, true])
    await clock.advance(1)
    await until('the silent handshakes are reset', () => areOpen().every(isOpen => !isOpen))
    expect(await stranger.knock({ withKey: true })).toBe('reset')
    await clock.advance(60_000)
    expect(await stranger.knock({ withKey: true })).toBe('answered')
  })
})

describe('A silent neighbor', () => {
  it('is given up after 30 s of silence, at the next of the looks that come every 10 s', async () => {
    const clock = new VirtualClock()
    const { a, b, network } = await pair({ clock })
    const events = [neighborEvents(a), neighborEvents(b)]
    network.setLoss(1)
    await clock.advance(29_000)
    expect([a.neighborCount, b.neighborCount]).toEqual([1, 1])
    await clock.advance(11_000)
    // A handshake cannot succeed either: what is lost is lost.
    expect([a.neighborCount, b.neighborCount]).toEqual([0, 0])
    expect(events).toEqual([['NetGroup.Neighbor.Disconnect'], ['NetGroup.Neighbor.Disconnect']])
  })

  it('is found again when it can be heard again', async () => {
    const clock = new VirtualClock()
    const { a, b, network } = await pair({ clock })
    network.setLoss(1)
    await clock.advance(41_000)
    network.setLoss(0)
    for (let second = 0; second < 120 && !haveOneLink(a, b); second++) await clock.advance(1_000)
    expect([a.neighborCount, b.neighborCount]).toEqual([1, 1])
  })

  it('is kept as long as it answers', async () => {
    const clock = new VirtualClock()
    const { a, b } = await pair({ clock })
    const events = [neighborEvents(a), neighborEvents(b)]
    await clock.advance(300_000)
    expect([a.neighborCount, b.neighborCount]).toEqual([1, 1])
    expect(events).toEqual([[], []])
  })
})
