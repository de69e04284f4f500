import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { afterEach, describe, expect, it } from 'vitest'
import type { NetConnection } from '../../src/api/net-connection.ts'
import { memberOf } from '../../src/api/net-group.ts'
import {
  GroupSpecifier,
  type GroupStatus,
  type JoinOptions,
  NetGroup,
  type StatusInfo
} from '../../src/index.ts'
import type { NeighborLink } from '../../src/net/neighbor-link.ts'
import { createTestNetwork, joinAll, type TestNetwork, type TestNetworkOptions } from '../../src/testing.ts'
import { MAX_PRESENCE_BYTES } from '../../src/wire/limits.ts'
import { at } from '../support/inbox.ts'
import { until } from '../support/until.ts'
import { packed } from '../support/whole-frame.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** No posting: presence needs none. */
const spec = (): GroupSpecifier => new GroupSpecifier('presence', { routingEnabled: true })

const NOTHING = new Uint8Array(0)

type News = Pick<
  GroupStatus<unknown>,
  'NetGroup.Member.Join' | 'NetGroup.Member.Update' | 'NetGroup.Member.Leave'
>

/** What a group was told of members: the end of the code, whose, and what it showed. */
class MemberLog {
  readonly lines: string[] = []
  readonly onStatus = (info: StatusInfo<GroupStatus<unknown>>): void => {
    if (!info.code.startsWith('NetGroup.Member.')) return
    const { code, member } = info as StatusInfo<News>
    this.lines.push(`${code.slice(16)} ${JSON.stringify(member.presence)}`)
  }
}

async function startNetwork(size: number, options: TestNetworkOptions = {}): Promise<TestNetwork> {
  const network = await createTestNetwork(size, options)
  cleanups.push(() => network.close())
  return network
}

function join(
  connection: NetConnection,
  presence: unknown,
  options: JoinOptions<unknown> = {}
): Promise<NetGroup> {
  return NetGroup.join(connection, spec(), { presence, ...options })
}

const shown = (group: NetGroup): unknown[] =>
  [...group.members.values()].map(({ presence }) => presence).sort()

