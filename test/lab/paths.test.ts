import { afterEach, describe, expect, test } from 'vitest'
import { killCliProcesses } from '../support/cli-process.ts'
import { Lab } from '../support/lab/lab.ts'
import { bestPath, LabGroup } from '../support/lab/lab-group.ts'
import type { LabPeer } from '../support/lab/lab-peer.ts'
import { LabRelay } from '../support/lab/lab-relay.ts'
import { whyNoLab } from '../support/lab/why-no-lab.ts'
import { rowsOf } from '../support/peer-process.ts'
import { until } from '../support/until.ts'

const SETTLED_WITHIN_MS = 15_000

/** How long a link whose path has died may take to go on by another, in ms. */
const HEALED_WITHIN_MS = 30_000

const POST_EVERY_MS = 500

const why = await whyNoLab()
if (why !== undefined) console.log(`test/lab/paths.test.ts is skipped: ${why}`)

afterEach(killCliProcesses)

describe.skipIf(why !== undefined)('a link', () => {
  test('falls back to the relay when its path dies, and the application notices nothing but a delay', {
    timeout: 90_000
  }, async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    await using relay = await LabRelay.start(await lab.publicHost())
    const group = new LabGroup({ endpoints: [relay.address] })
    const one = await group.join('restricted 1', (await lab.hostBehind('port-restricted')).host)
    const other = await group.join('restricted 2', (await lab.hostBehind('port-restricted')).host)
    await group.untilPaths(() => 'punched', SETTLED_WITHIN_MS)
    await group.everybodyPosts()

    await lab.internet.block(one.host, other.host, { udp: true })
    const blockedAt = performance.now()
    const posted = postUntil(one, () => heardAfter(other, one, blockedText(0)))
    await group.untilPaths(() => 'relayed', HEALED_WITHIN_MS)
    const texts = await posted
    const gapMs = performance.now() - blockedAt
    // What was posted into the dead path arrives too.
    await until('every post made meanwhile', () => texts.every(text => other.heardFrom(one).includes(text)))
    await group.everybodyPosts()
    console.log(`UDP between two blocked: the first post after it arrived ${Math.round(gapMs)} ms later`)
    expect(gapMs).toBeLessThan(HEALED_WITHIN_MS)
    expect([...one.lossesOf(other), ...other.lossesOf(one)]).toEqual([])
    expect(group.repeated).toEqual([])
  })

  test('heals when a host moves to another network, and the peer is the same', {
    timeout: 120_000
  }, async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    await using relay = await LabRelay.start(await lab.publicHost())
    const elsewhere = await lab.nat('port-restricted', { network: '192.168.2' })
    const group = new LabGroup({ endpoints: [relay.address] })
    const mover = await group.join('mover', (await lab.hostBehind('port-restricted')).host)
    await group.join('restricted', (await lab.hostBehind('port-restricted')).host)
    await group.join('symmetric', (await lab.hostBehind('symmetric')).host)
    await group.join('public', await lab.publicHost())
    await group.untilPaths(bestPath, SETTLED_WITHIN_MS)

    const changes = rowsOf(mover.process, 'NetworkChange').length
    await mover.host.moveTo(elsewhere)
    const movedAt = performance.now()
    await until(
      'the application is told that the network has changed',
      () => rowsOf(mover.process, 'NetworkChange').length > changes,
      HEALED_WITHIN_MS
    )
    await group.everybodyPosts(HEALED_WITHIN_MS - (performance.now() - movedAt))
    console.log(
      `moved to another network: everybody hears everybody ${Math.round(performance.now() - movedAt)} ms later`
    )
    await group.untilPaths(bestPath, 2 * HEALED_WITHIN_MS)
    await group.everybodyPosts()
    expect(group.repeated).toEqual([])
  })

  test('heals when a cable was pulled for a while', { timeout: 120_000 }, async () => {
    await using lab = await Lab.create()
    await using _processes = { [Symbol.asyncDispose]: killCliProcesses }
    await using relay = await LabRelay.start(await lab.publicHost())
    const group = new LabGroup({ endpoints: [relay.address] })
    const one = await group.join('restricted', (await lab.hostBehind('port-restricted')).host)
    const other = await group.join('public', await lab.publicHost())
    await group.untilPaths(bestPath, SETTLED_WITHIN_MS)
    await one.host.disconnect()
    await until('the loss is noticed', () => other.pathTo(one) === undefined, 60_000)
    await one.host.reconnect()
    await group.untilPaths(bestPath, HEALED_WITHIN_MS)
    await group.everybodyPosts()
  })
})

function blockedText(number: number): string {
  return `posted while the path was dead ${number}`
}

/** Has this post been heard? */
function heardAfter(hearer: LabPeer, poster: LabPeer, text: string): boolean {
  return hearer.heardFrom(poster).includes(text)
}

/** Posts again and again until it holds, and gives what was posted. */
async function postUntil(peer: LabPeer, holds: () => boolean): Promise<string[]> {
  const texts: string[] = []
  while (!holds() && texts.length < HEALED_WITHIN_MS / POST_EVERY_MS) {
    const text = blockedText(texts.length)
    texts.push(text)
    peer.post(text)
    await until('', holds, POST_EVERY_MS).catch(() => {})
  }
  return texts
}
