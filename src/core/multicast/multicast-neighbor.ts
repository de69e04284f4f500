import { MAX_PULLED_FRAGMENTS, MAX_UNASKED_FRAGMENTS } from '../../wire/limits.ts'
import { type AvailabilityMap, EMPTY_MAP, highestOf, mapHas } from './availability-map.ts'
import type { StreamInfo } from './multicast-engine.ts'
import { peerDigest } from './peer-digest.ts'

/** Pause before a stripe is asked for again at a neighbor that refused it, in ms: doubled each time, up to the second one. Guess. */
const REFUSED_MS = 300
const MAX_REFUSED_MS = 4_000

/** The same where it promised to be quicker than another, and was not, in ms. Guess: queues have changed by then. */
const DISPROVED_MS = 5_000
const MAX_DISPROVED_MS = 60_000

/** Fragments that came for nothing, made good by one of use. Guess: a stripe that moves brings one or two. */
const USEFUL_FORGIVES = 4

const NO_PATH: readonly number[] = []

/** Fragments that came over a link for nothing. They count on when its neighbor begins anew. */
export interface Unasked {
  count: number
}

/** A neighbor that carries the stream: what it told, and what stands between it and this member. */
export class MulticastNeighbor {
  readonly peer: string
  readonly digest: number
  rttMs: number
  /** When anything was last heard from it. */
  heardAtMs: number
  uplinkKbps = 0
  rateKbps = 0
  free = 0
  weakestKbps = 0
  queueMs = 0
  map: AvailabilityMap = EMPTY_MAP
  /** By stripe; infinite where it has no parent. */
  readonly delaysMs: Float64Array
  readonly paths: (readonly number[])[]
  /** Stripes that it would give to one more. */
  openMask = 0
  /** It gets these from this member. */
  childMask = 0
  /** Of which it has children of its own. */
  interior = 0
  childSinceMs = 0
  /** This member gets these from it, and has asked for these. */
  parentMask = 0
  pendingMask = 0
  /** Fragments asked of it, and when. */
  readonly asked: Map<number, number> = new Map()
  /** Asked for, and given up; they may come all the same. */
  readonly overdue: Set<number> = new Set()
  /** It is asked for nothing before, in ms: too much waits there. */
  busyUntilMs = 0
  readonly #refusedUntilMs: Float64Array
  readonly #refusals: Uint8Array
  readonly #disproofs: Uint8Array
  readonly #unasked: Unasked
  #toldOpen = 0

  constructor(peer: string, rttMs: number, stripes: number, nowMs: number, unasked: Unasked) {
    this.peer = peer
    this.#unasked = unasked
    this.digest = peerDigest(peer)
    this.rttMs = rttMs
    this.heardAtMs = nowMs
    this.delaysMs = new Float64Array(stripes).fill(Number.POSITIVE_INFINITY)
    this.paths = new Array<readonly number[]>(stripes).fill(NO_PATH)
    this.#refusedUntilMs = new Float64Array(stripes)
    this.#refusals = new Uint8Array(stripes)
    this.#disproofs = new Uint8Array(stripes)
  }

  onInfo(info: StreamInfo): void {
    this.uplinkKbps = info.uplinkKbps
    this.free = info.free
    this.weakestKbps = info.weakestKbps
    this.queueMs = info.queueMs
    for (let stripe = 0; stripe < this.delaysMs.length; stripe++)
      if ((info.open & ~this.#toldOpen & (1 << stripe)) !== 0 && this.#refusals[stripe] !== 0)
        this.#refusedUntilMs[stripe] = 0
    this.#toldOpen = info.open
    this.openMask = info.open
    for (const { stripe, delayMs, path } of info.stripes) {
      this.delaysMs[stripe] = delayMs ?? Number.POSITIVE_INFINITY
      this.paths[stripe] = path
    }
  }

  has(number: number): boolean {
    return mapHas(this.map, number)
  }

  get highest(): number {
    return highestOf(this.map)
  }

  mayBeAsked(stripe: number, nowMs: number): boolean {
    return nowMs >= (this.#refusedUntilMs[stripe] as number)
  }

  /** It does not push this stripe, or no more. @param random 0 ≤ x < 1: many are refused at once and would come again at once */
  onRefused(stripe: number, nowMs: number, random: number): void {
    const times = this.#refusals[stripe] as number
    const pauseMs = Math.min(REFUSED_MS * 2 ** times, MAX_REFUSED_MS) * (0.75 + 0.5 * random)
    this.#refusedUntilMs[stripe] = nowMs + pauseMs
    this.#refusals[stripe] = Math.min(times + 1, 8)
    // As long as it says nothing else.
    this.openMask &= ~(1 << stripe)
    this.weakestKbps = 0
  }

  /** It pushes this stripe no sooner than another. */
  onDisproved(stripe: number, nowMs: number): void {
    const times = this.#disproofs[stripe] as number
    this.#refusedUntilMs[stripe] = nowMs + Math.min(DISPROVED_MS * 2 ** times, MAX_DISPROVED_MS)
    this.#disproofs[stripe] = Math.min(times + 1, 8)
  }

  onAccepted(stripe: number): void {
    this.#refusals[stripe] = 0
  }

  /** It was asked for this one, and will not be waited for. */
  giveUp(number: number): void {
    this.asked.delete(number)
    this.overdue.add(number)
    for (const oldest of this.overdue) {
      if (this.overdue.size <= MAX_PULLED_FRAGMENTS) break
      this.overdue.delete(oldest)
    }
  }

  /** It has sent this one. @returns was it asked to? */
  onAnswered(number: number): boolean {
    return this.asked.delete(number) || this.overdue.delete(number)
  }

  /** One that was of use. */
  onUseful(): void {
    this.#unasked.count = Math.max(0, this.#unasked.count - USEFUL_FORGIVES)
  }

  /** One that was not asked for and not new. @returns is it one too many? Then they are counted anew. */
  onUnasked(): boolean {
    this.#unasked.count += 1
    if (this.#unasked.count < MAX_UNASKED_FRAGMENTS) return false
    this.#unasked.count = 0
    return true
  }
}
