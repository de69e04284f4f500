import '../../src/platform/polyfill.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { memberOf } from '../../src/api/net-group.ts'
import { GroupSpecifier, NetGroup } from '../../src/index.ts'
import { encodeValue } from '../../src/net/value.ts'
import { createTestNetwork, joinAll, type TestNetwork } from '../../src/testing.ts'
import type { Receipt, Routed } from '../../src/wire/routing.ts'
import { DirectInbox } from '../support/direct-inbox.ts'
import { at } from '../support/inbox.ts'
import { LinkTap, refuses } from '../support/modified-client.ts'
import { until } from '../support/until.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import type { WholeFrame } from '../support/whole-frame.ts'

const networks: TestNetwork[] = []
afterEach(async () => {
  await Promise.all(networks.splice(0).map(network => network.close()))
})

/** Two that cannot reach each other, and who is between them: everything goes through its hands. */
async function lineOf(clock?: VirtualClock): Promise<{ a: NetGroup; b: NetGroup; between: NetGroup }> {
  const network = await createTestNetwork(3, clock === undefined ? {} : { clock })
  networks.push(network)
  network.partition([at(network.connections, 0)], [at(network.connections, 1)])
  const spec = new GroupSpecifier('hostile', { routingEnabled: true })
  const groups = await Promise.all(network.connections.map(connection => NetGroup.join(connection, spec)))
  const [a, b, between] = [at(groups, 0), at(groups, 1), at(groups, 2)]
  const areLinked = until('all are linked', () => between.neighborCount === 2)
  await (clock === undefined ? areLinked : clock.during(areLinked))
  return { a, b, between }
}

const rejected = (group: NetGroup, reason: string): number => group.info.rejected[reason] ?? 0

/** A message of one to the other, as it comes to the one between them. */
async function caught(a: NetGroup, b: NetGroup, tap: LinkTap, message: unknown): Promise<Routed> {
  void a.sendToPeer(message, b.connection.nearID, { receipt: true }).catch(() => {})
  await until('it has come', () => tap.routed.length > 0)
  return at(tap.routed, 0)
}

/** What follows is as the one between them would send it on. */
function passedOn(routed: Routed, between: NetGroup): Routed {
  const entry = memberOf(between).groupAddress.slice(0, 8)
  const add = (trail: Uint8Array): Uint8Array => Uint8Array.from([...trail, ...entry])
  return { ...routed, hops: routed.hops + 1, visited: add(routed.visited), path: add(routed.path) }
}

describe('A member on the way', () => {
  it('that changes a message is found out by who gets it, and nobody is blamed for it', async () => {
    const { a, b, between } = await lineOf()
    const inbox = new DirectInbox(b)
    const tap = new LinkTap(between, { keep: ({ routed }) => routed !== undefined })
    const routed = await caught(a, b, tap, 'true')
    for (let i = 0; i < 4; i++) {
      const payload = encodeValue(`false ${i}`)
      tap.send(b, { routed: { ...passedOn(routed, between), payload } })
    }
    await until('they are counted', () => rejected(b, 'false signature') === 4)
    expect(inbox.infos).toEqual([])
    expect(refuses(b, between)).toBe(false)
    tap.send(b, { routed: passedOn(routed, between) })
    await until('the true one arrives', () => inbox.infos.length === 1)
    expect(inbox.messages).toEqual(['true'])
  })

  it('that repeats a message has it delivered once', async () => {
    const { a, b, between } = await lineOf()
    const inbox = new DirectInbox(b)
    const tap = new LinkTap(between, { keep: ({ routed }) => routed !== undefined })
    const routed = await caught(a, b, tap, 'once')
    for (let i = 0; i < 5; i++) tap.send(b, { routed: passedOn(routed, between) })
    await until('all are acknowledged', () => tap.acknowledged === 5)
    await b.sendToPeer('after it', between.connection.nearID, { receipt: true })
    expect(inbox.messages).toEqual(['once'])
  })

  it('that keeps a message for more than two minutes has it delivered never', async () => {
    const clock = new VirtualClock()
    const { a, b, between } = await lineOf(clock)
    const inbox = new DirectInbox(b)
    const tap = new LinkTap(between, { keep: ({ routed }) => routed !== undefined })
    const routed = await clock.during(caught(a, b, tap, 'late'))
    await clock.advance(121_000)
    tap.send(b, { routed: passedOn(routed, between) })
    await until('it is counted', () => rejected(b, 'clock') === 1)
    expect(inbox.infos).toEqual([])
  })

  it('cannot make up a receipt', async () => {
    const clock = new VirtualClock()
    const { a, b, between } = await lineOf(clock)
    const tap = new LinkTap(between, { keep: ({ routed }) => routed !== undefined })
    const receipt = a.sendToPeer('hi', b.connection.nearID, { receipt: true })
    const timedOut = expect(receipt).rejects.toMatchObject({ code: 'TIMEOUT' })
    await clock.during(until('it has come', () => tap.routed.length > 0))
    const { id, originator } = at(tap.routed, 0)
    const madeUp: Receipt = {
      id,
      originator,
      isDelivered: true,
      deliverer: b.connection.libp2p.peerId.toMultihash().bytes,
      hops: 2,
      signature: new Uint8Array(64),
      path: new Uint8Array(0)
    }
    tap.send(a, { hopAck: { id } })
    tap.send(a, { receipt: { ...madeUp, signature: new Uint8Array(0) } })
    await until('it is counted', () => rejected(a, 'false receipt') === 1)
    tap.send(a, { receipt: madeUp })
    await clock.advance(10_001)
    await timedOut
  })
})

