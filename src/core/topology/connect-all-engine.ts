import type { TopologyEffect as AnyEffect, TopologyInput } from './topology-engine.ts'

type TopologyEffect = Extract<AnyEffect, { type: 'dial' | 'setTimer' }>

/** First pause after a failed dial. Guess: a peer that restarts is back within seconds. */
const FIRST_RETRY_MS = 1_000

/** Longest pause between dials to a peer that does not answer: rule T6, measured in simulation. */
const LAST_RETRY_MS = 300_000

/**
 * News of candidates come in bursts; dials wait this long for the rest of one, so that the choice among them is at random and not by who was named first: else
 * everybody would link to the same few. Guess: far below what anybody notices.
 */
const GATHER_MS = 10

/** What the engine knows of a peer that is not forgotten yet. */
interface Candidate {
  state: 'idle' | 'dialing' | 'linked'
  wanted: boolean
  failures: number
  retryAtMs: number
}

/** How {@link ConnectAllEngine} is made. */
export interface ConnectAllInit {
  /** Links it tries to have. */
  readonly maxNeighbors: number
  /** Links it accepts. Above `maxNeighbors`: everybody's own links are links of somebody else. Who is refused tries another. */
  readonly maxAccepted: number
  /** Candidates it remembers. */
  readonly maxCandidates: number
  /** 0 ≤ x < 1: chooses among candidates, and spreads retries, so that those who lost the same peer do not all come back at once. */
  readonly random: () => number
}

/**
 * Links to everybody it hears of, up to a number. A full mesh while the group is small, and connected at random beyond; the ring takes its
 * place when groups are to grow.
 *
 * Invariants: never more than `maxNeighbors` links and dials of its own making, other than wanted ones; one dial per peer at a time; a failed peer
 * is dialed again after 1 s × 2ⁿ, up to 300 s, and news of it do not shorten that by more than to the first pause.
 */
export class ConnectAllEngine {
  readonly #init: ConnectAllInit
  readonly #candidates = new Map<string, Candidate>()

  constructor(init: ConnectAllInit) {
    this.#init = init
  }

  handle(input: TopologyInput, nowMs: number): TopologyEffect[] {
    switch (input.type) {
      case 'candidate':
        this.#onCandidate(input.peer, nowMs)
        break
      case 'wanted':
        this.#onWanted(input.peer, nowMs)
        break
      case 'linkUp':
        Object.assign(this.#candidate(input.peer), { state: 'linked', failures: 0 })
        break
      case 'linkDown':
      case 'dialFailed':
        this.#onFailed(input.peer, nowMs)
        break
      case 'pathsChanged':
        this.#onPathsChanged(nowMs)
        break
      default:
        break
    }
    return this.#dialAndWait(nowMs)
  }

  accepts(peer: string): boolean {
    return this.#count('linked') < this.#init.maxAccepted || this.#candidates.get(peer)?.state === 'linked'
  }

  #onCandidate(peer: string, nowMs: number): void {
    const candidate = this.#candidate(peer)
    // News: somebody has seen it since it failed.
    const soonestMs = nowMs + (candidate.failures > 0 ? FIRST_RETRY_MS : GATHER_MS)
    candidate.retryAtMs = Math.min(candidate.retryAtMs, soonestMs)
  }

  #onWanted(peer: string, nowMs: number): void {
    const candidate = this.#candidate(peer)
    candidate.wanted = true
    candidate.retryAtMs = nowMs
  }

  #onPathsChanged(nowMs: number): void {
    for (const candidate of this.#candidates.values()) {
      if (candidate.failures === 0) continue
      candidate.failures = 0
      candidate.retryAtMs = Math.min(candidate.retryAtMs, nowMs + GATHER_MS)
    }
  }

  #onFailed(peer: string, nowMs: number): void {
    const candidate = this.#candidate(peer)
    const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** candidate.failures, LAST_RETRY_MS)
    candidate.state = 'idle'
    candidate.failures += 1
    candidate.retryAtMs = nowMs + pauseMs * (1 + this.#init.random() / 2)
  }

  #candidate(peer: string): Candidate {
    const known = this.#candidates.get(peer)
    if (known !== undefined) return known
    const candidate: Candidate = {
      state: 'idle',
      wanted: false,
      failures: 0,
      retryAtMs: Number.POSITIVE_INFINITY
    }
    this.#candidates.set(peer, candidate)
    if (this.#candidates.size > this.#init.maxCandidates) this.#forgetOne(peer)
    return candidate
  }

  /** The one heard of longest ago, of those that nothing is being done with. */
  #forgetOne(except: string): void {
    for (const [peer, { state, wanted }] of this.#candidates) {
      if (state !== 'idle' || wanted || peer === except) continue
      this.#candidates.delete(peer)
      return
    }
  }

  #dialAndWait(nowMs: number): TopologyEffect[] {
    const idle = [...this.#candidates].filter(([, { state }]) => state === 'idle')
    const effects: TopologyEffect[] = this.#choose(
      idle.filter(([, { retryAtMs }]) => retryAtMs <= nowMs)
    ).map(([peer, candidate]) => {
      candidate.state = 'dialing'
      return { type: 'dial', peer }
    })
    const nextMs = Math.min(...idle.map(([, { retryAtMs }]) => retryAtMs).filter(atMs => atMs > nowMs))
    if (nextMs < Number.POSITIVE_INFINITY) effects.push({ type: 'setTimer', afterMs: nextMs - nowMs })
    return effects
  }

  /** Who is dialed of those that may be: the wanted ones, and others at random while there is room. */
  #choose(ready: [string, Candidate][]): [string, Candidate][] {
    const wanted = ready.filter(([, candidate]) => candidate.wanted)
    const others = ready.filter(([, candidate]) => !candidate.wanted)
    const chosen = [...wanted]
    const room = this.#init.maxNeighbors - this.#count('linked') - this.#count('dialing') - wanted.length
    for (let left = room; left > 0 && others.length > 0; left--)
      chosen.push(...others.splice(Math.floor(this.#init.random() * others.length), 1))
    return chosen
  }

  #count(state: Candidate['state']): number {
    let count = 0
    for (const candidate of this.#candidates.values()) if (candidate.state === state) count += 1
    return count
  }
}
