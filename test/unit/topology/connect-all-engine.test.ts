import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConnectAllEngine, type ConnectAllInit } from '../../../src/core/topology/connect-all-engine.ts'
import type { TopologyEffect, TopologyInput } from '../../../src/core/topology/topology-engine.ts'
import { seededRandom } from '../../../src/shared/seeded-random.ts'

/** How long news are gathered before the first dials. */
const GATHER_MS = 10

function engineWith(init: Partial<ConnectAllInit> = {}): ConnectAllEngine {
  return new ConnectAllEngine({
    maxNeighbors: 24,
    maxAccepted: 48,
    maxCandidates: 512,
    random: () => 0,
    ...init
  })
}

const dials = (effects: TopologyEffect[]): string[] =>
  effects.flatMap(effect => (effect.type === 'dial' ? [effect.peer] : []))
const timerOf = (effects: TopologyEffect[]): number | undefined =>
  effects.flatMap(effect => (effect.type === 'setTimer' ? [effect.afterMs] : []))[0]

/** An engine with the shell around it, whose dials stay open until the test ends them. */
class Shell {
  readonly engine: ConnectAllEngine
  readonly dialed: { peer: string; atMs: number }[] = []
  nowMs = 0
  #timerAtMs: number | undefined

  constructor(init: Partial<ConnectAllInit> = {}) {
    this.engine = engineWith(init)
  }

  tell(type: Exclude<TopologyInput['type'], 'timer'>, ...peers: string[]): this {
    for (const peer of peers) this.#handle({ type, peer } as TopologyInput)
    return this
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

  #handle(input: TopologyInput): void {
    const effects = this.engine.handle(input, this.nowMs)
    for (const peer of dials(effects)) this.dialed.push({ peer, atMs: this.nowMs })
    const afterMs = timerOf(effects)
    if (afterMs !== undefined) this.#timerAtMs = this.nowMs + afterMs
  }
}

const peers = (count: number): string[] => Array.from({ length: count }, (_, i) => `p${i}`)

