import { RangeSet } from '../../../src/core/replication/range-set.ts'
import type {
  ReplicationEffect,
  ReplicationInput,
  ReplicationStrategy,
  SetChange
} from '../../../src/core/replication/replication-engine.ts'
import { SwarmEngine } from '../../../src/core/replication/swarm-engine.ts'
import { seededRandom } from '../../../src/shared/seeded-random.ts'

type Range = readonly [start: number, end: number]
type Of<T extends ReplicationEffect['type']> = Extract<ReplicationEffect, { type: T }> & { atMs: number }

/** A change that adds these. */
export function adding(...ranges: readonly Range[]): SetChange {
  return { isWhole: false, added: RangeSet.of(...ranges), removed: new RangeSet() }
}

/** A change that takes these out. */
export function removing(...ranges: readonly Range[]): SetChange {
  return { isWhole: false, added: new RangeSet(), removed: RangeSet.of(...ranges) }
}

/** An engine with a clock and a timer. */
export class EngineShell {
  readonly engine: SwarmEngine
  readonly effects: { effect: ReplicationEffect; atMs: number }[] = []
  nowMs = 0
  #timerAtMs: number | undefined

  constructor(options: { strategy?: ReplicationStrategy; seed?: number } = {}) {
    const { seed = 1, ...rest } = options
    this.engine = new SwarmEngine({ random: seededRandom(seed), ...rest })
  }

  tell(...inputs: ReplicationInput[]): this {
    for (const input of inputs) this.#handle(input)
    return this
  }

  linkUp(...peers: readonly string[]): this {
    return this.tell(...peers.map(peer => ({ type: 'linkUp', peer, isStanding: false }) as const))
  }

  linkDown(peer: string): this {
    return this.tell({ type: 'linkDown', peer })
  }

  /** A neighbor tells that it has these. */
  has(from: string, ...ranges: readonly Range[]): this {
    return this.tell({ type: 'have', from, change: adding(...ranges), asks: false })
  }

  /** A neighbor tells that it wants these. */
  wants(from: string, ...ranges: readonly Range[]): this {
    return this.tell({ type: 'want', from, change: adding(...ranges) })
  }

  want(start: number, end: number = start): this {
    return this.tell({ type: 'addWant', start, end })
  }

  have(start: number, end: number = start): this {
    return this.tell({ type: 'addHave', start, end })
  }

  /** An object comes. @param waiting how many wait there; 1: it is asked for no more at once than before, whatever else waits */
  object(from: string, index: number, waiting = 1): this {
    return this.tell({ type: 'object', from, index, bytes: Uint8Array.of(index % 256), waiting })
  }

  deny(from: string, index: number): this {
    return this.tell({ type: 'denial', from, index, reason: 'denied' })
  }

  request(from: string, ...indices: number[]): this {
    return this.tell(...indices.map(index => ({ type: 'request', from, index }) as const))
  }

  /** The application answers with so many bytes. */
  answer(requestID: number, bytes = 4): this {
    return this.tell({ type: 'answer', requestID, bytes: new Uint8Array(bytes) })
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
  all<T extends ReplicationEffect['type']>(type: T): Of<T>[] {
    return this.effects
      .filter(({ effect }) => effect.type === type)
      .map(({ effect, atMs }) => ({ ...effect, atMs }) as Of<T>)
  }

  /** The same, and forgets all that was asked for until now. */
  take<T extends ReplicationEffect['type']>(type: T): Of<T>[] {
    const all = this.all(type)
    this.effects.length = 0
    return all
  }

  /** Whom it has asked for what: `'peer index'`. */
  get asked(): string[] {
    return this.all('sendRequest').map(({ to, index }) => `${to} ${index}`)
  }

  #handle(input: ReplicationInput): void {
    for (const effect of this.engine.handle(input, this.nowMs)) {
      this.effects.push({ effect, atMs: this.nowMs })
      if (effect.type === 'setTimer') this.#timerAtMs = this.nowMs + effect.afterMs
    }
  }
}
