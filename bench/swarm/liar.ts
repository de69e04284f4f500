import { RingEngine } from '../../src/core/topology/ring-engine.ts'
import type {
  TopologyEffect,
  TopologyEngine,
  TopologyInit,
  TopologyInput
} from '../../src/core/topology/topology-engine.ts'
import { type Coverage, ringDistance } from '../../src/shared/ring.ts'
import { RingOracle } from '../../test/support/sim-network/ring-oracle.ts'
import type { SimGroup } from '../../test/support/sim-network/sim-group.ts'
import { groupUnderTest, joinAll, SETTLING_MS } from './group-under-test.ts'
import type { Figures, Scenario } from './scenario.ts'

const INVENTED = 1_000

/** How often the liar lies to each of its neighbors, in ms; and how many it names each time: as many as a report may hold. */
const LIES_EVERY_MS = 1_000
const NAMES = 64

/** False seekers to each neighbor each time. */
const FALSE_SEEKERS = 16

const LYING_MS = 120_000

/** How often it is looked whether everybody still has its neighbors on the ring, in ms. */
const EVERY_MS = 1_000

/** Links as an honest member does, and tells everybody each second of those invented peers that would be nearest to them, and that the group is tiny. */
class Liar implements TopologyEngine {
  readonly #init: TopologyInit
  readonly #honest: RingEngine
  readonly #invented: readonly string[]
  readonly #links = new Set<string>()
  #liesAtMs = 0
  #honestAtMs = Number.POSITIVE_INFINITY
  /** Of each neighbor, the invented ones that are nearest to it. */
  readonly #nearest = new Map<string, readonly string[]>()
  #turn = 0

  constructor(init: TopologyInit, invented: readonly string[]) {
    this.#init = init
    this.#invented = invented
    this.#honest = new RingEngine(init)
  }

  handle(input: TopologyInput, nowMs: number): TopologyEffect[] {
    if (input.type === 'linkUp') this.#links.add(input.peer)
    if (input.type === 'linkDown') this.#links.delete(input.peer)
    const effects: TopologyEffect[] = []
    for (const effect of this.#honest.handle(input, nowMs))
      if (effect.type === 'setTimer') this.#honestAtMs = nowMs + effect.afterMs
      else if (effect.type === 'dial' || effect.type === 'sendWanting') effects.push(effect)
    if (nowMs >= this.#liesAtMs) {
      this.#liesAtMs = nowMs + LIES_EVERY_MS
      for (const to of this.#links) effects.push(this.#lie(to), ...this.#falseSeekers(to))
    }
    const nextMs = Math.min(
      this.#honestAtMs > nowMs ? this.#honestAtMs : Number.POSITIVE_INFINITY,
      this.#liesAtMs
    )
    effects.push({ type: 'setTimer', afterMs: nextMs - nowMs })
    return effects
  }

  takesSeeker(from: string, nowMs: number): boolean {
    return this.#honest.takesSeeker(from, nowMs)
  }

  accepts(): boolean {
    return true
  }

  estimateMemberCount(nowMs: number): number {
    return this.#honest.estimateMemberCount(nowMs)
  }

  get coverage(): Coverage {
    return this.#honest.coverage
  }

  /** Half of them the nearest of all, the others one after the other, until everyone has been told of all. */
  #lie(to: string): TopologyEffect {
    const nearest = this.#nearest.get(to) ?? this.#nearestTo(to)
    const start = (this.#turn++ * (NAMES / 2)) % this.#invented.length
    const members = [...nearest, ...this.#invented.slice(start, start + NAMES / 2)]
    return { type: 'sendReport', to, report: { members, span: 1, isRingNeighbor: true } }
  }

  /** More than are taken at once. */
  #falseSeekers(to: string): TopologyEffect[] {
    const nearest = this.#nearest.get(to) ?? []
    return nearest.slice(0, FALSE_SEEKERS).map(peer => ({ type: 'sendSeeker', to, peer }))
  }

  #nearestTo(to: string): readonly string[] {
    const place = this.#init.placeOf(to)
    const distance = (peer: string): number => ringDistance(place, this.#init.placeOf(peer))
    const nearest = [...this.#invented].sort((a, b) => distance(a) - distance(b)).slice(0, NAMES / 2)
    this.#nearest.set(to, nearest)
    return nearest
  }
}

/** Counts each one's dials, and keeps the most within any second. */
class DialCounter {
  mostPerSecond = 0
  count = 0
  readonly #recent = new Map<string, number[]>()

  add(peer: string, nowMs: number): void {
    const recent = (this.#recent.get(peer) ?? []).filter(atMs => atMs > nowMs - 1_000)
    recent.push(nowMs)
    this.#recent.set(peer, recent)
    this.count += 1
    this.mostPerSecond = Math.max(this.mostPerSecond, recent.length)
  }
}

/** Names of peers that are not there: most never were, the others are members that have gone. */
function invent(group: SimGroup, gone: readonly string[]): string[] {
  const never = Array.from({ length: INVENTED - gone.length }, (_, i) => `invented${i}`)
  for (const name of never) group.place(name)
  return [...gone, ...never]
}

function run(size: number, seed: number): Figures {
  const group = groupUnderTest(seed)
  const { network } = group
  joinAll(group, size)
  const leaving = group.sample(Math.floor(size / 10))
  for (const member of leaving) group.leave(member)
  network.advance(SETTLING_MS)
  const honest = [...group.members.values()]
  const before = new RingOracle(honest)
  const wrongBefore = before.wrong().length
  const dials = new DialCounter()
  const invented = invent(
    group,
    leaving.map(({ peer }) => peer)
  )
  const liar = group.join({ name: 'liar', engine: init => new Liar(init, invented) })
  network.onDial = ({ name }) => {
    if (name !== 'liar') dials.add(name, network.nowMs)
  }
  const oracle = new RingOracle([...honest, liar])
  let lost = 0
  for (let ms = 0; ms < LYING_MS; ms += EVERY_MS) {
    network.advance(EVERY_MS)
    // The liar has come to the ring by then.
    if (ms >= 10_000) lost += oracle.wrong().length
  }
  const truth = new RingOracle(honest)
  return {
    wrongBefore,
    memberSecondsWithoutRingNeighbor: lost,
    dialsPerSMax: dials.mostPerSecond,
    dialsPerMemberAndMinute: dials.count / honest.length / (LYING_MS / 60_000),
    liarLinks: liar.links.size,
    estimateErrorMedian: truth.estimateErrors(network.nowMs).median,
    estimateErrorP95: truth.estimateErrors(network.nowMs).p95,
    components: truth.components()
  }
}

/** Must hold 5; what a member holds is bounded by the engine, whose unit tests count it. */
export const liar: Scenario = {
  name: 'liar',
  about: 'a member tells all its neighbors each second of a thousand peers that are not there',
  sizes: [100, 1_000],
  bars: () => ({
    wrongBefore: { atMost: 0 },
    memberSecondsWithoutRingNeighbor: { atMost: 0 },
    dialsPerSMax: { atMost: 5 },
    components: { atMost: 1 }
  }),
  run
}