describe('ConnectAllEngine', () => {
  it('dials whom it hears of, once', () => {
    const shell = new Shell().tell('candidate', 'a', 'b', 'a').advance(GATHER_MS).tell('candidate', 'a', 'b')
    shell.advance(60_000)
    expect(shell.dialed.map(({ peer }) => peer).sort()).toEqual(['a', 'b'])
  })

  it('dials at most 24', () => {
    const shell = new Shell().tell('candidate', ...peers(100)).advance(60_000)
    expect(shell.dialed).toHaveLength(24)
    expect(new Set(shell.dialed.map(({ peer }) => peer)).size).toBe(24)
  })

  it('chooses among candidates at random and not by who was named first', () => {
    const chosen = [1, 2, 3].map(seed => {
      const shell = new Shell({ random: seededRandom(seed), maxNeighbors: 3 })
      return shell
        .tell('candidate', ...peers(50))
        .advance(GATHER_MS)
        .dialed.map(({ peer }) => peer)
        .join()
    })
    expect(new Set(chosen).size).toBe(3)
  })

  it('dials another when a link ends and there is room', () => {
    const shell = new Shell({ maxNeighbors: 1 }).tell('candidate', 'a', 'b').advance(GATHER_MS)
    const first = shell.dialed[0]?.peer ?? ''
    const second = first === 'a' ? 'b' : 'a'
    shell.tell('linkUp', first).advance(60_000)
    expect(shell.dialed).toHaveLength(1)
    shell.tell('linkDown', first)
    expect(shell.dialed.at(-1)?.peer).toBe(second)
  })

  it('counts the links that others make: a full member dials nobody', () => {
    const shell = new Shell({ maxNeighbors: 2 })
      .tell('linkUp', 'x', 'y')
      .tell('candidate', 'a')
      .advance(60_000)
    expect(shell.dialed).toEqual([])
  })

  it('dials a failed peer again after 1 s, 2 s, 4 s … and at last every 300 s', () => {
    const shell = new Shell().tell('candidate', 'a').advance(GATHER_MS)
    const pauses: number[] = []
    for (let failure = 0; failure < 12; failure++) {
      const failedAtMs = shell.nowMs
      const count = shell.dialed.length
      shell.tell('dialFailed', 'a')
      while (shell.dialed.length === count) shell.advance(500)
      pauses.push(shell.nowMs - failedAtMs)
    }
    expect(pauses.map(ms => ms / 1_000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
  })

  it('spreads retries by up to half', () => {
    const shell = new Shell({ random: () => 0.999 }).tell('candidate', 'a').advance(GATHER_MS)
    shell.tell('dialFailed', 'a').advance(1_499)
    expect(shell.dialed).toHaveLength(1)
    shell.advance(1)
    expect(shell.dialed).toHaveLength(2)
  })

  it('begins to count failures anew after a link', () => {
    const shell = new Shell().tell('candidate', 'a').advance(GATHER_MS)
    for (let i = 0; i < 5; i++) shell.tell('dialFailed', 'a').advance(40_000)
    shell.tell('linkUp', 'a').tell('linkDown', 'a').advance(1_000)
    expect(shell.dialed.at(-1)?.atMs).toBe(shell.nowMs)
  })

  it('takes news of a failed peer as a reason to try again in 1 s, and not at once', () => {
    const shell = new Shell().tell('candidate', 'a').advance(GATHER_MS)
    for (let i = 0; i < 8; i++) shell.tell('dialFailed', 'a').advance(i === 7 ? 0 : 200_000)
    const count = shell.dialed.length
    shell.tell('candidate', 'a').advance(999)
    expect(shell.dialed).toHaveLength(count)
    shell.advance(1)
    expect(shell.dialed).toHaveLength(count + 1)
  })

  it('dials a wanted peer at once, whatever failed before, and over the usual number', () => {
    const shell = new Shell({ maxNeighbors: 1 }).tell('linkUp', 'x').tell('wanted', 'a')
    expect(shell.dialed).toEqual([{ peer: 'a', atMs: 0 }])
    shell.tell('dialFailed', 'a')
    for (let i = 0; i < 6; i++) shell.advance(100_000).tell('dialFailed', 'a')
    const count = shell.dialed.length
    shell.tell('wanted', 'a')
    expect(shell.dialed).toHaveLength(count + 1)
  })

  it('does not dial a wanted peer that is linked, or being dialed', () => {
    const shell = new Shell().tell('linkUp', 'a').tell('wanted', 'a', 'b', 'b').advance(60_000)
    expect(shell.dialed.map(({ peer }) => peer)).toEqual(['b'])
  })

  it('accepts links up to its bound, and another link of a neighbor always', () => {
    const shell = new Shell({ maxAccepted: 2 }).tell('linkUp', 'a')
    expect(shell.engine.accepts('b')).toBe(true)
    shell.tell('linkUp', 'b')
    expect(shell.engine.accepts('c')).toBe(false)
    expect(shell.engine.accepts('a')).toBe(true)
    shell.tell('linkDown', 'b')
    expect(shell.engine.accepts('c')).toBe(true)
  })

  it('forgets the candidate heard of longest ago when there are too many, and no neighbor', () => {
    const shell = new Shell({ maxCandidates: 3, maxNeighbors: 1 }).tell('linkUp', 'n')
    shell.tell('candidate', 'a', 'b', 'c').tell('linkDown', 'n')
    shell
      .advance(GATHER_MS)
      .tell('dialFailed', shell.dialed[0]?.peer ?? '')
      .advance(0)
    expect(shell.dialed.map(({ peer }) => peer)).not.toContain('a')
  })

  it('keeps its invariants whatever comes in', () => {
    const step = fc.record({
      type: fc.constantFrom('candidate', 'wanted', 'linkUp', 'linkDown', 'dialFailed', 'timer', 'advance'),
      peer: fc.constantFrom(...peers(8)),
      ms: fc.nat({ max: 20_000 })
    } as const)
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 80 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        (steps, maxNeighbors, seed) => {
          const model = new Model(maxNeighbors, seed)
          for (const { type, peer, ms } of steps) model.step(type, peer, ms)
          model.settle()
        }
      ),
      { numRuns: 1_000 }
    )
  })
})

