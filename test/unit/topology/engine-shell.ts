import { RingEngine } from '../../../src/core/topology/ring-engine.ts'
import type { TopologyEffect, TopologyInput } from '../../../src/core/topology/topology-engine.ts'
import { type Place, placeOf } from '../../../src/shared/ring.ts'
import { seededRandom } from '../../../src/shared/seeded-random.ts'

/** The place at this fraction of the ring. */
export function placeAt(fraction: number): Place {
  const address = new Uint8Array(32)
  new DataView(address.buffer).setUint32(0, Math.round(fraction * 2 ** 32))
  return placeOf(address)
}

/** A peer is named by where it is: `'0.25'` a quarter of the ring from the beginning; `'0.25/x'` another one at nearly the same place. */
export function placeOfName(peer: string): Place {
  const [fraction = '0', suffix = ''] = peer.split('/')
  const place = placeAt(Number(fraction))
  place.address.set(new TextEncoder().encode(suffix.slice(0, 20)), 8)
  return placeOf(place.address)
}

/** An engine with the shell around it, whose dials stay open until the test ends them. */
export class EngineShell {
  readonly engine: RingEngine
  readonly effects: { effect: TopologyEffect; atMs: number }[] = []
  nowMs = 0
  #timerAtMs: number | undefined

  constructor(
    peer = '0',
    options: { maxNeighbors?: number; seed?: number; isInUse?: (peer: string) => boolean } = {}
  ) {
    const { seed = 1, ...rest } = options
    this.engine = new RingEngine({ peer, placeOf: placeOfName, random: seededRandom(seed), ...rest })
  }

  tell(...inputs: TopologyInput[]): this {
    for (const input of inputs) this.#handle(input)
    return this
  }

  candidates(...peers: string[]): this {
    return this.tell(...peers.map(peer => ({ type: 'candidate', peer }) as const))
  }

  linkUp(...peers: string[]): this {
    return this.tell(...peers.map(peer => ({ type: 'linkUp', peer, rttMs: 20 }) as const))
  }

  report(from: string, members: readonly string[], span = 0, isRingNeighbor = false): this {
    return this.tell({ type: 'report', from, report: { members, span, isRingNeighbor } })
  }

  /** As the shell has it: those that are too many go unheard. */
  seeker(from: string, peer: string): this {
    return this.engine.takesSeeker(from, this.nowMs) ? this.tell({ type: 'seeker', from, peer }) : this
  }

  /** Lets time pass; timers fire. */
  advance(ms: number): this {
    const untilMs = this.nowMs + ms
    while (this.#timerAtMs !== undefined && this.#timerAtMs <= untilMs) {
      this.nowMs = this.#timerAtMs
      this.#timerAtMs = undefined
      this.#handle({ type: 'timer' })
    }
    this.nowMs = untilMs
    return this
  }

  /** What of one kind has been asked for, in order. */
  all<T extends TopologyEffect['type']>(
    type: T
  ): (Extract<TopologyEffect, { type: T }> & { atMs: number })[] {
    return this.effects
      .filter(({ effect }) => effect.type === type)
      .map(
        ({ effect, atMs }) => ({ ...effect, atMs }) as Extract<TopologyEffect, { type: T }> & { atMs: number }
      )
  }

  get dialed(): string[] {
    return this.all('dial').map(({ peer }) => peer)
  }

  #handle(input: TopologyInput): void {
    for (const effect of this.engine.handle(input, this.nowMs)) {
      this.effects.push({ effect, atMs: this.nowMs })
      if (effect.type === 'setTimer') this.#timerAtMs = this.nowMs + effect.afterMs
    }
  }
}
