import { AskedObjects } from './asked-objects.ts'
import { GiverMemory } from './giver-memory.ts'
import { chooseObject } from './object-choice.ts'
import { RangeSet } from './range-set.ts'
import type {
  DenialReason,
  EmitReplication,
  FetchFailure,
  ReplicationStrategy,
  SetChange
} from './replication-engine.ts'
import type { ReplicationNeighbor } from './replication-neighbor.ts'

/** When so few are wanted they are asked for more than once (rule S3). */
const ENDGAME_OBJECTS = 20

/** A neighbor that says nothing of objects for this long has lost what was asked of it: three times the interval of its signs of life. */
const SILENCE_MS = 15_000

/** A request is given up after this, whatever the neighbor says. Guess: 48 requesters' objects of 64 KiB take 50 s at 512 kbit/s. */
const REQUEST_LIFETIME_MS = 120_000

/** A neighbor whose object was wanted again is set aside for it (docs/PROTOCOL.md, section 12). */
const USELESS_ASIDE_MS = 60_000

/** What is wanted, whom it was asked of, and what comes next. */
export class Fetching {
  readonly #neighbors: ReadonlyMap<string, ReplicationNeighbor>
  readonly #emit: EmitReplication
  readonly #random: () => number
  readonly #givers = new GiverMemory()
  readonly #want = new RangeSet()
  /** Wanted, and asked for nowhere. */
  readonly #open = new RangeSet()
  readonly #asked = new AskedObjects()
  #tickedAtMs = 0
  #hasFetched = false
  strategy: ReplicationStrategy = 'rarestFirst'
  /** Requests that may still be made. */
  allowed: number = Number.POSITIVE_INFINITY

  constructor(
    neighbors: ReadonlyMap<string, ReplicationNeighbor>,
    emit: EmitReplication,
    random: () => number
  ) {
    this.#neighbors = neighbors
    this.#emit = emit
    this.#random = random
  }

  /** Is it waiting for anything? */
  get isBusy(): boolean {
    return !this.#want.isEmpty
  }

  /** Has anything come from others? */
  get hasFetched(): boolean {
    return this.#hasFetched
  }

  wants(index: number): boolean {
    return this.#want.has(index)
  }

  /** How much is kept now, for tests of the bounds. */
  get kept(): Readonly<Record<'results' | 'useless', number>> {
    return this.#givers.kept
  }

