import { MAX_PULLED_FRAGMENTS, MAX_UNVERIFIED_FRAGMENTS } from '../../wire/limits.ts'
import type { EmitMulticast, PullDenial } from './multicast-engine.ts'
import type { MulticastNeighbor } from './multicast-neighbor.ts'
import type { Parents } from './parents.ts'
import type { StreamState } from './stream-state.ts'

/** What a parent should push and has not is asked for elsewhere when it has been known for so long, in ms. Rule M5: due within 0.8 s, of a buffer of 3 s, less what it takes. */
const DUE_MS = 1_800

/** What has been known to exist for longer is asked for when nothing newer is due, in ms: it comes too late for most who watch. Guess: with {@link DUE_MS}, and what it takes, within a buffer of 3 s. */
const LATE_MS = 2_000

/** A neighbor that gets a stripe with so much delay has what has been known for that long and for this, in ms, whatever its map says, which is told it seldom. Guess. */
const LIKELY_AFTER_MS = 100

/** When an answer is late, in ms; and by how many times what was to be expected. Rule M5. */
const RETRY_MS = 600
const RETRY_FACTOR = 1.5

/** The first so many fragments of all, which nothing can be seen without, are asked for elsewhere when they take longer than a round trip and this, in ms. Guess: a keyframe, and a queue. */
const FIRST_FRAGMENTS = 16
const HURRY_MS = 200

/** Asked for at once: while joining, and later. Rule M8, and a guess: a gap is a few fragments. */
const JOINING_AT_ONCE = 24
const AT_ONCE = 16

/** Waiting at one neighbor: while joining, and later. Guess. */
const JOINING_AT_ONE = 8
const AT_ONE = 6

/** The same before anything has come, when each neighbor is the first to be heard of. Guess: so that several share the keyframe. */
const PROBED_AT_ONE = 3

/** So many in all: nobody has signed yet that they exist. */
const MAX_PROBED = MAX_UNVERIFIED_FRAGMENTS - PROBED_AT_ONE

/** How long the first keyframe is waited for, in ms: whoever has waited so long sees the next one sooner than what is missing of this. Guess. */
const HOPE_MS = 2_500

/** For how long a member is joining, in ms: it fetches from the latest keyframe on. Guess. */
const JOINING_MS = 4_000

/** The part of a neighbor's uplink that pushes leave to pulls when it has no slot free. Rule M1. */
const SPARE = 0.1

/** No fragment is held to take longer than this, in ms. Guess. */
const MAX_EACH_MS = 1_000

/** By how much longer the publisher is held to take, in ms: others should be asked. Guess. */
const PUBLISHER_MS = 500

/** How long a neighbor is left alone that says that too much waits, in ms. Guess. */
const BUSY_MS = 400

/** Deniers of one fragment that are remembered. Guess. */
const MAX_DENIERS = 4

interface Pull {
  of: MulticastNeighbor | undefined
  atMs: number
  retryMs: number
  /** They were asked, and late with it: who was so last stands last. */
  late: readonly MulticastNeighbor[]
  /** They do not have it, whatever their map says. */
  readonly deniers: MulticastNeighbor[]
  /** They were asked before their map told of it, and did not have it then. */
  readonly guesses: MulticastNeighbor[]
}

/** Asks for what pushes have left out. Rules M5, M8. */
export class Pulling {
  readonly #state: StreamState
  readonly #parents: Parents
  readonly #emit: EmitMulticast
  readonly #publisher: string
  readonly #pulls = new Map<number, Pull>()
  #joinedMs = Number.NEGATIVE_INFINITY
  /** What was there already when this member came. */
  #backlogEnd = 0

  constructor(state: StreamState, parents: Parents, emit: EmitMulticast, publisher: string) {
    this.#state = state
    this.#parents = parents
    this.#emit = emit
    this.#publisher = publisher
  }

  /** Fragments asked for and not come, for tests of the bounds. */
  get waiting(): number {
    return this.#pulls.size
  }

  /** The stream begins here. @param backlogEnd the last that was there before */
  onStart(backlogEnd: number, nowMs: number): void {
    this.#joinedMs = nowMs
    this.#backlogEnd = backlogEnd
  }