/** A shell that keeps count: checks after every input what the engine promises. */
class Model {
  readonly #engine: ConnectAllEngine
  readonly #maxNeighbors: number
  readonly #dialing = new Set<string>()
  readonly #linked = new Set<string>()
  readonly #wanted = new Set<string>()
  readonly #failedAtMs = new Map<string, number>()
  readonly #known = new Set<string>()
  #nowMs = 0
  #timerAtMs = Number.POSITIVE_INFINITY

  constructor(maxNeighbors: number, seed: number) {
    this.#maxNeighbors = maxNeighbors
    this.#engine = engineWith({ maxNeighbors, maxAccepted: 2 * maxNeighbors, random: seededRandom(seed) })
  }

  step(type: TopologyInput['type'] | 'advance', peer: string, ms: number): void {
    if (type === 'advance') this.#advance(ms)
    else if (type === 'timer') this.#handle({ type })
    else if (type === 'candidate' || type === 'wanted') {
      if (type === 'wanted') this.#wanted.add(peer)
      this.#known.add(peer)
      this.#handle({ type, peer } as TopologyInput)
    } else if (type === 'linkUp' && !this.#linked.has(peer)) {
      if (!this.#engine.accepts(peer) && !this.#dialing.has(peer)) return
      this.#dialing.delete(peer)
      this.#linked.add(peer)
      this.#handle({ type, peer } as TopologyInput)
    } else if (type === 'linkDown' && this.#linked.delete(peer)) this.#fail(type, peer)
    else if (type === 'dialFailed' && this.#dialing.delete(peer)) this.#fail(type, peer)
  }

  /** In the end nobody may be forgotten: whoever is known gets dialed while there is room. */
  settle(): void {
    for (const peer of [...this.#dialing]) this.step('linkUp', peer, 0)
    this.#advance(450_000)
    const idle = [...this.#known].filter(peer => !this.#linked.has(peer) && !this.#dialing.has(peer))
    const isFull = this.#linked.size + this.#dialing.size >= this.#maxNeighbors
    expect(isFull || idle.length === 0).toBe(true)
    expect(idle.filter(peer => this.#wanted.has(peer))).toEqual([])
  }

  #fail(type: 'linkDown' | 'dialFailed', peer: string): void {
    this.#failedAtMs.set(peer, this.#nowMs)
    this.#known.add(peer)
    this.#handle({ type, peer } as TopologyInput)
  }

  #advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    while (this.#timerAtMs <= untilMs) {
      this.#nowMs = this.#timerAtMs
      this.#timerAtMs = Number.POSITIVE_INFINITY
      this.#handle({ type: 'timer' })
    }
    this.#nowMs = untilMs
  }

  #handle(input: TopologyInput): void {
    const effects = this.#engine.handle(input, this.#nowMs)
    for (const peer of dials(effects)) {
      expect(this.#dialing.has(peer)).toBe(false)
      expect(this.#linked.has(peer)).toBe(false)
      const isWanted = this.#wanted.has(peer)
      // 1 s at least, unless the application asks.
      const sinceMs = this.#nowMs - (this.#failedAtMs.get(peer) ?? Number.NEGATIVE_INFINITY)
      expect(isWanted || sinceMs >= 1_000).toBe(true)
      expect(isWanted || this.#linked.size + this.#dialing.size < this.#maxNeighbors).toBe(true)
      this.#dialing.add(peer)
    }
    const afterMs = timerOf(effects)
    if (afterMs === undefined) return
    expect(afterMs).toBeGreaterThan(0)
    expect(afterMs).toBeLessThanOrEqual(450_000)
    this.#timerAtMs = this.#nowMs + afterMs
  }
}