  addWant(start: number, end: number, nowMs: number): void {
    for (const [index, peer] of this.#givers.blame(start, end)) {
      const giver = this.#neighbors.get(peer)
      giver?.setAside(index, nowMs + USELESS_ASIDE_MS)
      if (giver !== undefined) giver.isDoubted = this.#givers.isDoubted(peer)
    }
    const fresh = RangeSet.of([start, end]).minus(this.#want)
    this.#want.add(start, end)
    this.#open.addAll(fresh)
    for (const neighbor of this.#neighbors.values())
      this.#offer(neighbor, fresh.intersect(neighbor.have), nowMs)
    this.pumpAll(nowMs)
  }

  removeWant(start: number, end: number, nowMs: number): void {
    this.#want.remove(start, end)
    this.#open.remove(start, end)
    for (const neighbor of this.#neighbors.values()) neighbor.available.remove(start, end)
    for (const index of this.#asked.within(start, end)) this.#cancel(index, this.#asked.take(index))
    this.pumpAll(nowMs)
  }

  /** Whoever gave these gave what was good. */
  excuse(start: number, end: number): void {
    this.#givers.forget(start, end)
  }

  onLinkUp(neighbor: ReplicationNeighbor): void {
    neighbor.isDoubted = this.#givers.isDoubted(neighbor.peer)
  }

  /** Is no longer among the neighbors: all that was asked of it has failed. */
  onLinkDown(neighbor: ReplicationNeighbor, nowMs: number): void {
    for (const index of [...neighbor.requests.keys()]) this.#fail(neighbor, index, 'lost', nowMs)
    this.pumpAll(nowMs)
  }

  /** What it has, has changed, as its set says already. @param change how; undefined: it is another one altogether */
  onHave(neighbor: ReplicationNeighbor, change: SetChange | undefined, nowMs: number): void {
    if (change === undefined) neighbor.available.clear()
    else neighbor.available.removeAll(change.removed)
    this.#offer(neighbor, (change?.added ?? neighbor.have).intersect(this.#open), nowMs)
    this.pump(neighbor, nowMs)
  }

  onObject(
    neighbor: ReplicationNeighbor,
    index: number,
    bytes: Uint8Array,
    waiting: number,
    nowMs: number
  ): void {
    const isOverdue = neighbor.overdue.delete(index)
    const askedAtMs = neighbor.requests.get(index)
    if (askedAtMs === undefined && !isOverdue) return
    neighbor.requests.delete(index)
    if (askedAtMs !== undefined) this.#asked.onWait(nowMs - askedAtMs)
    neighbor.onObject(index, waiting, nowMs)
    const others = this.#want.has(index) ? this.#onResult(neighbor, index, bytes) : []
    if (this.#want.count <= ENDGAME_OBJECTS) this.pumpAll(nowMs)
    else for (const free of [neighbor, ...others]) this.pump(free, nowMs)
  }

  /** @param instead what it would rather send */
  onDenial(
    neighbor: ReplicationNeighbor,
    index: number,
    reason: DenialReason | 'broken',
    nowMs: number,
    instead?: number
  ): void {
    neighbor.overdue.delete(index)
    if (!neighbor.requests.has(index)) return
    if (reason === 'elsewhere') neighbor.onElsewhere(index, nowMs)
    else neighbor.onDenial(index, nowMs)
    if (reason === 'absent') {
      neighbor.have.remove(index, index)
      neighbor.available.remove(index, index)
    }
    this.#fail(neighbor, index, reason, nowMs)
    if (instead !== undefined && this.#canTake(neighbor, instead)) {
      neighbor.onInstead()
      this.#ask(neighbor, instead, nowMs)
    }
    this.pumpAll(nowMs)
  }

  /** May what it would rather send be asked of it? Who reads along chooses himself. */
  #canTake(neighbor: ReplicationNeighbor, instead: number): boolean {
    return this.allowed > 0 && this.strategy === 'rarestFirst' && neighbor.available.has(instead)
  }

  /** Once a second while {@link isBusy}: what was asked for too long ago, what may be asked for again. */
  tick(nowMs: number): void {
    for (const neighbor of this.#neighbors.values()) {
      this.#giveUpLate(neighbor, nowMs)
      for (const index of neighbor.asideOver(this.#tickedAtMs, nowMs))
        if (this.#open.has(index) && neighbor.have.has(index)) neighbor.available.add(index, index)
    }
    this.#tickedAtMs = nowMs
    this.pumpAll(nowMs)
  }

  pumpAll(nowMs: number): void {
    for (const neighbor of this.#neighbors.values()) this.pump(neighbor, nowMs)
  }

  /** Asks this neighbor for as many objects as it may be asked for. */
  pump(neighbor: ReplicationNeighbor, nowMs: number): void {
    while (this.allowed > 0 && neighbor.hasRoom(nowMs)) {
      const index = this.#choose(neighbor, nowMs)
      if (index === undefined) return
      this.#ask(neighbor, index, nowMs)
    }
  }

  #choose(neighbor: ReplicationNeighbor, nowMs: number): number | undefined {
    const { strategy } = this
    // Who reads along waits for the lowest one.
    const late = strategy === 'lowestFirst' ? this.#asked.late(neighbor, nowMs) : undefined
    const chosen = late ?? chooseObject(neighbor, this.#neighbors.values(), strategy, this.#random)
    if (chosen !== undefined) return chosen
    return this.#want.count <= ENDGAME_OBJECTS
      ? this.#asked.last(neighbor, this.#random, nowMs)
      : this.#asked.late(neighbor, nowMs)
  }

  #ask(neighbor: ReplicationNeighbor, index: number, nowMs: number): void {
    this.allowed -= 1
    this.#emit({ type: 'sendNotify', index })
    this.#emit({ type: 'sendRequest', to: neighbor.peer, index })
    // Nothing was asked of it: its silence counts from now.
    if (neighbor.requests.size === 0) neighbor.heardAtMs = nowMs
    neighbor.requests.set(index, nowMs)
    neighbor.overdue.delete(index)
    if (!this.#asked.add(index, neighbor)) return
    this.#open.remove(index, index)
    for (const other of this.#neighbors.values()) other.available.remove(index, index)
  }

  /** It is wanted no longer. @returns the others that it was asked of */
  #onResult(giver: ReplicationNeighbor, index: number, bytes: Uint8Array): ReplicationNeighbor[] {
    this.#hasFetched = true
    this.#want.remove(index, index)
    this.#open.remove(index, index)
    for (const neighbor of this.#neighbors.values()) neighbor.available.remove(index, index)
    const others = this.#asked.take(index).filter(source => source !== giver)
    this.#cancel(index, others)
    this.#givers.remember(index, giver.peer)
    this.#emit({ type: 'result', index, bytes, from: giver.peer })
    return others
  }

  /** These need not send it any more. */
  #cancel(index: number, sources: readonly ReplicationNeighbor[]): void {
    for (const source of sources) {
      source.requests.delete(index)
      this.#emit({ type: 'sendCancel', to: source.peer, index })
    }
  }

  #giveUpLate(neighbor: ReplicationNeighbor, nowMs: number): void {
    const isSilent = nowMs - neighbor.heardAtMs >= SILENCE_MS
    let isResting = false
    for (const [index, askedAtMs] of [...neighbor.requests]) {
      if (!isSilent && nowMs - askedAtMs < REQUEST_LIFETIME_MS) continue
      if (!isResting) neighbor.rest(nowMs)
      isResting = true
      this.#emit({ type: 'sendCancel', to: neighbor.peer, index })
      neighbor.giveUp(index)
      this.#fail(neighbor, index, 'timeout', nowMs)
    }
  }

  /** A request came to nothing. Unless it was made elsewhere too, the object may be asked for by all again. */
  #fail(neighbor: ReplicationNeighbor, index: number, reason: FetchFailure, nowMs: number): void {
    neighbor.requests.delete(index)
    if (this.#asked.remove(index, neighbor)) {
      this.#open.add(index, index)
      for (const other of this.#neighbors.values())
        if (other.have.has(index) && !other.isAside(index, nowMs)) other.available.add(index, index)
    }
    this.#emit({ type: 'failed', index, reason })
  }

  /** These it has, and they are open: what of them is not set aside may be asked of it. */
  #offer(neighbor: ReplicationNeighbor, ranges: RangeSet, nowMs: number): void {
    if (ranges.isEmpty) return
    neighbor.available.addAll(ranges)
    for (const index of neighbor.asideNow(nowMs)) neighbor.available.remove(index, index)
  }
}