describe('presence', () => {
  it('tells who is there, with what they show, and when they joined', async () => {
    const { connections } = await startNetwork(3)
    const log = new MemberLog()
    const anna = await join(at(connections, 0), 'Anna', { onStatus: log.onStatus })
    const ben = await join(at(connections, 1), { name: 'Ben', since: new Date(0) })
    await until('they see each other', () => anna.members.size === 1 && ben.members.size === 1)
    const member = anna.members.get(ben.connection.nearID)
    expect(member).toMatchObject({
      peerID: ben.connection.nearID,
      groupAddress: ben.groupAddress,
      presence: { name: 'Ben', since: new Date(0) }
    })
    expect(Math.abs(Date.now() - (member?.since.getTime() ?? 0))).toBeLessThan(10_000)
    expect(log.lines).toEqual(['Join {"name":"Ben","since":"1970-01-01T00:00:00.000Z"}'])
    expect(anna.members).toBe(anna.members)
    const cleo = await join(at(connections, 2), 'Cleo')
    await until('all see all', () => [anna, ben, cleo].every(({ members }) => members.size === 2))
    expect(shown(ben)).toEqual(['Anna', 'Cleo'])
  })

  it('tells what a member shows later, and that it has left', async () => {
    const { connections } = await startNetwork(2)
    const log = new MemberLog()
    const anna = await join(at(connections, 0), 'Anna', { onStatus: log.onStatus })
    const ben = await join(at(connections, 1), 'Ben')
    await until('they see each other', () => anna.members.size === 1)
    ben.setPresence('Ben, away')
    await until('the update', () => shown(anna).includes('Ben, away'))
    await ben.close()
    expect(ben.members.size).toBe(0)
    await until('the leave', () => anna.members.size === 0)
    expect(log.lines).toEqual(['Join "Ben"', 'Update "Ben, away"', 'Leave "Ben, away"'])
  })

  it('is neither announced nor told without the option, until it is set', async () => {
    const { connections } = await startNetwork(3)
    const anna = await join(at(connections, 0), 'Anna')
    const quiet = await NetGroup.join(at(connections, 1), spec())
    const cleo = await join(at(connections, 2), 'Cleo')
    await until('two see each other', () => anna.members.size === 1 && cleo.members.size === 1)
    expect(quiet.members.size).toBe(0)
    quiet.setPresence('Quinn')
    expect(shown(quiet)).toEqual(['Anna', 'Cleo'])
    await until('it is seen', () => shown(anna).includes('Quinn') && shown(cleo).includes('Quinn'))
  })

  it('shows the value set last when a group is joined twice on one connection, until both are closed', async () => {
    const { connections } = await startNetwork(2)
    const anna = await join(at(connections, 0), 'Anna')
    const first = await join(at(connections, 1), 'Ben')
    const second = await join(at(connections, 1), 'Benjamin')
    await until('the last counts', () => shown(anna).join() === 'Benjamin')
    await until('both see', () => first.members.size === 1 && second.members.size === 1)
    await second.close()
    first.setPresence('Ben again')
    await until('it is still there', () => shown(anna).join() === 'Ben again')
    await first.close()
    await until('it is gone', () => anna.members.size === 0)
  })

  it('refuses what cannot be sent, before anything is joined', async () => {
    const { connections } = await startNetwork(1)
    const connection = at(connections, 0)
    const large = new Uint8Array(MAX_PRESENCE_BYTES)
    await expect(join(connection, large)).rejects.toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      detail: { bytes: MAX_PRESENCE_BYTES + 3, maxBytes: MAX_PRESENCE_BYTES }
    })
    await expect(join(connection, { a: () => 1 })).rejects.toMatchObject({ code: 'VALUE_UNSUPPORTED' })
    expect(connection.groups).toEqual([])
    const group = await join(connection, new Uint8Array(MAX_PRESENCE_BYTES - 3))
    expect(() => group.setPresence(large)).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }))
    expect(() => group.setPresence(undefined)).toThrow(expect.objectContaining({ code: 'VALUE_UNSUPPORTED' }))
    await group.close()
    expect(() => group.setPresence('late')).toThrow(expect.objectContaining({ code: 'CLOSED' }))
  })

  it('does not list a member whose value cannot be read, and counts it', async () => {
    class Card {
      name = 'Ben'
    }
    const { connections } = await startNetwork(2)
    const log = new MemberLog()
    const anna = await join(at(connections, 0), 'Anna', { onStatus: log.onStatus })
    const ben = await join(at(connections, 1), new Card(), { classes: { Card } })
    await until('it is counted', () => anna.info.rejected['invalid presence'] === 1)
    expect(anna.members.size).toBe(0)
    ben.setPresence('Ben')
    await until('it can be read', () => shown(anna).join() === 'Ben')
    expect(log.lines).toEqual(['Join "Ben"'])
  })

  it('counts entries whose signature is false, and cuts the neighbor that passes on three', async () => {
    const { connections } = await startNetwork(2)
    const anna = await join(at(connections, 0), 'Anna')
    const liar = await join(at(connections, 1), 'Ben')
    await until('they see each other', () => anna.members.size === 1 && liar.members.size === 1)
    const link = memberOf(liar).links.get(anna.connection.nearID)
    for (let i = 1; i <= 3; i++) {
      const content = new Uint8Array(21)
      new DataView(content.buffer).setBigUint64(8, BigInt(Date.now()))
      const peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toMultihash().bytes
      const none = { doubts: NOTHING, mentions: NOTHING, isWhole: false, wanted: NOTHING }
      const presence = { entries: [{ peer, signature: new Uint8Array(64), content }], ...none }
      link?.send(packed({ presence }))
      await until(`${i} are counted`, () => anna.info.rejected['false presence'] === i)
      expect(shown(anna)).toEqual(['Ben'])
    }
    await until('the link is cut', () => anna.neighborCount === 0)
  })

  it('ends the link with whoever sends what cannot be read, also while what reads it is being loaded', async () => {
    const { connections } = await startNetwork(2)
    const groups = await joinAll(connections, spec())
    const [anna, liar] = [at(groups, 0), at(groups, 1)]
    const linkTo = (group: NetGroup): NeighborLink | undefined =>
      memberOf(liar).links.get(group.connection.nearID)
    const first = linkTo(anna)
    const malformed = { presence: Uint8Array.of(0x0a, 0xff) }
    first?.send(malformed)
    await until('the link is cut', () => first?.ending !== undefined)
    liar.addNeighbor(anna.connection.nearID)
    await until('there is another', () => linkTo(anna) !== undefined && linkTo(anna) !== first)
    const second = linkTo(anna)
    second?.send(malformed)
    await until('it is cut too', () => second?.ending !== undefined)
  })

  it('counts a member whose node has stopped, or who is cut off, as gone within 15 s', async () => {
    const network = await startNetwork(6)
    const groups = await Promise.all(network.connections.map((connection, i) => join(connection, i)))
    await until('all see all', () => groups.every(({ members }) => members.size === 5))
    const [stopped, cutOff] = [at(network.connections, 4), at(network.connections, 5)]
    const others = network.connections.slice(0, 4)
    await stopped.libp2p.stop()
    network.partition([cutOff], others)
    const startMs = Date.now()
    await until('they are gone', () => groups.slice(0, 4).every(({ members }) => members.size === 3), 15_000)
    console.log(`gone after ${Date.now() - startMs} ms`)
    network.heal()
    await until('who was cut off is back', () =>
      groups.slice(0, 4).every(({ members }) => members.size === 4)
    )
    await until('and sees the others', () => shown(at(groups, 5)).join() === '0,1,2,3')
  }, 60_000)
})
