import type { EmitReplication } from './replication-engine.ts'
import type { ReplicationNeighbor } from './replication-neighbor.ts'
import { ToldSet } from './told-set.ts'

/** How long a change waits for others to go with it, in ms: an object that has come, and the word that one has it now. Guess: time to verify it. */
const GATHER_MS = 20

/**
 * Least time between two tellings, in ms, whatever neighbors ask. Measured (bench/swarm/swarming.ts, 40 leechers, three seeds): with 100 ms the last one has all
 * at 1.17 times the bound, with 250 at 1.18, 500 at 1.20, 1,000 at 1.23.
 */
const TELL_MS = 250

/** What neighbors are told of the own sets, and when. */
export class Telling {
  readonly have: ToldSet = new ToldSet()
  readonly want: ToldSet = new ToldSet()
  readonly #emit: EmitReplication
  readonly #isFetching: () => boolean
  /** Does it know all of the own set that was told? Who wants nothing need not: it is told the whole once it does. */
  readonly #isUpToDate = new Map<ReplicationNeighbor, boolean>()
  /** Who is to be told the whole. */
  readonly #owed = new Set<ReplicationNeighbor>()
  /** Was anything told as wanted since it was last told that nothing is? */
  #hasWanted = false
  #toldAtMs = Number.NEGATIVE_INFINITY
  #dueMs = Number.POSITIVE_INFINITY

  /** @param isFetching is anything wanted here? */
  constructor(emit: EmitReplication, isFetching: () => boolean) {
    this.#emit = emit
    this.#isFetching = isFetching
  }

  /** A new neighbor is told all, at once. @param asks it is to tell all too, though it may have */
  onLinkUp(neighbor: ReplicationNeighbor, asks: boolean): void {
    this.#isUpToDate.set(neighbor, true)
    if (asks || !this.have.told.isEmpty)
      this.#emit({ type: 'sendHave', to: neighbor.peer, change: this.have.whole(), asks })
    if (!this.want.told.isEmpty)
      this.#emit({ type: 'sendWant', to: neighbor.peer, change: this.want.whole() })
  }

  onLinkDown(neighbor: ReplicationNeighbor): void {
    this.#isUpToDate.delete(neighbor)
    this.#owed.delete(neighbor)
  }

  /** It has just begun to listen: what it was told before is lost. */
  onAsked(neighbor: ReplicationNeighbor): void {
    this.#owed.add(neighbor)
  }

  /** What it wants has changed. */
  onWant(neighbor: ReplicationNeighbor): void {
    if (!neighbor.want.isEmpty && this.#isUpToDate.get(neighbor) === false) this.#owed.add(neighbor)
  }

  /** Tells everybody all, now. */
  tellAll(): void {
    for (const neighbor of this.#isUpToDate.keys()) this.#owed.add(neighbor)
    this.#dueMs = Number.NEGATIVE_INFINITY
    this.flush(this.#toldAtMs)
  }

  /** When {@link flush} is due; Infinity when there is nothing to tell. */
  dueMs(nowMs: number): number {
    const hasNews = this.have.hasChanged || this.want.hasChanged || this.#owed.size > 0
    if (hasNews && this.#dueMs === Number.POSITIVE_INFINITY)
      this.#dueMs = Math.max(nowMs + GATHER_MS, this.#toldAtMs + TELL_MS)
    return this.#dueMs
  }

  /** Tells what has changed, when it is due. What is had is no longer wanted, which need not be said; that nothing is wanted any more is. */
  flush(nowMs: number): void {
    if (nowMs < this.#dueMs) return
    this.#dueMs = Number.POSITIVE_INFINITY
    this.#toldAtMs = nowMs
    this.want.leaveUnsaid(this.have.news)
    const isOver = this.#hasWanted && this.want.told.isEmpty
    this.#hasWanted = !this.want.told.isEmpty
    this.#tellHave()
    this.#tellWant(isOver)
    this.#owed.clear()
  }

  #tellHave(): void {
    const change = this.have.hasChanged ? this.have.takeChange() : undefined
    for (const [neighbor, isUpToDate] of this.#isUpToDate) {
      const to = neighbor.peer
      if (this.#owed.has(neighbor)) {
        this.#emit({ type: 'sendHave', to, change: this.have.whole(), asks: false })
        this.#isUpToDate.set(neighbor, true)
      } else if (change !== undefined && !this.#needsToKnow(neighbor)) this.#isUpToDate.set(neighbor, false)
      else if (change !== undefined && isUpToDate) this.#emit({ type: 'sendHave', to, change, asks: false })
    }
  }

  /** Who wants something; and who may be asked for something, since a source spares what others have. */
  #needsToKnow({ want, have }: ReplicationNeighbor): boolean {
    return !want.isEmpty || (!have.isEmpty && this.#isFetching())
  }

  #tellWant(isOver: boolean): void {
    const change = this.want.hasChanged || isOver ? this.want.takeChange() : undefined
    for (const neighbor of this.#isUpToDate.keys()) {
      const to = neighbor.peer
      if (this.#owed.has(neighbor)) this.#emit({ type: 'sendWant', to, change: this.want.whole() })
      else if (change !== undefined)
        this.#emit({ type: 'sendWant', to, change: isOver ? this.want.whole() : change })
    }
  }
}
