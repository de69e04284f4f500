import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { groupspecOf } from '../../src/api/group-specifier.ts'
import { memberOf } from '../../src/api/net-group.ts'
import { signGrant } from '../../src/core/groupspec/grant.ts'
import { parseGroupspec } from '../../src/core/groupspec/groupspec.ts'
import { GroupSpecifier, isNetGroupError, type NetGroup } from '../../src/index.ts'
import { createTestNetwork, type TestNetwork } from '../../src/testing.ts'
import { MISBEHAVIOR_REFUSAL_MS } from '../../src/wire/limits.ts'
import { at, Inbox, joinEach } from '../support/inbox.ts'
import {
  grantIn,
  hostOf,
  postToAllNeighbors,
  postUnchecked,
  refuses,
  withRole
} from '../support/modified-client.ts'
import { until } from '../support/until.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const MINUTE_MS = 60_000
const PASSWORD = 'correct horse battery staple'
const text = { withRights: '', plain: '' }
let owner: GroupSpecifier
let network: TestNetwork | undefined
let clock: VirtualClock

beforeAll(async () => {
  owner = new GroupSpecifier('guarded', { postingEnabled: true, multicastEnabled: true })
  await owner.setPostingPassword(PASSWORD)
  await owner.setPublishPassword('another')
  text.withRights = owner.groupspecWithAuthorizations()
  text.plain = owner.groupspecWithoutAuthorizations()
})

afterEach(async () => {
  await network?.close()
})

async function startNetwork(size: number): Promise<TestNetwork> {
  clock = new VirtualClock()
  network = await createTestNetwork(size, { clock })
  return network
}

async function eventually(what: string, holds: () => boolean): Promise<void> {
  await clock.during(until(what, holds))
}

/** How often this group has refused a message for this reason. */
function refused(group: NetGroup, reason: string): number {
  return group.info.rejected[reason] ?? 0
}

