// How many messages of 1 KiB a routing engine handles per second and core: its share of what a member does, without signatures, codecs and sockets.
//
//   npm run bench:routing-engine
//
// A ring of 1,000 engines in this process, each with three neighbors on either side and others up to 27; messages go from anybody to anybody, each hop is
// acknowledged, and what is still unacknowledged is kept meanwhile, as it is in a member: so many at a time are under way. A handling is all that one member does
// with a message: takes it, acknowledges it, chooses, sends it on, and has that acknowledged. Seconds are those of the processor, collecting garbage included.

import { RingRoutingEngine } from '../../src/core/routing/ring-routing-engine.ts'
import type { RoutedMessage, RoutingEffect, RoutingInput } from '../../src/core/routing/routing-engine.ts'
import { type Place, placeOf } from '../../src/shared/ring.ts'
import { seededRandom } from '../../src/shared/seeded-random.ts'
import { median } from '../support/median.ts'

const MEMBERS = 1_000
const NEIGHBORS = 27
const MESSAGES = 50_000
const AT_A_TIME = 1_000
const BARS = { handlingsPerSecond: 20_000 }
const rounds = Number(process.env['ROUNDS'] ?? 5)

interface Member {
  readonly peer: string
  readonly place: Place
  readonly engine: RingRoutingEngine
  readonly links: Set<string>
}

const random = seededRandom(1)
const members = ring()
const byPeer = new Map(members.map(member => [member.peer, member]))
const payload = new Uint8Array(1_024)

function ring(): Member[] {
  const places = Array.from({ length: MEMBERS }, () =>
    placeOf(Uint8Array.from({ length: 32 }, () => random() * 256))
  ).sort((a, b) => a.fraction - b.fraction)
  const placeOfPeer = (peer: string): Place => places[Number(peer.slice(20))] as Place
  const made = places.map((place, index) => {
    const peer = `12D3KooW${'x'.repeat(12)}${index}`
    const engine = new RingRoutingEngine({ peer, place, placeOf: placeOfPeer })
    return { peer, place, engine, links: new Set<string>() }
  })
  for (let distance = 1; distance <= 3; distance++)
    for (let index = 0; index < MEMBERS; index++) link(made, index, index + distance)
  // Over all octaves alike.
  for (let tries = 0; tries < MEMBERS * NEIGHBORS; tries++) {
    const index = Math.floor(random() * MEMBERS)
    link(made, index, index + Math.floor(4 * (MEMBERS / 8) ** random()))
  }
  return made
}

function link(made: Member[], from: number, to: number): void {
  const [a, b] = [made[from % MEMBERS] as Member, made[to % MEMBERS] as Member]
  if (a === b || a.links.has(b.peer) || a.links.size >= NEIGHBORS || b.links.size >= NEIGHBORS) return
  a.links.add(b.peer)
  b.links.add(a.peer)
  a.engine.handle({ type: 'linkUp', peer: b.peer, place: b.place, rttMs: 50 }, 0)
  b.engine.handle({ type: 'linkUp', peer: a.peer, place: a.place, rttMs: 50 }, 0)
}

/** What a member is to be told next. */
interface Step {
  readonly at: Member
  readonly input: RoutingInput
}

function stepsOf({ peer }: Member, effects: RoutingEffect[], steps: Step[]): void {
  for (const effect of effects) {
    const at = byPeer.get('to' in effect ? effect.to : peer) as Member
    if (effect.type === 'sendRouted')
      steps.push({ at, input: { type: 'routed', from: peer, travel: effect.travel } })
    else if (effect.type === 'sendHopAck')
      steps.push({ at, input: { type: 'hopAck', from: peer, id: effect.id } })
    else if (effect.type === 'verify')
      steps.push({ at, input: { type: 'verified', travel: effect.travel, from: effect.from, isTrue: true } })
  }
}

function messageOf(number: number): { from: Member; message: RoutedMessage } {
  const from = members[Math.floor(random() * MEMBERS)] as Member
  const target = (members[Math.floor(random() * MEMBERS)] as Member).place
  const id = new Uint8Array(16)
  new DataView(id.buffer).setUint32(0, number)
  const message = {
    ...{ id, originator: from.peer, target, mode: 'exact' as const, sentAtMs: 0, channel: '', payload },
    ...{ signature: new Uint8Array(64), key: undefined, wantsReceipt: false }
  }
  return { from, message }
}

let numbered = 0

/** Lets all messages arrive, so many at a time; answers what that took. */
function round(nowMs: number): { handlings: number; delivered: number; seconds: number } {
  const messages = Array.from({ length: MESSAGES }, () => messageOf(numbered++))
  let [handlings, delivered] = [0, 0]
  const startedAt = process.cpuUsage()
  for (let first = 0; first < MESSAGES; first += AT_A_TIME) {
    let steps: Step[] = messages
      .slice(first, first + AT_A_TIME)
      .map(({ from, message }) => ({ at: from, input: { type: 'send', message } }))
    while (steps.length > 0) {
      const next: Step[] = []
      for (const { at, input } of steps) {
        if (input.type === 'routed') handlings += 1
        const effects = at.engine.handle(input, nowMs)
        if (effects.some(({ type }) => type === 'deliver')) delivered += 1
        stepsOf(at, effects, next)
      }
      steps = next
    }
  }
  const { user, system } = process.cpuUsage(startedAt)
  return { handlings, delivered, seconds: (user + system) / 1e6 }
}

round(0)
const results = Array.from({ length: rounds }, (_, index) => round(index + 1))
const figures = {
  handlingsPerSecond: Math.round(median(results.map(({ handlings, seconds }) => handlings / seconds))),
  messagesPerSecond: Math.round(median(results.map(({ seconds }) => MESSAGES / seconds))),
  hops: median(results.map(({ handlings }) => handlings / MESSAGES)),
  delivered: Math.min(...results.map(({ delivered }) => delivered / MESSAGES)),
  neighbors: median(members.map(({ links }) => links.size))
}
console.table(
  results.map(({ handlings, delivered, seconds }) => ({
    'handlings/s': Math.round(handlings / seconds),
    'µs/handling': Number(((seconds * 1e6) / handlings).toFixed(2)),
    'messages/s, end to end': Math.round(MESSAGES / seconds),
    delivered
  }))
)
console.log(JSON.stringify({ figures, bars: BARS }))
process.exitCode = figures.handlingsPerSecond >= BARS.handlingsPerSecond && figures.delivered === 1 ? 0 : 1