  /** Before anything has come: asks this neighbor for a few that no other was asked for. */
  probe(neighbor: MulticastNeighbor, from: number, to: number, nowMs: number): void {
    const isTooMuch = neighbor.asked.size >= MAX_PULLED_FRAGMENTS || this.#pulls.size >= MAX_PROBED
    if (isTooMuch) return
    const numbers: number[] = []
    for (let number = from; number <= to && numbers.length < PROBED_AT_ONE; number++)
      if (!this.#pulls.has(number)) numbers.push(number)
    for (const number of numbers) this.#note(number, neighbor, nowMs)
    if (numbers.length > 0) this.#emit({ type: 'sendPull', to: neighbor.peer, numbers })
  }

  /** It has come, from wherever. */
  onCome(number: number): void {
    const pull = this.#pulls.get(number)
    if (pull === undefined) return
    pull.of?.giveUp(number)
    this.#pulls.delete(number)
  }

  onDenial(from: MulticastNeighbor, numbers: readonly number[], reason: PullDenial, nowMs: number): void {
    if (reason === 'busy') from.busyUntilMs = nowMs + BUSY_MS
    for (const number of numbers) {
      if (!from.onAnswered(number)) continue
      const pull = this.#pulls.get(number)
      if (pull === undefined) continue
      if (pull.of === from) pull.of = undefined
      const deniers = from.has(number) ? pull.deniers : pull.guesses
      if (reason === 'absent' && deniers.length < MAX_DENIERS) deniers.push(from)
    }
  }

  onGone(neighbor: MulticastNeighbor): void {
    for (const number of neighbor.asked.keys()) {
      const pull = this.#pulls.get(number)
      if (pull?.of === neighbor) pull.of = undefined
    }
    neighbor.asked.clear()
  }

  /** To be called often. */
  tick(nowMs: number): void {
    const { store } = this.#state
    if (store.start === undefined || store.base >= store.known) return
    for (const number of this.#pulls.keys()) if (number <= store.base) this.onCome(number)
    const isJoining = nowMs - this.#joinedMs < JOINING_MS
    if (isJoining && this.#isHopeless(nowMs)) {
      store.giveUp(this.#backlogEnd)
      if (store.highest >= this.#backlogEnd) this.#joinedMs = Number.NEGATIVE_INFINITY
    }
    const byNeighbor = new Map<MulticastNeighbor, number[]>()
    let left = isJoining ? JOINING_AT_ONCE : AT_ONCE
    for (const number of this.#missing(nowMs)) {
      if (left === 0) break
      if (!this.#isDue(number, isJoining, nowMs)) continue
      const neighbor = this.#whom(number, isJoining, nowMs)
      if (neighbor === undefined) continue
      this.#note(number, neighbor, nowMs)
      left -= 1
      const numbers = byNeighbor.get(neighbor)
      if (numbers === undefined) byNeighbor.set(neighbor, [number])
      else numbers.push(number)
    }
    for (const [{ peer }, numbers] of byNeighbor) this.#pull(peer, numbers)
  }

  #pull(to: string, numbers: number[]): void {
    numbers.sort((a, b) => a - b)
    for (let at = 0; at < numbers.length; at += MAX_PULLED_FRAGMENTS)
      this.#emit({ type: 'sendPull', to, numbers: numbers.slice(at, at + MAX_PULLED_FRAGMENTS) })
  }

  /** What is not here, the oldest first; but last what is late. */
  *#missing(nowMs: number): Generator<number> {
    const { store } = this.#state
    let inTime = store.base + 1
    while (inTime <= store.known && nowMs - store.knownAtMs(inTime) > LATE_MS) inTime += 1
    for (let number = inTime; number <= store.known; number++) if (!store.has(number)) yield number
    for (let number = store.base + 1; number < inTime; number++) if (!store.has(number)) yield number
  }

  /** Is there nobody with uplink to spare? Then what came before this member is not fetched: it begins at the live edge (rule M8). */
  #isHopeless(nowMs: number): boolean {
    const { start = 0, base } = this.#state.store
    const hasFirst = base >= Math.min(start + FIRST_FRAGMENTS - 1, this.#backlogEnd)
    return !hasFirst && nowMs - this.#joinedMs > HOPE_MS
  }

  #isDue(number: number, isJoining: boolean, nowMs: number): boolean {
    const { store, parameters } = this.#state
    const pull = this.#pulls.get(number)
    if (pull?.of !== undefined) {
      if (nowMs - pull.atMs < pull.retryMs) return false
      const { of } = pull
      of.giveUp(number)
      pull.late = [...pull.late.filter(each => each !== of), of]
      pull.of = undefined
      return true
    }
    if (pull !== undefined) return true
    const knownMs = nowMs - store.knownAtMs(number)
    if (this.#parents.isComing(number, nowMs)) return knownMs >= DUE_MS
    const isBacklog = isJoining && number <= this.#backlogEnd && this.#mayFetch(number)
    return isBacklog || knownMs >= 1_000 * parameters.multicastFetchPeriod
  }

  /** What comes behind the first keyframe waits for that: without it nothing can be seen. */
  #mayFetch(number: number): boolean {
    const { start = number, base } = this.#state.store
    return number < start + FIRST_FRAGMENTS || base >= start + FIRST_FRAGMENTS - 1
  }

  /** Who has it, and will have sent it soonest. Who was late with it is asked again when nobody else can be asked now, and then who was so longest ago. */
  #whom(number: number, isJoining: boolean, nowMs: number): MulticastNeighbor | undefined {
    const pull = this.#pulls.get(number)
    const most = isJoining ? JOINING_AT_ONE : AT_ONE
    let [best, bestMs]: [MulticastNeighbor | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
    const mayBeAsked = (neighbor: MulticastNeighbor): boolean => {
      if (neighbor.asked.size >= most || nowMs < neighbor.busyUntilMs) return false
      if (!neighbor.has(number) && !this.#isLikelyAt(neighbor, number, pull?.guesses ?? [], nowMs))
        return false
      return pull?.deniers.includes(neighbor) !== true
    }
    for (const neighbor of this.#state.neighbors.values()) {
      if (pull?.late.includes(neighbor) === true || !mayBeAsked(neighbor)) continue
      const takesMs = this.#takesMs(neighbor, nowMs)
      if (takesMs < bestMs) [best, bestMs] = [neighbor, takesMs]
    }
    return (
      best ??
      pull?.late.find(
        neighbor => this.#state.neighbors.get(neighbor.peer) === neighbor && mayBeAsked(neighbor)
      )
    )
  }

  /**
   * Is it beyond what the neighbor's map tells of, and old enough to be there by now? Never what no verified fragment proves, nor of whom this member gets the stripe, and would have been pushed it, or of who
   * gets it from here.
   */
  #isLikelyAt(
    neighbor: MulticastNeighbor,
    number: number,
    guesses: readonly MulticastNeighbor[],
    nowMs: number
  ): boolean {
    const { store, stripes, digest } = this.#state
    const stripe = number % stripes
    const isKin = ((neighbor.parentMask | neighbor.childMask) & (1 << stripe)) !== 0
    if (isKin || number > store.highest || number <= neighbor.highest) return false
    if (guesses.length >= MAX_DENIERS || guesses.includes(neighbor)) return false
    if (neighbor.paths[stripe]?.includes(digest) === true) return false
    const delayMs = neighbor.delaysMs[stripe] as number
    return nowMs - store.knownAtMs(number) >= delayMs + LIKELY_AFTER_MS
  }

  /** What pushes leave sends what is asked for, one after the other. */
  #takesMs({ peer, rttMs, queueMs, asked, uplinkKbps, free }: MulticastNeighbor, nowMs: number): number {
    const { rate, stripes } = this.#state
    const spareKbps = SPARE * Math.max(uplinkKbps, 100) + (free * rate.kbps(nowMs)) / stripes
    const eachMs = Math.min((8 * rate.meanBytes) / spareKbps, MAX_EACH_MS)
    return rttMs + queueMs + eachMs * (asked.size + 1) + (peer === this.#publisher ? PUBLISHER_MS : 0)
  }

  #note(number: number, neighbor: MulticastNeighbor, nowMs: number): void {
    const isFirst = number < (this.#state.store.start ?? number) + FIRST_FRAGMENTS
    const retryMs = isFirst
      ? HURRY_MS + neighbor.rttMs
      : Math.max(RETRY_MS, RETRY_FACTOR * this.#takesMs(neighbor, nowMs))
    const pull = this.#pulls.get(number)
    if (pull === undefined)
      this.#pulls.set(number, { of: neighbor, atMs: nowMs, retryMs, late: [], deniers: [], guesses: [] })
    else Object.assign(pull, { of: neighbor, atMs: nowMs, retryMs })
    neighbor.asked.set(number, nowMs)
  }
}