describe('A neighbor', () => {
  async function neighbors(): Promise<{ a: NetGroup; liar: NetGroup; tap: LinkTap; inbox: DirectInbox }> {
    const network = await createTestNetwork(2)
    networks.push(network)
    const groups = await joinAll(network.connections, new GroupSpecifier('hostile', { routingEnabled: true }))
    const [a, liar] = [at(groups, 0), at(groups, 1)]
    return { a, liar, tap: new LinkTap(liar), inbox: new DirectInbox(a) }
  }

  const fill = (length: number): Uint8Array => new Uint8Array(length).fill(1)

  /** Frames that no member sends which plays by the rules. */
  function malformed(routed: Routed, receipt: Receipt): WholeFrame[] {
    const longName = 'é'.repeat(128)
    const payload = encodeValue('hi')
    return [
      { message: { channel: longName, payload } },
      { message: { channel: '', payload: fill(65_537) } },
      { message: { channel: '', payload, destination: fill(31) } },
      { message: { channel: '', payload, id: fill(15) } },
      { hopAck: { id: fill(3) } },
      { routed: { ...routed, channel: longName } },
      { routed: { ...routed, payload: fill(65_537) } },
      { routed: { ...routed, id: fill(17) } },
      { routed: { ...routed, target: fill(33) } },
      { routed: { ...routed, mode: 2 } },
      { routed: { ...routed, originator: fill(40) } },
      { routed: { ...routed, originator: fill(65) } },
      { routed: { ...routed, signature: fill(1_025) } },
      { routed: { ...routed, key: fill(1_025) } },
      { routed: { ...routed, path: fill(9) } },
      { routed: { ...routed, hops: 0 } },
      { routed: { ...routed, hops: 1_000 } },
      { receipt: { ...receipt, id: fill(1) } },
      { receipt: { ...receipt, deliverer: fill(2) } },
      { receipt: { ...receipt, hops: 256 } },
      { receipt: { ...receipt, path: fill(7) } }
    ]
  }

  it('that sends malformed frames delivers nothing with them, each is counted, and the third ends its links', async () => {
    const { a: sample, liar: from } = await neighbors()
    const id = fill(16)
    const originator = from.connection.libp2p.peerId.toMultihash().bytes
    const entry = memberOf(from).groupAddress.slice(0, 8)
    const trails = { visited: entry, path: entry }
    const routed: Routed = {
      id,
      originator,
      target: memberOf(sample).groupAddress,
      mode: 0,
      sentAt: Date.now(),
      channel: '',
      payload: encodeValue('hi'),
      signature: fill(64),
      wantsReceipt: false,
      hops: 1,
      ...trails
    }
    const receipt: Receipt = {
      id,
      originator,
      isDelivered: true,
      deliverer: originator,
      hops: 1,
      signature: fill(64),
      path: new Uint8Array(0)
    }
    const frames = malformed(routed, receipt)
    for (let i = 0; i < frames.length; i += 3) {
      const { a, liar, tap, inbox } = await neighbors()
      for (const frame of frames.slice(i, i + 3)) tap.send(a, frame)
      await until(`three are one too many, from ${i}`, () => a.neighborCount === 0)
      const counts = Object.entries(a.info.rejected).filter(([reason]) => reason.startsWith('malformed'))
      expect(counts.reduce((sum, [, count]) => sum + count, 0)).toBe(3)
      expect(refuses(a, liar)).toBe(true)
      expect(inbox.infos).toEqual([])
    }
  }, 60_000)

  it('that sends what cannot be read loses its link', async () => {
    for (const name of ['message', 'routed', 'hopAck', 'receipt']) {
      const { a, liar, tap } = await neighbors()
      const link = memberOf(liar).links.get(a.connection.nearID)
      tap.sendPacked(a, { [name]: Uint8Array.of(0x0a, 0xff) })
      await until('the link has ended', () => link?.ending !== undefined)
    }
  })

  it('that signs its own message falsely three times is refused', async () => {
    const { a, liar, tap, inbox } = await neighbors()
    const entry = memberOf(liar).groupAddress.slice(0, 8)
    for (let i = 0; i < 3; i++)
      tap.send(a, {
        routed: {
          id: fill(16).map(() => i),
          originator: liar.connection.libp2p.peerId.toMultihash().bytes,
          target: memberOf(a).groupAddress,
          mode: 0,
          sentAt: Date.now(),
          channel: '',
          payload: encodeValue('hi'),
          signature: fill(64),
          wantsReceipt: true,
          hops: 1,
          visited: entry,
          path: entry
        }
      })
    await until('it is refused', () => refuses(a, liar))
    expect(rejected(a, 'false signature')).toBe(3)
    expect(inbox.infos).toEqual([])
  })

  it('that sends messages in a group without routing is refused', async () => {
    const network = await createTestNetwork(2)
    networks.push(network)
    const groups = await joinAll(network.connections, new GroupSpecifier('posts', { postingEnabled: true }))
    const [a, liar] = [at(groups, 0), at(groups, 1)]
    const inbox = new DirectInbox(a)
    const tap = new LinkTap(liar)
    for (let i = 0; i < 3; i++) tap.send(a, { message: { channel: '', payload: encodeValue(i) } })
    await until('it is refused', () => refuses(a, liar))
    expect(inbox.infos).toEqual([])
    expect(rejected(a, 'routing is not enabled')).toBe(3)
  })
})
