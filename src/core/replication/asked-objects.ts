import type { ReplicationNeighbor } from './replication-neighbor.ts'

/** At how many neighbors one object is asked for. Guess: what one more costs, where cancels come too late, is at most 20 objects. */
const MAX_SOURCES = 3

/**
 * The last objects are asked for elsewhere too only once they have waited longer than requests do in the mean: most come by themselves meanwhile. Measured
 * (bench/swarm/swarming.ts, 100 leechers, 200 objects): at once 6.4 % of all objects come twice and the last leecher has all at 1.35 times the bound; after the
 * mean 3.7 % and 1.34, after twice that 1.6 % and 1.39.
 */
const LAST_TIMES = 1

/** A request is late when it is older than this, and than so many times what others took. Guess. */
const LATE_MS = 10_000
const LATE_TIMES = 4

/** Of so many of the oldest requests one is looked for that can be made elsewhere: what a look may cost. Guess. */
const LATE_LOOKS = 16

/** Objects that were asked for and have not come, and whom they were asked of. */
export class AskedObjects {
  /** What was first asked for first, first. */
  readonly #sources = new Map<number, ReplicationNeighbor[]>()
  /** What a request takes; the mean with gain 1/8, as round trip times are. The first value is a guess. */
  #meanWaitMs = 1_000

  /** One source more. @returns is it the first? */
  add(index: number, source: ReplicationNeighbor): boolean {
    const sources = this.#sources.get(index)
    if (sources === undefined) this.#sources.set(index, [source])
    else sources.push(source)
    return sources === undefined
  }

  /** One source less. @returns was it the last? */
  remove(index: number, source: ReplicationNeighbor): boolean {
    const sources = (this.#sources.get(index) ?? []).filter(other => other !== source)
    if (sources.length > 0) this.#sources.set(index, sources)
    else this.#sources.delete(index)
    return sources.length === 0
  }

  /** Takes it out. @returns its sources */
  take(index: number): readonly ReplicationNeighbor[] {
    const sources = this.#sources.get(index) ?? []
    this.#sources.delete(index)
    return sources
  }

  within(start: number, end: number): number[] {
    return [...this.#sources.keys()].filter(index => index >= start && index <= end)
  }

  /** So long a request has taken. */
  onWait(waitMs: number): void {
    this.#meanWaitMs += (waitMs - this.#meanWaitMs) / 8
  }

  /** Of those that are late the one asked for first, if this neighbor can be one source more. */
  late(neighbor: ReplicationNeighbor, nowMs: number): number | undefined {
    const lateMs = Math.max(LATE_MS, LATE_TIMES * this.#meanWaitMs)
    let looks = 0
    for (const [index, sources] of this.#sources) {
      if (ageOf(index, sources[0], nowMs) < lateMs || looks >= LATE_LOOKS) return undefined
      if (isSource(neighbor, index, sources, nowMs)) return index
      looks += 1
    }
    return undefined
  }

  /** One for which this neighbor can be one source more: at random, of those with the fewest. To be asked when few are left. */
  last(neighbor: ReplicationNeighbor, random: () => number, nowMs: number): number | undefined {
    const all = [...this.#sources].filter(
      ([index, sources]) =>
        ageOf(index, sources.at(-1), nowMs) >= LAST_TIMES * this.#meanWaitMs &&
        isSource(neighbor, index, sources, nowMs)
    )
    const fewest = Math.min(...all.map(([, sources]) => sources.length))
    const candidates = all.filter(([, sources]) => sources.length === fewest)
    return candidates[Math.floor(random() * candidates.length)]?.[0]
  }
}

function ageOf(index: number, source: ReplicationNeighbor | undefined, nowMs: number): number {
  return nowMs - (source?.requests.get(index) ?? nowMs)
}

/** Can it be one source more? */
function isSource(
  neighbor: ReplicationNeighbor,
  index: number,
  sources: readonly ReplicationNeighbor[],
  nowMs: number
): boolean {
  if (neighbor.isDoubted || sources.length >= MAX_SOURCES || sources.includes(neighbor)) return false
  return neighbor.have.has(index) && !neighbor.isAside(index, nowMs)
}