describe('a group with a posting password', () => {
  it('hears only who is authorized, and cuts off whoever posts without it three times', async () => {
    const { connections } = await startNetwork(5)
    const grant = owner.grant(at(connections, 1).nearID, 'posting', { expires: new Date(clock.now() + 1e9) })
    const groups = await clock.during(
      joinEach(connections, [text.withRights, text.plain + grant, text.plain, text.plain, text.plain])
    )
    const honest = groups.slice(0, 2)
    const intruders = groups.slice(2)
    for (const intruder of intruders) postToAllNeighbors(intruder)
    const inboxes = groups.map(group => new Inbox(group))
    const said: string[][] = [[], []]
    const sayAll = async (what: string): Promise<void> => {
      for (const [i, group] of honest.entries()) {
        said[i]?.push(`${what} by ${i}`)
        await group.post(`${what} by ${i}`)
      }
      await eventually(`both hear "${what}"`, () =>
        inboxes.slice(0, 2).every(({ messages }, i) => messages.length === said[1 - i]?.length)
      )
    }

    for (let round = 1; round <= 2; round++) {
      for (const [i, intruder] of intruders.entries()) postUnchecked(intruder, `intruder ${i}, ${round}`)
      await sayAll(`round ${round}`)
      // Each has judged one message of every intruder, other than itself, and of nobody else: nobody passed one on.
      await eventually('all have refused the posts of this round', () =>
        groups.every((group, i) => refused(group, 'no grant') === round * (i < 2 ? 3 : 2))
      )
      expect(groups.map(({ neighborCount }) => neighborCount)).toEqual([4, 4, 4, 4, 4])
      expect(intruders.some(intruder => honest.some(group => refuses(group, intruder)))).toBe(false)
    }
    // The intruders heard what they may hear.
    await eventually('the intruders hear all', () =>
      inboxes.every(({ messages }, i) => i < 2 || messages.length === 4)
    )

    for (const [i, intruder] of intruders.entries()) postUnchecked(intruder, `intruder ${i}, 3`)
    await sayAll('round 3')
    await eventually('every neighbor has closed its link', () =>
      intruders.every(group => group.neighborCount === 0)
    )
    expect(honest.map(group => group.neighbors.map(({ peerID }) => peerID))).toEqual([
      [at(connections, 1).nearID],
      [at(connections, 0).nearID]
    ])
    expect(intruders.every(intruder => honest.every(group => refuses(group, intruder)))).toBe(true)

    // Whatever they try, for the time being they stay outside.
    for (const intruder of intruders)
      for (const { nearID } of connections.slice(0, 2)) intruder.addNeighbor(nearID)
    await sayAll('afterwards')
    await clock.advance(MISBEHAVIOR_REFUSAL_MS - 15_000)
    expect(honest.map(({ neighborCount }) => neighborCount)).toEqual([1, 1])
    await sayAll('much later')
    for (const [i, { messages }] of inboxes.slice(0, 2).entries()) expect(messages).toEqual(said[1 - i])
    expect(inboxes.flatMap(({ messages }) => messages).join()).not.toContain('intruder')

    await clock.advance(15_000)
    expect(intruders.some(intruder => honest.some(group => refuses(group, intruder)))).toBe(false)
    for (const intruder of intruders)
      for (const { nearID } of connections.slice(0, 2)) intruder.addNeighbor(nearID)
    await eventually('the intruders are let in again', () => honest.every(group => group.neighborCount === 4))
  })

  it('tells a wrong password, and goes on read-only', async () => {
    const { connections } = await startNetwork(2)
    const guest = GroupSpecifier.parse(text.plain)
    const wrong = await guest.authorize('posting', 'incorrect horse').catch((error: unknown) => error)
    expect(isNetGroupError(wrong, 'WRONG_PASSWORD') && wrong.detail).toEqual({ role: 'posting' })

    const [host, reader] = (await clock.during(joinEach(connections, [text.withRights, guest]))) as [
      NetGroup,
      NetGroup
    ]
    const inbox = new Inbox(reader)
    expect([host.can('posting'), reader.can('posting')]).toEqual([true, false])
    await expect(reader.post('may I?')).rejects.toMatchObject({
      code: 'NOT_AUTHORIZED',
      detail: { role: 'posting' }
    })
    await host.post('to all')
    await eventually('the reader hears', () => inbox.messages.includes('to all'))
    expect(host.info.rejected).toEqual({})

    await guest.authorize('posting', PASSWORD)
    expect(GroupSpecifier.parse(guest.groupspecWithAuthorizations()).has('posting')).toBe(true)
  })

  it("refuses grants that are forged, another peer's, for another role, or of another group", async () => {
    const { connections } = await startNetwork(5)
    const groups = await clock.during(
      joinEach(connections, [text.withRights, ...Array<string>(4).fill(text.plain)])
    )
    const expires = new Date(clock.now() + 1e9)
    const idOf = (i: number): string => at(connections, i).nearID
    const forged = signGrant({
      seed: new Uint8Array(32).fill(7),
      groupID: parseGroupspec(text.plain).groupID,
      role: 'posting',
      notAfterMs: 0,
      peerIDBytes: hostOf(at(groups, 1)).peerIDBytes
    })
    const others = grantIn(text.plain + owner.grant(idOf(0), 'posting', { expires }))
    const publish = grantIn(text.plain + owner.grant(idOf(3), 'publish', { expires }))
    const elsewhere = new GroupSpecifier('elsewhere', { postingEnabled: true })
    await elsewhere.setPostingPassword(PASSWORD)
    const foreign = grantIn(
      elsewhere.groupspecWithoutAuthorizations() + elsewhere.grant(idOf(4), 'posting', { expires })
    )

    const inboxes = groups.map(group => new Inbox(group))
    for (const [i, grant] of [forged, others, publish, foreign].entries())
      postUnchecked(at(groups, i + 1), 'false', grant)
    await eventually('each is refused by everybody', () =>
      groups.every((group, i) => refused(group, 'false grant') === (i === 0 ? 4 : 3))
    )
    postUnchecked(at(groups, 3), 'false', withRole(publish, 'posting'))
    await eventually('so is a grant with the role changed', () =>
      groups.every((group, i) => refused(group, 'false grant') === (i === 0 ? 5 : i === 3 ? 3 : 4))
    )
    // Whose two passwords are one has one key for both roles: what it signed for the other role is no right to post.
    const samePassword = signGrant({
      seed: groupspecOf(owner).seeds.posting as Uint8Array,
      groupID: parseGroupspec(text.plain).groupID,
      role: 'publish',
      notAfterMs: 0,
      peerIDBytes: hostOf(at(groups, 1)).peerIDBytes
    })
    postUnchecked(at(groups, 1), 'false', samePassword)
    await eventually('so is one for the other role by the same key', () =>
      groups.every((group, i) => refused(group, 'false grant') === [6, 4, 5, 4, 5][i])
    )
    expect(inboxes.flatMap(({ messages }) => messages)).toEqual([])

    // An honest client does not even try, and with a grant of its own it is heard.
    const guest = at(groups, 2)
    expect(guest.can('posting')).toBe(false)
    postUnchecked(guest, 'true', grantIn(text.plain + owner.grant(idOf(2), 'posting', { expires })))
    await eventually('a true grant is honored', () =>
      inboxes.every(({ messages }, i) => messages.length === (i === 2 ? 0 : 1))
    )
  })

  it('honors a grant for its peer only, and until it expires', async () => {
    const { connections } = await startNetwork(3)
    const expires = new Date(clock.now() + MINUTE_MS)
    const grant = owner.grant(at(connections, 0).nearID, 'posting', { expires })
    const invitation = text.plain + grant
    const groups = await clock.during(joinEach(connections, [invitation, invitation, text.plain]))
    const [guest, thief, listener] = groups as [NetGroup, NetGroup, NetGroup]
    const inboxes = [thief, listener].map(group => new Inbox(group))
    expect([guest.can('posting'), thief.can('posting')]).toEqual([true, false])
    await expect(thief.post('me too')).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })

    await guest.post('early')
    clock.set(expires.getTime())
    await guest.post('in the last moment')
    await eventually('both are heard', () => inboxes.every(({ messages }) => messages.length === 2))

    clock.set(expires.getTime() + 1)
    expect(guest.can('posting')).toBe(false)
    await expect(guest.post('late')).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
    for (let i = 1; i <= 4; i++) postUnchecked(guest, `late ${i}`, grantIn(invitation))
    await eventually('all others refuse it', () =>
      [thief, listener].every(group => refused(group, 'expired grant') === 4)
    )
    // Clocks differ, so nobody is to blame for that.
    expect([thief, listener].map(group => memberOf(group).links.size)).toEqual([2, 2])
    expect(inboxes.map(({ messages }) => messages)).toEqual(Array(2).fill(['early', 'in the last moment']))
  })
})
