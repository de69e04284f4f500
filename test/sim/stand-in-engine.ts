import { ConnectAllEngine } from '../../src/core/topology/connect-all-engine.ts'
import type {
  TopologyEffect,
  TopologyEngine,
  TopologyInit,
  TopologyInput
} from '../../src/core/topology/topology-engine.ts'
import { type Coverage, coverageOf } from '../../src/shared/ring.ts'

/** A tick in which it reports, in ms. */
const TICK_MS = 1_000

/** Tells one neighbor a second of all others, and links to all it hears of: enough to set the simulator in motion, in groups of a few dozen. */
export class StandInEngine implements TopologyEngine {
  readonly #init: TopologyInit
  readonly #policy: ConnectAllEngine
  readonly #links = new Set<string>()
  #retryAtMs = Number.POSITIVE_INFINITY
  #reportAtMs = 0

  constructor(init: TopologyInit) {
    this.#init = init
    this.#policy = new ConnectAllEngine({
      maxNeighbors: 100,
      maxAccepted: 200,
      maxCandidates: 200,
      random: init.random
    })
  }

  handle(input: TopologyInput, nowMs: number): TopologyEffect[] {
    if (input.type === 'linkUp') this.#links.add(input.peer)
    if (input.type === 'linkDown') this.#links.delete(input.peer)
    const heard = input.type === 'report' ? input.report.members.map(({ peer }) => peer) : []
    const inputs: TopologyInput[] = [
      input,
      ...heard
        .filter(peer => peer !== this.#init.peer && !this.#links.has(peer))
        .map(peer => ({ type: 'candidate' as const, peer }))
    ]
    const effects: TopologyEffect[] = []
    for (const effect of inputs.flatMap(each => this.#policy.handle(each, nowMs)))
      if (effect.type === 'setTimer') this.#retryAtMs = nowMs + effect.afterMs
      else effects.push(effect)
    if (nowMs >= this.#reportAtMs) effects.push(...this.#report(nowMs))
    effects.push({
      type: 'setTimer',
      afterMs: Math.max(1, Math.min(this.#retryAtMs, this.#reportAtMs) - nowMs)
    })
    if (nowMs >= this.#retryAtMs) this.#retryAtMs = Number.POSITIVE_INFINITY
    return effects
  }

  accepts(peer: string): boolean {
    return this.#policy.accepts(peer)
  }

  get estimatedMemberCount(): number {
    return this.#links.size + 1
  }

  get coverage(): Coverage {
    const own = this.#init.placeOf(this.#init.peer)
    const sorted = [...this.#links]
      .map(this.#init.placeOf)
      .sort(
        (a, b) =>
          Number(a.fraction < own.fraction) - Number(b.fraction < own.fraction) || a.fraction - b.fraction
      )
    return coverageOf(own, sorted.at(-1) ?? own, sorted[0] ?? own)
  }

  #report(nowMs: number): TopologyEffect[] {
    this.#reportAtMs = nowMs + TICK_MS
    const links = [...this.#links]
    const to = links[Math.floor(this.#init.random() * links.length)]
    if (to === undefined) return []
    const members = links.filter(peer => peer !== to).map(peer => ({ peer, ageMs: 0 }))
    return [{ type: 'sendReport', to, report: { members, span: 0, known: links.length + 1 } }]
  }
}
